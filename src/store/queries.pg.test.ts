import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../kernel/clock.ts';
import { callById, recentCalls, usageTotals } from './attempt-queries.ts';
import {
  DEFAULT_ORGANISATION,
  DEFAULT_PROJECT,
  ensureDefaultTenant,
  insertKey,
  keyByHash,
  keyById,
  listKeys,
  revokeKey,
  type StoredKey,
} from './key-queries.ts';
import type { Store } from './store.ts';
import {
  endRecord,
  openScratchStore,
  type ScratchDirectory,
  scratchDirectory,
  startRecord,
} from './testing/scratch.ts';

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

test('a call is found by its id with its attempts in order, within its project only', async () => {
  const first = startRecord({ endUser: 'ann', tags: ['x'], metadata: { team: 'red' } });
  const second = { ...first, attempt: 2, provider: 'other', routeReason: 'after sim failed' };
  store.journal.append(first);
  store.journal.append(
    endRecord(first, { outcome: 'failed', last: false, status: 500, errorCode: 'upstream_error', totalMs: 8 }),
  );
  store.journal.append(second);
  store.journal.append(endRecord(second, { endedAt: first.callStartedAt + 30, firstTokenMs: 4, costNanoUsd: '7' }));
  await store.journal.flush();
  const call = await callById(store.database, first.callId, DEFAULT_PROJECT);
  expect(call).toMatchObject({
    id: first.callId,
    startedAt: first.callStartedAt,
    endUser: 'ann',
    tags: ['x'],
    metadata: { team: 'red' },
    clientStatus: 200,
    totalMs: 30,
    attempts: [
      { attempt: 1, provider: 'sim', outcome: 'failed', status: 500, errorCode: 'upstream_error' },
      { attempt: 2, provider: 'other', outcome: 'ok', costNanoUsd: 7n, usage: { inputTokens: 10, outputTokens: 20 } },
    ],
  });
  expect(call).not.toHaveProperty('errorCode');
  expect(call?.attempts[0]).not.toHaveProperty('firstTokenMs');
  expect(await callById(store.database, first.callId, 'proj_other')).toBeUndefined();
  expect(await callById(store.database, 'call_nonsense')).toBeUndefined();
});

test('one partition answers for one id', async () => {
  const start = startRecord();
  const { rows } = await store.pool.query(
    'explain select * from attempts where call_started_at >= $1 and call_started_at <= $2 and call_id = $3',
    [new Date(start.callStartedAt - 1_000), new Date(start.callStartedAt + 1_000), start.callId],
  );
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan.match(/on attempts_/g)?.length, plan).toBeLessThanOrEqual(2);
});

test('pages of recent calls, the newest first, meet without a gap even where instants are equal', async () => {
  const instant = systemClock.now() + 60_000;
  const starts = Array.from({ length: 9 }, (_, index) =>
    startRecord({ callStartedAt: instant + Math.floor(index / 3) }),
  );
  for (const start of starts) {
    store.journal.append(start);
    store.journal.append(endRecord(start));
    store.journal.append({ ...start, attempt: 2 });
  }
  await store.journal.flush();
  const pages = [await recentCalls(store.database, { limit: 4 })];
  while (pages.length < 3) {
    const last = pages.at(-1)?.at(-1);
    if (last === undefined) throw new Error('an empty page');
    pages.push(await recentCalls(store.database, { limit: 4, before: last }));
  }
  const calls = pages.flat().slice(0, 9);
  expect(calls.map((call) => call.id).sort()).toEqual(starts.map((start) => start.callId).sort());
  const instants = calls.map((call) => call.startedAt);
  expect(instants).toEqual([...instants].sort((one, other) => other - one));
  expect(calls.map((call) => call.attempts.length)).toEqual(calls.map(() => 2));
  expect(await recentCalls(store.database, { limit: 4, project: 'proj_other' })).toEqual([]);
  expect(await recentCalls(store.database, { limit: 4, project: DEFAULT_PROJECT })).toEqual(pages[0]);
});

