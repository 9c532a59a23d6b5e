import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Store } from './store.ts';
import { addTaskCost, judgeTask, projectsOfTask, taskView } from './task-queries.ts';
import {
  endRecord,
  openScratchStore,
  type ScratchDirectory,
  scratchDirectory,
  startRecord,
} from './testing/scratch.ts';
import { tasksSummary, usageReport } from './usage-queries.ts';

let scratch: ScratchDirectory;
let store: Store;

const at = Date.UTC(2027, 4, 1, 12, 30);
const range = { from: Date.UTC(2027, 4, 1), to: Date.UTC(2027, 4, 2) };
const owner = { organisation: 'org_default', project: 'proj_default', keyId: 'key_1' };
const other = { ...owner, project: 'proj_b', keyId: 'key_b' };

beforeAll(async () => {
  scratch = await scratchDirectory();
  store = await openScratchStore(scratch.path);
  for (const given of [{ task: 'a' }, { task: 'a', model: 'slow' }, { task: 'b' }, { task: 'a', project: 'proj_b' }]) {
    const start = startRecord({ callStartedAt: at, ...given });
    store.journal.append(start);
    store.journal.append(endRecord(start, { costNanoUsd: '100' }));
  }
  await store.journal.flush();
});

afterAll(async () => {
  await store.close();
  await scratch[Symbol.asyncDispose]();
});

test('the latest word about a task counts, and the first one keeps its instant', async () => {
  const { database } = store;
  const first = await judgeTask(database, owner, 'a', { outcome: 'failure', value: '0.10', note: 'no' }, at);
  expect(first).toEqual({ outcome: 'failure', value: '0.10', note: 'no', firstAt: at, at });
  expect(await judgeTask(database, owner, 'a', { outcome: 'failure', value: '0.10', note: 'no' }, at)).toEqual(first);
  expect(await judgeTask(database, owner, 'a', { outcome: 'success' }, at + 5)).toEqual({
    outcome: 'success',
    firstAt: at,
    at: at + 5,
  });
  await judgeTask(database, other, 'a', { outcome: 'abandoned' }, at);
});

test('a cost that is reported again is one cost, and an id that stands for another is refused', async () => {
  const { database } = store;
  const review = { id: 'r1', kind: 'human_review', amountNanoUsd: 9_007_199_254_740_993n, description: 'Ann' } as const;
  const kept = { ...review, at };
  const answers = await Promise.all([1, 2, 3].map((_, late) => addTaskCost(database, owner, 'a', review, at + late)));
  expect(answers.filter(({ first }) => first)).toHaveLength(1);
  expect(new Set(answers.map(({ cost }) => cost.at)).size).toBe(1);
  await addTaskCost(database, other, 'a', { ...review, amountNanoUsd: 1n }, at);
  for (const change of [{ amountNanoUsd: 5n }, { kind: 'tool' as const }, { description: 'Bob' }, { endUser: 'x' }]) {
    await expect(addTaskCost(database, owner, 'a', { ...review, ...change }, at)).rejects.toMatchObject({
      code: 'idempotency_conflict',
    });
  }
  await expect(addTaskCost(database, owner, 'b', review, at)).rejects.toThrow('for the task "a"');
  const view = await taskView(database, 'proj_default', 'a');
  expect(view?.costs).toMatchObject([{ ...kept, at: expect.any(Number) }]);
  await expect(store.pool.query('update task_costs set amount_nano_usd = 0', [])).rejects.toThrow('only ever added');
});

test('a task is what its calls cost by model, what was reported, and how it came out, in its project alone', async () => {
  const view = await taskView(store.database, 'proj_default', 'a');
  expect(view).toMatchObject({
    total: { calls: 2, costNanoUsd: 200n, reportedNanoUsd: 9_007_199_254_740_993n },
    models: [
      { provider: 'sim', model: 'fast', calls: 1, costNanoUsd: 100n },
      { provider: 'sim', model: 'slow', calls: 1 },
    ],
    verdict: { outcome: 'success' },
  });
  expect(await taskView(store.database, 'proj_b', 'a')).toMatchObject({
    total: { calls: 1, reportedNanoUsd: 1n },
    verdict: { outcome: 'abandoned' },
  });
  expect(await taskView(store.database, 'proj_default', 'none')).toBeUndefined();
  expect(await taskView(store.database, 'proj_default', '')).toBeUndefined();
  expect(await projectsOfTask(store.database, 'a')).toEqual(['proj_b', 'proj_default']);
});

test('a task that costs nothing but what was reported is a task', async () => {
  await addTaskCost(store.database, owner, 'c', { id: 'c1', kind: 'search', amountNanoUsd: 300n, endUser: 'ann' }, at);
  expect(await taskView(store.database, 'proj_default', 'c')).toMatchObject({
    total: { calls: 0, attempts: 0, costNanoUsd: 0n, reportedNanoUsd: 300n },
    models: [],
  });
  await judgeTask(store.database, owner, 'd', { outcome: 'partial' }, at);
  expect(await taskView(store.database, 'proj_default', 'd')).toMatchObject({
    costs: [],
    verdict: { outcome: 'partial' },
  });
});

test('usage counts what was reported beside what models cost, and tasks by how they came out', async () => {
  const { groups, total } = await usageReport(store.database, { ...range, groupBy: 'task', limit: 9, offset: 0 });
  expect(groups.map(({ group, project, outcome }) => [group, project, outcome])).toEqual([
    ['a', 'proj_default', 'success'],
    ['c', 'proj_default', undefined],
    ['a', 'proj_b', 'abandoned'],
    ['b', 'proj_default', undefined],
  ]);
  expect(total).toMatchObject({ calls: 4, costNanoUsd: 400n, reportedNanoUsd: 9_007_199_254_741_294n });
  const providers = await usageReport(store.database, { ...range, groupBy: 'provider', limit: 9, offset: 0 });
  expect(providers.groups.map(({ group, reportedNanoUsd }) => [group, reportedNanoUsd])).toEqual([
    [null, 9_007_199_254_741_294n],
    ['sim', undefined],
  ]);
  expect(await tasksSummary(store.database, { ...range, project: 'proj_default' })).toEqual({
    tasks: 3,
    judged: 1,
    successful: 1,
    costNanoUsd: 9_007_199_254_741_593n,
    judgedCostNanoUsd: 9_007_199_254_741_193n,
  });
});
