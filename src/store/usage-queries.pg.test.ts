import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AttemptEnd, AttemptStart } from '../protocol/attempt-record.ts';
import { USAGE_GROUPINGS, type UsageGrouping } from '../protocol/usage-grouping.ts';
import type { Store } from './store.ts';
import {
  endRecord,
  openScratchStore,
  type ScratchDirectory,
  scratchDirectory,
  startRecord,
} from './testing/scratch.ts';
import { tasksSummary, type UsageFilter, usageReport } from './usage-queries.ts';

let scratch: ScratchDirectory;
let store: Store;

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const from = Date.UTC(2027, 0, 31);
const to = from + 2 * DAY_MS;

beforeAll(async () => {
  scratch = await scratchDirectory();
  store = await openScratchStore(scratch.path);
  call({ task: 't1', endUser: 'ann', tags: ['x', 'y'] }, { costNanoUsd: '70', totalMs: 10 });
  call({ task: 't1', keyId: 'key_2', model: 'slow' }, { costNanoUsd: '30', totalMs: 30, chargeNanoUsd: '33' });
  call({ callStartedAt: from + DAY_MS, endUser: 'ann', tags: ['x'] }, { usageSource: 'estimated' });
  call({ callStartedAt: from + DAY_MS + HOUR_MS, project: 'proj_b', organisation: 'org_b', task: 't1' }, {});
  call({ callStartedAt: to }, {});
  await store.journal.flush();
});

afterAll(async () => {
  await store.close();
  await scratch[Symbol.asyncDispose]();
});

function call(start: Partial<AttemptStart>, end: Partial<AttemptEnd>): void {
  const record = startRecord({ callStartedAt: from, ...start });
  store.journal.append(record);
  store.journal.append(endRecord(record, end));
}

const report = (groupBy: UsageGrouping, filter: UsageFilter = {}) =>
  usageReport(store.database, { from, to, groupBy, limit: 50, offset: 0, ...filter });

async function calls(groupBy: UsageGrouping, filter: UsageFilter = {}): Promise<Record<string, number>> {
  const { groups } = await report(groupBy, filter);
  return Object.fromEntries(
    groups.map(({ group, project, calls }) => [[project, group].filter((part) => part !== undefined).join('/'), calls]),
  );
}

test('usage is grouped by every dimension there is, and what carries no name is a group of its own', async () => {
  expect(await calls('day')).toEqual({ '2027-01-31': 2, '2027-02-01': 2 });
  expect(await calls('month')).toEqual({ '2027-01': 2, '2027-02': 2 });
  expect(Object.keys(await calls('hour'))).toEqual([
    '2027-01-31T00:00:00.000Z',
    '2027-02-01T00:00:00.000Z',
    '2027-02-01T01:00:00.000Z',
  ]);
  expect(await calls('organisation')).toEqual({ org_b: 1, org_default: 3 });
  expect(await calls('project')).toEqual({ proj_b: 1, proj_default: 3 });
  expect(await calls('key')).toEqual({ key_1: 3, key_2: 1 });
  expect(await calls('provider')).toEqual({ sim: 4 });
  expect(await calls('model')).toEqual({ 'sim/fast': 3, 'sim/slow': 1 });
  expect(await calls('operation')).toEqual({ chat: 4 });
  expect(await calls('route')).toEqual({ default: 4 });
  expect(await calls('end_user')).toEqual({ 'proj_default/ann': 2, 'proj_default/': 1, 'proj_b/': 1 });
  expect(await calls('task')).toEqual({ 'proj_default/t1': 2, 'proj_default/': 1, 'proj_b/t1': 1 });
  expect(await calls('tag')).toEqual({ x: 2, y: 1, '': 2 });
});

test('a call with two tags is in two groups and once in the total', async () => {
  const { groups, total } = await report('tag');
  expect(groups.reduce((sum, group) => sum + group.calls, 0)).toBe(5);
  expect(total).toMatchObject({ calls: 4, costNanoUsd: 3_100n });
});

test('any dimension narrows any grouping, and the total is what is left', async () => {
  expect(await calls('day', { organisation: 'org_b' })).toEqual({ '2027-02-01': 1 });
  expect(await calls('model', { task: 't1' })).toEqual({ 'sim/fast': 2, 'sim/slow': 1 });
  expect(await calls('key', { tag: 'x', model: 'sim/fast' })).toEqual({ key_1: 2 });
  expect(await calls('task', { task: 't1', keyId: 'key_2' })).toEqual({ 'proj_default/t1': 1 });
  expect(await calls('project', { endUser: 'ann', provider: 'sim', operation: 'chat', route: 'default' })).toEqual({
    proj_default: 2,
  });
  expect(await calls('project', { endUser: '' })).toEqual({});
  const { total } = await report('day', { task: 't1', project: 'proj_default' });
  expect(total).toMatchObject({
    calls: 2,
    costNanoUsd: 100n,
    chargeNanoUsd: 33n,
    reportedNanoUsd: undefined,
    meanMs: 20,
    meanFirstTokenMs: undefined,
    estimatedAttempts: 0,
    cacheWriteTokens: undefined,
  });
  expect((await report('day', { model: 'fast' })).total).toMatchObject({ calls: 3, estimatedAttempts: 1 });
});

test('tasks are counted by project and name, with what they cost', async () => {
  expect(await tasksSummary(store.database, { from, to })).toEqual({
    tasks: 2,
    judged: 0,
    successful: 0,
    costNanoUsd: 1_600n,
    judgedCostNanoUsd: 0n,
  });
});

test('no answer about usage reads the attempts', async () => {
  const everything = () => Promise.all(USAGE_GROUPINGS.map((groupBy) => report(groupBy)));
  const before = await everything();
  await store.pool.query('drop table attempts cascade', []);
  expect(await everything()).toEqual(before);
  expect((await tasksSummary(store.database, { from, to })).tasks).toBe(2);
});
