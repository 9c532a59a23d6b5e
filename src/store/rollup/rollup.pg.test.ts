import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../kernel/clock.ts';
import type { AttemptEnd, AttemptStart } from '../../protocol/attempt-record.ts';
import { JournalWriter } from '../journal/journal-writer.ts';
import { listSegments, segmentPath } from '../journal/segment-files.ts';
import type { Store } from '../store.ts';
import {
  checkpointRecord,
  collectedLog,
  endRecord,
  openScratchStore,
  scratchDirectory,
  startRecord,
} from '../testing/scratch.ts';
import { recountedHours, summedHours } from '../testing/usage-recount.ts';

const HOUR_MS = 3_600_000;
const thisHour = systemClock.now() - (systemClock.now() % HOUR_MS);

async function expectExact(store: Store, attempts: number): Promise<void> {
  const summed = await summedHours(store.pool);
  expect(summed).toEqual(await recountedHours(store.pool));
  const all = summed.filter((row) => row['kind'] === 'all');
  expect(all.reduce((sum, row) => sum + Number(row['attempts']), 0)).toBe(attempts);
}

/** Appends as a process would that is killed right after: nothing is stopped or flushed. */
async function appendAndDie(dataDir: string, append: (writer: JournalWriter) => void): Promise<void> {
  const directory = join(dataDir, 'journal');
  append(await JournalWriter.open({ directory, clock: systemClock, log: collectedLog() }));
}

test('an hour is summed up for all, and for each name that its attempts carry, with unknown left unknown', async () => {
  await using scratch = await scratchDirectory();
  const store = await openScratchStore(scratch.path);
  const at = (offsetMs: number) => ({ callStartedAt: thisHour + offsetMs, startedAt: thisHour + offsetMs });
  const calls: [Partial<AttemptStart>, Partial<AttemptEnd>][] = [
    [
      { ...at(0), task: 't1', tags: ['a', 'b', 'a'], endUser: 'ann' },
      { chargeNanoUsd: '1500', overrun: true },
    ],
    [
      { ...at(HOUR_MS - 1), task: 't1' },
      { costNanoUsd: '9007199254740993', firstTokenMs: 2.5, totalMs: 7.4 },
    ],
    [at(1), { outcome: 'failed', last: false }],
    [at(HOUR_MS), { usageSource: 'estimated' }],
  ];
  for (const [given, ended] of calls) {
    const start = startRecord(given);
    store.journal.append(start);
    if (ended.outcome !== 'failed') store.journal.append(endRecord(start, ended));
    else {
      const { usage, usageSource, costNanoUsd, ...end } = endRecord(start, ended);
      store.journal.append(end);
    }
  }
  const unpriced = startRecord({ ...at(2), provider: 'other' });
  const { costNanoUsd, usage, ...end } = endRecord(unpriced);
  store.journal.append(unpriced);
  store.journal.append(end);
  await store.journal.flush();
  await expectExact(store, 5);
  const { rows } = await store.pool.query(
    `select kind, value, extract(epoch from hour)::float8 * 1000 as hour, provider, calls::int, attempts::int,
       errors::int, calls_without_cost::int as without, estimated::int, overruns::int, input_tokens::int as input,
       cost_nano_usd::text as cost, charge_nano_usd::text as charge, total_ms::int, first_token_ms::int as first
     from usage_hours where kind = 'all' or value <> '' order by kind, value, hour, provider`,
  );
  const none = { errors: 0, without: 0, estimated: 0, overruns: 0, charge: null, first: 0 };
  const one = {
    ...none,
    hour: thisHour,
    provider: 'sim',
    calls: 1,
    attempts: 1,
    input: 10,
    cost: '1500',
    total_ms: 12,
  };
  const named = { ...one, overruns: 1, charge: '1500' };
  const dear = { calls: 2, attempts: 2, input: 20, cost: '9007199254742493', total_ms: 19, first: 3 };
  expect(rows).toEqual([
    { ...one, kind: 'all', value: '', provider: 'other', input: null, cost: null, without: 1 },
    { ...named, ...dear, kind: 'all', value: '', attempts: 3, errors: 1, total_ms: 31 },
    { ...one, kind: 'all', value: '', hour: thisHour + HOUR_MS, estimated: 1 },
    { ...named, kind: 'end_user', value: 'ann' },
    { ...named, kind: 'tag', value: 'a' },
    { ...named, kind: 'tag', value: 'b' },
    { ...named, ...dear, kind: 'task', value: 't1' },
  ]);
  await store.close();
});

test('each attempt is counted once: late ends, interruptions, checkpoints, ends that came twice, and a replay of it all', async () => {
  await using scratch = await scratchDirectory();
  const first = await openScratchStore(scratch.path);
  const journal = join(scratch.path, 'journal');
  const names = { task: 'task "1", {x}', tags: ['ü', '\u{1f600}'], endUser: 'nul \u0000 half \ud800' };
  const [late, lost, twice] = [startRecord(names), startRecord({ ...names, route: 'r' }), startRecord()];
  for (const start of [late, lost, twice]) first.journal.append(start);
  await first.journal.flush();
  await expectExact(first, 0);
  first.journal.append(endRecord(late, { outcome: 'truncated' }));
  first.journal.append(endRecord(twice));
  await first.journal.flush();
  first.journal.append(endRecord(twice, { outcome: 'failed', costNanoUsd: '5' }));
  first.journal.append(checkpointRecord(lost, { outputTokens: 5 }));
  await first.journal.flush();
  await expectExact(first, 2);
  const [segment = 0] = listSegments(journal);
  mkdirSync(join(scratch.path, 'copy'));
  copyFileSync(segmentPath(journal, segment), join(scratch.path, 'copy/segment'));
  await first.pool.query('delete from journal_cursor');
  await first.close();
  copyFileSync(join(scratch.path, 'copy/segment'), segmentPath(journal, segment));

  const [ended, open] = [startRecord(names), startRecord()];
  await appendAndDie(scratch.path, (writer) => {
    for (const start of [ended, open, ended]) writer.append(start);
    writer.append(endRecord(ended, { chargeNanoUsd: '3' }));
    writer.append(ended);
    writer.append(endRecord(ended, { chargeNanoUsd: '4', endedAt: ended.startedAt + 99 }));
    writer.append(endRecord(late));
  });
  const store = await openScratchStore(scratch.path);
  await store.journal.flush();
  await expectExact(store, 5);
  const { rows } = await store.pool.query(
    `select sum(errors)::int as errors, sum(estimated)::int as estimated, sum(charge_nano_usd)::int as charge
     from usage_hours where kind = 'all'`,
  );
  // Truncated, lost and open; of these, the lost one told how far it was.
  expect(rows).toEqual([{ errors: 3, estimated: 1, charge: 10 }]);
  await store.close();
});

test('a record that Postgres can never take is counted as little as it is kept, and its neighbours are', async () => {
  await using scratch = await scratchDirectory();
  const store = await openScratchStore(scratch.path);
  await store.close();
  const far = startRecord({ callStartedAt: -8.6e15 });
  await appendAndDie(scratch.path, (writer) => {
    for (const start of [startRecord(), far, startRecord({ task: 't' })]) {
      writer.append(start);
      writer.append(endRecord(start));
    }
  });
  const again = await openScratchStore(scratch.path);
  await again.journal.flush();
  expect(again.journal.lag().rejected).toBe(1);
  await expectExact(again, 2);
  await again.close();
});
