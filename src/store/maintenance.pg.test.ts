import { expect, test } from 'vitest';
import { systemClock, VirtualClock } from '../kernel/clock.ts';
import { Maintenance } from './maintenance.ts';
import type { Store } from './store.ts';
import { addTaskCost, judgeTask } from './task-queries.ts';
import { collectedLog, endRecord, openScratchStore, scratchDirectory, startRecord } from './testing/scratch.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

async function scalar(store: Store, text: string): Promise<unknown> {
  const { rows } = await store.pool.query(text);
  return Object.values(rows[0] ?? {})[0];
}

const checkpoint = (store: Store) => scalar(store, 'select checkpoint_lsn::text from pg_control_checkpoint()');

/** Moves the clock a minute and waits until what fell due is done: the next minute's timer is set by then. */
async function minutes(clock: VirtualClock, count: number): Promise<void> {
  for (let minute = 0; minute < count; minute++) {
    await clock.advance(MINUTE_MS);
    await expect.poll(() => clock.pendingTimers, { interval: 1 }).toBe(1);
  }
}

test('a checkpoint follows much log at once and little log within five minutes; none follows no log', async () => {
  await using scratch = await scratchDirectory();
  const store = await openScratchStore(scratch.path);
  const clock = new VirtualClock();
  const { pool, database } = store;
  const options = {
    pool,
    database,
    clock,
    log: collectedLog(),
    retentionDays: 90,
    usageRetentionDays: 1_100,
    embedded: true,
  };
  const maintenance = new Maintenance(options);
  await maintenance.run();
  await minutes(clock, 5);
  const first = await checkpoint(store);
  await minutes(clock, 6);
  expect(await checkpoint(store)).toBe(first);

  await pool.query('create table small (id int)');
  await minutes(clock, 1);
  expect(await checkpoint(store)).toBe(first);
  await minutes(clock, 4);
  const second = await checkpoint(store);
  expect(second).not.toBe(first);

  for (let index = 0; index < 40; index++) {
    await pool.query(`select pg_logical_emit_message(true, 'x', repeat('y', 1000000))`);
  }
  await minutes(clock, 1);
  expect(await checkpoint(store)).not.toBe(second);
  await maintenance.stop();
  expect(clock.pendingTimers).toBe(0);
  expect(options.log.lines).toEqual([]);
  await store.close();
});

test('each hour the days ahead are made, expired ones dropped, and the planner is told what is in the tables', async () => {
  await using scratch = await scratchDirectory();
  const store = await openScratchStore(scratch.path);
  const clock = new VirtualClock(systemClock.now() + 20 * DAY_MS);
  const log = collectedLog();
  const { pool, database } = store;
  const maintenance = new Maintenance({
    pool,
    database,
    clock,
    log,
    retentionDays: 7,
    usageRetentionDays: 30,
    embedded: true,
  });
  await maintenance.run();
  await minutes(clock, 59);
  expect(log.lines).toEqual([]);
  await minutes(clock, 1);
  expect(log.lines).toEqual([
    { level: 'info', message: 'partitions of attempts were made and dropped', facts: { made: 5, dropped: 5 } },
  ]);
  expect(await scalar(store, `select reltuples from pg_class where relname = 'usage_hours'`)).toBeGreaterThanOrEqual(0);
  expect(await scalar(store, `select reltuples from pg_class where relname = 'journal_cursor'`)).toBeGreaterThanOrEqual(
    0,
  );
  await maintenance.stop();
  await store.close();
});

test('usage outlives the attempts it was summed up from, and goes when its own time is over, with what was told of tasks', async () => {
  await using scratch = await scratchDirectory();
  const store = await openScratchStore(scratch.path);
  const { pool, database } = store;
  const start = startRecord({ task: 't' });
  store.journal.append(start);
  store.journal.append(endRecord(start));
  await store.journal.flush();
  const owner = { organisation: 'org_default', project: 'proj_default', keyId: 'key_1' };
  await judgeTask(database, owner, 't', { outcome: 'success' }, start.callStartedAt);
  await addTaskCost(database, owner, 't', { id: 'c', kind: 'tool', amountNanoUsd: 5n }, start.callStartedAt);
  const rows = () =>
    scalar(
      store,
      'select (select count(*) from usage_hours) + (select count(*) from task_costs) + (select count(*) from task_outcomes)',
    );
  const after = async (days: number) => {
    const clock = new VirtualClock(systemClock.now() + days * DAY_MS);
    const options = { pool, database, clock, log: collectedLog(), embedded: true };
    const maintenance = new Maintenance({ ...options, retentionDays: 7, usageRetentionDays: 30 });
    await maintenance.run();
    await minutes(clock, 60);
    await maintenance.stop();
  };
  const before = await rows();
  await after(20);
  expect(await scalar(store, 'select count(*) from attempts')).toBe(0n);
  expect(await rows()).toBe(before);
  await after(32);
  expect(await rows()).toBe(0n);
  await store.close();
});
