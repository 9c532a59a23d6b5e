import { closeSync, copyFileSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../kernel/clock.ts';
import type { AttemptStart } from '../../protocol/attempt-record.ts';
import { callById } from '../attempt-queries.ts';
import type { Store } from '../store.ts';
import {
  checkpointRecord,
  collectedLog,
  endRecord,
  openScratchStore,
  scratchDirectory,
  startRecord,
} from '../testing/scratch.ts';
import { encodeFrame } from './frame.ts';
import { JournalWriter } from './journal-writer.ts';
import { listSegments, segmentPath } from './segment-files.ts';

async function outcomes(store: Store): Promise<Record<string, bigint>> {
  const { rows } = await store.pool.query(
    `select coalesce(outcome, 'running') as outcome, count(*) from attempts group by 1`,
  );
  return Object.fromEntries(rows.map((row) => [row['outcome'], row['count']]));
}

/** Appends as a process would that is killed right after: nothing is stopped or flushed. */
async function appendAndDie(dataDir: string, append: (writer: JournalWriter) => void): Promise<void> {
  const writer = await JournalWriter.open({
    directory: join(dataDir, 'journal'),
    clock: systemClock,
    log: collectedLog(),
  });
  append(writer);
}

test('each field of a start and its end is in the row, whatever its text holds', async () => {
  await using scratch = await scratchDirectory();
  const store = await openScratchStore(scratch.path);
  const text = 'quote " backslash \\ comma , brace { } null NULL line \n tab \t grin \u{1f600}';
  const start: Required<AttemptStart> = {
    ...startRecord(),
    parentKeyId: 'key_parent',
    endUser: text,
    task: 'task_1',
    tags: [text, '', 'NULL'],
    metadata: { [text]: text },
    credential: 'primary',
    traceId: '0af7651916cd43dd8448eb211c80319c',
    clientRequestId: text,
  };
  const end = endRecord(start, {
    outcome: 'failed',
    status: 503,
    clientStatus: 502,
    errorCode: 'upstream_error',
    errorMessage: text,
    finishReason: 'stop',
    usage: {
      inputTokens: 1,
      cachedInputTokens: 0,
      outputTokens: 2,
      reasoningTokens: 3,
      cacheWriteTokens: 4,
      cacheWrite1hTokens: 5,
      serviceTier: 'flex \u0000 \ud800',
      quantities: { 'images:1024x1024:high': 2 },
    },
    costNanoUsd: '9007199254740993',
    chargeNanoUsd: '9007199254740995',
    holdNanoUsd: '123456789012345678',
    overrun: false,
    firstTokenMs: 3.5,
    upstreamRequestId: 'req_1',
  });
  store.journal.append(start);
  store.journal.append(end);
  await store.journal.flush();
  const { rows } = await store.pool.query('select * from attempts');
  expect(rows).toEqual([
    {
      call_started_at: new Date(start.callStartedAt),
      call_id: start.callId,
      attempt: 1,
      started_at: new Date(start.startedAt),
      organisation: 'org_default',
      project: 'proj_default',
      key_id: 'key_1',
      parent_key_id: 'key_parent',
      end_user: text,
      task: 'task_1',
      tags: [text, '', 'NULL'],
      metadata: { [text]: text },
      operation: 'chat',
      dialect: 'openai-chat',
      stream: true,
      model_asked: 'fast',
      route: 'default',
      route_reason: 'first of 1',
      provider: 'sim',
      model: 'fast',
      credential: 'primary',
      config_version: 'c0ffee',
      price_version: 'p1',
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      client_request_id: text,
      ended_at: new Date(end.endedAt),
      outcome: 'failed',
      last: true,
      status: 503,
      client_status: 502,
      error_code: 'upstream_error',
      error_message: text,
      finish_reason: 'stop',
      input_tokens: 1n,
      cached_input_tokens: 0n,
      output_tokens: 2n,
      reasoning_tokens: 3n,
      usage_source: 'provider',
      cost_nano_usd: 9007199254740993n,
      first_token_ms: 3.5,
      total_ms: 12,
      upstream_request_id: 'req_1',
      journal: store.journal.name,
      cache_write_tokens: 4n,
      usage_detail: {
        cacheWrite1hTokens: 5,
        serviceTier: 'flex \ufffd \ufffd',
        quantities: { 'images:1024x1024:high': 2 },
      },
      charge_nano_usd: 9007199254740995n,
      hold_nano_usd: 123456789012345678n,
      overrun: false,
    },
  ]);
  expect((await callById(store.database, start.callId))?.attempts[0]).toMatchObject({
    chargeNanoUsd: 9007199254740995n,
    holdNanoUsd: 123456789012345678n,
    overrun: false,
    usage: { ...end.usage, serviceTier: 'flex \ufffd \ufffd' },
  });
  await store.close();
});

test('an end that comes after its start became a running row completes that row, with what is unknown left null', async () => {
  await using scratch = await scratchDirectory();
  const store = await openScratchStore(scratch.path);
  const starts = Array.from({ length: 30 }, () => startRecord());
  for (const start of starts) store.journal.append(start);
  await store.journal.flush();
  expect(await outcomes(store)).toEqual({ running: 30n });
  for (const start of starts) {
    const { usage, costNanoUsd, usageSource, ...end } = endRecord(start, { outcome: 'cancelled' });
    store.journal.append(end);
  }
  expect(store.journal.lag()).toMatchObject({ records: 30, rejected: 0 });
  await store.journal.flush();
  expect(store.journal.lag()).toEqual({ records: 0, bytes: 0, oldestMs: 0, rejected: 0 });
  expect(await outcomes(store)).toEqual({ cancelled: 30n });
  const { rows } = await store.pool.query('select distinct input_tokens, cost_nano_usd, status from attempts');
  expect(rows).toEqual([{ input_tokens: null, cost_nano_usd: null, status: 200 }]);
  await store.close();
});

test('records reach Postgres by themselves, and segments that are applied are removed', async () => {
  await using scratch = await scratchDirectory();
  const store = await openScratchStore(scratch.path);
  const journal = join(scratch.path, 'journal');
  const metadata = { filler: 'x'.repeat(6_000) };
  for (let index = 0; index < 1_500; index++) {
    const start = startRecord({ metadata });
    while (!store.journal.canAdmit()) await new Promise((resolve) => setTimeout(resolve, 1));
    store.journal.append(start);
    store.journal.append(endRecord(start));
  }
  await expect.poll(() => store.journal.lag().records, { timeout: 10_000 }).toBe(0);
  expect(await outcomes(store)).toEqual({ ok: 1500n });
  await expect.poll(() => listSegments(journal)).not.toContain(1);
  await store.close();
});

test('what a dead process left is replayed to its end, and what it had running is interrupted', async () => {
  await using scratch = await scratchDirectory();
  const first = await openScratchStore(scratch.path);
  const longRunning = startRecord();
  first.journal.append(longRunning);
  await first.journal.flush();
  await first.close();

  const [ended, open] = [startRecord(), startRecord()];
  const lastInstant = ended.startedAt + 5_000;
  await appendAndDie(scratch.path, (writer) => {
    writer.append(ended);
    writer.append(open);
    writer.append(endRecord(ended, { endedAt: lastInstant }));
  });

  const store = await openScratchStore(scratch.path);
  const live = startRecord();
  store.journal.append(live);
  await store.journal.flush();
  expect(await outcomes(store)).toEqual({ interrupted: 2n, ok: 1n, running: 1n });
  for (const start of [longRunning, open]) {
    const call = await callById(store.database, start.callId);
    expect(call?.attempts[0]).toMatchObject({ outcome: 'interrupted' });
    expect(call?.attempts[0]).not.toHaveProperty('usage');
    expect(call?.attempts[0]).not.toHaveProperty('totalMs');
  }
  const { rows } = await store.pool.query('select ended_at from attempts where call_id = $1', [open.callId]);
  expect(rows).toEqual([{ ended_at: new Date(lastInstant) }]);
  await store.close();
});

test('how far attempts had come survives their process, estimated, and never an end', async () => {
  await using scratch = await scratchDirectory();
  const first = await openScratchStore(scratch.path);
  const [row, rowEnded] = [startRecord(), startRecord()];
  for (const start of [row, rowEnded]) first.journal.append(start);
  await first.journal.flush();
  first.journal.append(endRecord(rowEnded));
  await first.journal.flush();
  for (const start of [row, rowEnded]) first.journal.append(checkpointRecord(start, { outputTokens: 5 }));
  await first.journal.flush();
  expect((await callById(first.database, row.callId))?.attempts[0]).toMatchObject({ usage: { outputTokens: 5 } });
  await first.close();

  const [open, ended, silent] = [startRecord(), startRecord(), startRecord()];
  await appendAndDie(scratch.path, (writer) => {
    for (const start of [open, ended, silent]) writer.append(start);
    writer.append(checkpointRecord(row, { inputTokens: 2, outputTokens: 6, batch: true }));
    writer.append(checkpointRecord(open, { outputTokens: 7 }));
    writer.append(checkpointRecord(open, { inputTokens: 3, outputTokens: 8 }));
    writer.append(checkpointRecord(ended, { outputTokens: 9 }));
    writer.append(endRecord(ended, { outcome: 'cancelled' }));
    // Nobody knows the attempt it tells of.
    writer.append(checkpointRecord(startRecord(), { outputTokens: 1 }));
  });
  const store = await openScratchStore(scratch.path);
  await store.journal.flush();
  const attempt = async ({ callId }: AttemptStart) => (await callById(store.database, callId))?.attempts[0];
  const interrupted = { outcome: 'interrupted', usageSource: 'estimated', costNanoUsd: 7n };
  expect(await attempt(row)).toMatchObject({ ...interrupted, usage: { inputTokens: 2, outputTokens: 6, batch: true } });
  expect(await attempt(open)).toMatchObject({ ...interrupted, usage: { inputTokens: 3, outputTokens: 8 } });
  expect(await attempt(silent)).not.toHaveProperty('usage');
  const whole = { usage: { inputTokens: 10, outputTokens: 20 }, usageSource: 'provider', costNanoUsd: 1_500n };
  expect(await attempt(ended)).toMatchObject({ ...whole, outcome: 'cancelled' });
  expect(await attempt(rowEnded)).toMatchObject({ ...whole, outcome: 'ok' });
  expect(store.journal.lag().rejected).toBe(0);
  await store.close();
});

test('a journal replayed again from its beginning changes nothing', async () => {
  await using scratch = await scratchDirectory();
  const store = await openScratchStore(scratch.path);
  const journal = join(scratch.path, 'journal');
  for (let index = 0; index < 100; index++) {
    const start = startRecord();
    store.journal.append(start);
    if (index % 3 === 0) await store.journal.flush();
    store.journal.append(endRecord(start));
  }
  await store.journal.flush();
  const all = 'select * from attempts order by call_started_at, call_id, attempt';
  const before = await store.pool.query(all);
  const [segment = 0] = listSegments(journal);
  mkdirSync(join(scratch.path, 'copy'));
  copyFileSync(segmentPath(journal, segment), join(scratch.path, 'copy/segment'));
  await store.pool.query('delete from journal_cursor');
  await store.close();
  copyFileSync(join(scratch.path, 'copy/segment'), segmentPath(journal, segment));

  const again = await openScratchStore(scratch.path);
  await again.journal.flush();
  expect((await again.pool.query(all)).rows).toEqual(before.rows);
  expect(again.journal.lag().rejected).toBe(0);
  await again.close();
});

test('records that stand twice in the journal are one row with its first end, and their neighbours are whole', async () => {
  await using scratch = await scratchDirectory();
  const store = await openScratchStore(scratch.path);
  await store.close();
  const [twice, neighbour] = [startRecord(), startRecord()];
  await appendAndDie(scratch.path, (writer) => {
    writer.append(twice);
    writer.append(endRecord(twice));
    writer.append(neighbour);
    writer.append(twice);
    writer.append(endRecord(twice, { endedAt: twice.startedAt + 99, outcome: 'failed' }));
    writer.append(endRecord(neighbour));
    writer.append(twice);
  });
  const again = await openScratchStore(scratch.path);
  await again.journal.flush();
  expect(await outcomes(again)).toEqual({ ok: 2n });
  expect(again.journal.lag().rejected).toBe(0);
  await again.close();
});

test('records that cannot be read or applied are set aside and stop nobody', async () => {
  await using scratch = await scratchDirectory();
  const journal = join(scratch.path, 'journal');
  const log = collectedLog();
  const store = await openScratchStore(scratch.path, { log });
  const good = Array.from({ length: 20 }, () => startRecord({ endUser: 'nul \u0000 half \ud800' }));
  await store.close();
  await appendAndDie(scratch.path, (writer) => {
    for (const start of good) {
      writer.append(start);
      writer.append(endRecord(start));
    }
    // A start nobody knows, and one whose instant no partition and no timestamp can hold.
    writer.append(endRecord(startRecord()));
    writer.append(startRecord({ callStartedAt: -8.6e15 }));
    writer.append({ ...startRecord(), attempt: 1.5 });
    const { segment, offset } = writer.shared.head;
    const frame = Buffer.alloc(8_192);
    const length = encodeFrame(frame, 'no json', 9) ?? 0;
    const descriptor = openSync(segmentPath(journal, segment), 'r+');
    writeSync(descriptor, frame, 0, length, offset);
    // The torn end of a record whose write the kill cut short.
    writeSync(descriptor, frame, 0, length - 3, offset + length);
    closeSync(descriptor);
  });

  const again = await openScratchStore(scratch.path, { log });
  const start = startRecord();
  again.journal.append(start);
  again.journal.append(endRecord(start));
  await again.journal.flush();
  expect((await outcomes(again))['ok']).toBe(21n);
  const { rows } = await again.pool.query('select distinct end_user from attempts where end_user is not null');
  expect(rows).toEqual([{ end_user: 'nul \ufffd half \ufffd' }]);
  expect(again.journal.lag().rejected).toBe(5);
  const rejected = readFileSync(join(journal, 'rejected.log'), 'utf8').trim().split('\n');
  const reasons = rejected.map((line) => String(JSON.parse(line).reason));
  expect(reasons).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/JSON/),
      '17 bytes that are no record',
      'the end of an attempt whose start is not known',
      expect.stringMatching(/attempt is 1.5/),
      expect.stringMatching(/timestamp out of range/),
    ]),
  );
  expect(await outcomes(again)).toEqual({ ok: 21n });
  await again.close();
});