test('totals say what is known, how much of it is not, and never 0 for unknown', async () => {
  const since = systemClock.now() + 3_600_000;
  expect(await usageTotals(store.database, { since })).toEqual({
    attempts: 0n,
    unpricedAttempts: 0n,
    inputTokens: 0n,
    outputTokens: 0n,
    costNanoUsd: 0n,
  });
  const unknown = startRecord({ callStartedAt: since });
  store.journal.append(unknown);
  await store.journal.flush();
  expect(await usageTotals(store.database, { since })).toEqual({
    attempts: 1n,
    unpricedAttempts: 1n,
    inputTokens: undefined,
    outputTokens: undefined,
    costNanoUsd: undefined,
  });
  const priced = startRecord({ callStartedAt: since, project: 'proj_priced' });
  store.journal.append(priced);
  store.journal.append(endRecord(priced, { costNanoUsd: '9007199254740993' }));
  await store.journal.flush();
  const known = { inputTokens: 10n, outputTokens: 20n, costNanoUsd: 9007199254740993n };
  expect(await usageTotals(store.database, { since })).toEqual({ attempts: 2n, unpricedAttempts: 1n, ...known });
  const ofProject = await usageTotals(store.database, { since, project: 'proj_priced' });
  expect(ofProject).toEqual({ attempts: 1n, unpricedAttempts: 0n, ...known });
});

const key = (given: Partial<StoredKey> & Pick<StoredKey, 'id' | 'hash'>): StoredKey => ({
  organisation: DEFAULT_ORGANISATION,
  project: DEFAULT_PROJECT,
  name: 'test',
  prefix: 'lw_abc',
  last4: 'wxyz',
  pepperId: 'p1',
  scopes: ['call', 'read "x"'],
  createdAt: 1_767_225_600_000,
  createdBy: 'cli',
  source: 'database',
  ...given,
});

test('a key is found by its hash as it was made, and its revocation keeps its first instant', async () => {
  const parent = key({ id: 'key_1', hash: Buffer.alloc(32, 1) });
  const child = key({ id: 'key_2', hash: Buffer.alloc(32, 2), parentKeyId: 'key_1', expiresAt: 1_800_000_000_000 });
  await insertKey(store.database, parent);
  await insertKey(store.database, child);
  expect(await keyByHash(store.database, child.hash)).toEqual(child);
  expect(await keyByHash(store.database, Buffer.alloc(32, 3))).toBeUndefined();
  expect(await keyById(store.database, 'key_1')).toEqual(parent);
  expect(await keyById(store.database, 'key_9')).toBeUndefined();
  expect(await listKeys(store.database, DEFAULT_PROJECT)).toEqual([parent, child]);
  expect(await listKeys(store.database, 'proj_other')).toEqual([]);

  expect(await revokeKey(store.database, 'key_2', 1_767_300_000_000)).toEqual({
    ...child,
    revokedAt: 1_767_300_000_000,
  });
  expect(await revokeKey(store.database, 'key_2', 1_767_400_000_000)).toMatchObject({ revokedAt: 1_767_300_000_000 });
  expect(await revokeKey(store.database, 'key_9', 1)).toBeUndefined();
});

test('a second key with the same hash and a key of an unknown project are refused by the database', async () => {
  const duplicate = key({ id: 'key_3', hash: Buffer.alloc(32, 1) });
  await expect(insertKey(store.database, duplicate)).rejects.toMatchObject({
    code: '23505',
    constraint: 'keys_hash_key',
  });
  const orphan = key({ id: 'key_4', hash: Buffer.alloc(32, 4), project: 'proj_none' });
  await expect(insertKey(store.database, orphan)).rejects.toMatchObject({ code: '23503' });
});

test('the default tenant is made once and keeps the name it was given', async () => {
  await store.database.updateTable('projects').set({ name: 'renamed' }).where('id', '=', DEFAULT_PROJECT).execute();
  await ensureDefaultTenant(store.database, 1);
  const projects = await store.database.selectFrom('projects').select(['id', 'name']).execute();
  expect(projects).toEqual([{ id: DEFAULT_PROJECT, name: 'renamed' }]);
});
