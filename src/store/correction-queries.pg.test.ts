import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../kernel/clock.ts';
import { callById } from './attempt-queries.ts';
import { type CorrectionOrder, correctAttempt } from './correction-queries.ts';
import type { Store } from './store.ts';
import {
  endRecord,
  openScratchStore,
  type ScratchDirectory,
  scratchDirectory,
  startRecord,
} from './testing/scratch.ts';
import { recountedHours, summedHours } from './testing/usage-recount.ts';

let scratch: ScratchDirectory;
let store: Store;

beforeAll(async () => {
  scratch = await scratchDirectory();
  store = await openScratchStore(scratch.path);
});

afterAll(async () => {
  await store.close();
  await scratch[Symbol.asyncDispose]();
});

const order = (callId: string, given: Partial<CorrectionOrder> = {}): CorrectionOrder => ({
  statement: 'openai/2026-11',
  callId,
  attempt: 1,
  costNanoUsd: 2_000n,
  createdBy: 'admin',
  at: systemClock.now(),
  ...given,
});

const attemptOf = async (callId: string) => (await callById(store.database, callId))?.attempts[0];

async function expectExact(): Promise<void> {
  expect(await summedHours(store.pool)).toEqual(await recountedHours(store.pool));
}

test('a statement corrects an attempt and its hours once, whoever sends it how often at once', async () => {
  const start = startRecord({ task: 't', tags: ['a', 'b'] });
  store.journal.append(start);
  store.journal.append(endRecord(start, { usageSource: 'estimated', chargeNanoUsd: '1500' }));
  await store.journal.flush();
  const usage = { inputTokens: 12, cachedInputTokens: 3 };
  const results = await Promise.all(
    Array.from({ length: 5 }, () => correctAttempt(store.database, order(start.callId, { usage }))),
  );
  const corrected = { organisation: 'org_default', chargeNanoUsd: 2_000n };
  expect(results.filter(({ kind }) => kind === 'corrected')).toEqual([{ kind: 'corrected', ...corrected }]);
  expect(results.filter(({ kind }) => kind === 'again')).toHaveLength(4);
  expect(await attemptOf(start.callId)).toMatchObject({
    usage: { inputTokens: 12, cachedInputTokens: 3, outputTokens: 20 },
    usageSource: 'provider',
    costNanoUsd: 2_000n,
    chargeNanoUsd: 2_000n,
  });
  await expectExact();
  const { rows } = await store.pool.query('select * from corrections', []);
  expect(rows).toMatchObject([
    {
      source: 'reconciled',
      old_usage: { inputTokens: 10, outputTokens: 20 },
      new_usage: usage,
      old_usage_source: 'estimated',
      old_cost_nano_usd: 1_500n,
      new_cost_nano_usd: 2_000n,
    },
  ]);
  await expect(store.pool.query("update corrections set created_by = 'x'", [])).rejects.toThrow('only ever added to');
  const next = await correctAttempt(store.database, order(start.callId, { statement: 'next', costNanoUsd: 1n }));
  expect(next).toMatchObject({ kind: 'corrected', chargeNanoUsd: 1n });
  await expectExact();
});

test('what was unknown becomes known, and a charge that did not follow the cost stays', async () => {
  const [lost, loser] = [startRecord(), startRecord({ tags: ['x'] })];
  const { usage, usageSource, costNanoUsd, ...end } = endRecord(lost, { outcome: 'interrupted' });
  store.journal.append(lost);
  store.journal.append(end);
  store.journal.append(loser);
  store.journal.append(endRecord(loser, { outcome: 'failed', chargeNanoUsd: '0' }));
  await store.journal.flush();
  const found = await correctAttempt(store.database, order(lost.callId, { usage: { outputTokens: 7 } }));
  expect(found).toMatchObject({ kind: 'corrected', chargeNanoUsd: 2_000n });
  expect(await attemptOf(lost.callId)).toMatchObject({ usage: { outputTokens: 7 }, outcome: 'interrupted' });
  expect(await correctAttempt(store.database, order(loser.callId))).toMatchObject({ chargeNanoUsd: 0n });
  const free = order(loser.callId, { statement: 's2', chargeNanoUsd: 5n });
  expect(await correctAttempt(store.database, free)).toMatchObject({ chargeNanoUsd: 5n });
  await expectExact();
});

test('what is charged because nobody could say is marked so, until a statement says', async () => {
  const lost = startRecord();
  const { usage, usageSource, costNanoUsd, ...end } = endRecord(lost, { outcome: 'interrupted' });
  store.journal.append(lost);
  store.journal.append(end);
  await store.journal.flush();
  const reserved = {
    statement: 'reserved/x',
    costNanoUsd: 900n,
    chargeNanoUsd: 900n,
    usageSource: 'reserved' as const,
  };
  await correctAttempt(store.database, order(lost.callId, reserved));
  expect(await attemptOf(lost.callId)).toMatchObject({ usageSource: 'reserved', chargeNanoUsd: 900n });
  await expectExact();
  expect(await correctAttempt(store.database, order(lost.callId, { costNanoUsd: 20n }))).toMatchObject({
    chargeNanoUsd: 20n,
  });
  expect(await attemptOf(lost.callId)).toMatchObject({ usageSource: 'provider', costNanoUsd: 20n, chargeNanoUsd: 20n });
  await expectExact();
});

test('an attempt that another one came after is not the customer’s to pay where the winner alone is paid', async () => {
  const [first, cut] = [startRecord(), startRecord()];
  const { usage, usageSource, costNanoUsd, ...interrupted } = endRecord(cut, { outcome: 'interrupted', last: false });
  for (const start of [first, cut]) {
    store.journal.append(start);
    store.journal.append(
      start === cut
        ? interrupted
        : endRecord(first, { outcome: 'failed', last: false, costNanoUsd: '0', chargeNanoUsd: '0' }),
    );
    const second = { ...start, attempt: 2 };
    store.journal.append(second);
    store.journal.append(endRecord(second));
  }
  await store.journal.flush();
  for (const { callId } of [first, cut]) {
    const found = await correctAttempt(store.database, { ...order(callId), winnerOnly: true });
    expect(found).toMatchObject({ kind: 'corrected', chargeNanoUsd: 0n });
    const paid = { ...order(callId, { statement: 's2', attempt: 2 }), winnerOnly: true };
    expect(await correctAttempt(store.database, paid)).toMatchObject({ chargeNanoUsd: 2_000n });
  }
  await expectExact();
});

test('an attempt that nobody knows, or that still runs, is not corrected', async () => {
  const start = startRecord();
  store.journal.append(start);
  await store.journal.flush();
  expect(await correctAttempt(store.database, order(start.callId))).toEqual({ kind: 'running' });
  expect(await correctAttempt(store.database, order(start.callId, { attempt: 2 }))).toEqual({ kind: 'unknown' });
  expect(await correctAttempt(store.database, order('call_nonsense'))).toEqual({ kind: 'unknown' });
});
