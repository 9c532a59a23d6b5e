import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../kernel/clock.ts';
import { dropExpired, ensurePartitions } from './partitions.ts';
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
const DAY_MS = 86_400_000;
const today = systemClock.now();
const name = (ms: number) => `attempts_${new Date(ms).toISOString().slice(0, 10).replaceAll('-', '')}`;

beforeAll(async () => {
  scratch = await scratchDirectory();
  store = await openScratchStore(scratch.path);
});

afterAll(async () => {
  await store.close();
  await scratch[Symbol.asyncDispose]();
});

async function partitions(): Promise<string[]> {
  const { rows } = await store.pool.query(
    `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'attempts'::regclass order by 1`,
  );
  return rows.map((row) => String(row['name']));
}

async function perPartition(): Promise<Record<string, bigint>> {
  const { rows } = await store.pool.query('select tableoid::regclass::text as name, count(*) from attempts group by 1');
  return Object.fromEntries(rows.map((row) => [row['name'], row['count']]));
}

async function append(callStartedAt: number): Promise<void> {
  const start = startRecord({ callStartedAt, startedAt: callStartedAt });
  store.journal.append(start);
  store.journal.append(endRecord(start));
  await store.journal.flush();
}

test('a new store has the days from yesterday to three ahead, and asking again makes none', async () => {
  const days = [-1, 0, 1, 2, 3].map((offset) => name(today + offset * DAY_MS));
  expect(await partitions()).toEqual([...days, 'attempts_default'].sort());
  expect(await ensurePartitions(store.database, today)).toBe(0);
  expect(await ensurePartitions(store.database, today + DAY_MS)).toBe(1);
});

test('an attempt of a day without a partition is kept, and moves when its day gets one', async () => {
  const later = today + 40 * DAY_MS;
  await append(today);
  await append(later);
  expect(await perPartition()).toEqual({ [name(today)]: 1n, attempts_default: 1n });
  await ensurePartitions(store.database, later);
  expect(await perPartition()).toEqual({ [name(today)]: 1n, [name(later)]: 1n });
});

test('a day is one in UTC: its first and last millisecond share a partition', async () => {
  const first = Math.floor(today / DAY_MS) * DAY_MS + DAY_MS;
  await append(first);
  await append(first + DAY_MS - 1);
  expect((await perPartition())[name(first)]).toBe(2n);
});

test('only days that ended before the retention are dropped, also what the default partition caught of them', async () => {
  await append(today - 200 * DAY_MS);
  const before = await perPartition();
  expect(before['attempts_default']).toBe(1n);
  expect(await dropExpired(store.database, today, 90)).toBe(0);
  expect(await perPartition()).not.toHaveProperty('attempts_default');
  const dropped = await dropExpired(store.database, today + 2 * DAY_MS, 1);
  expect(dropped).toBe(2);
  expect(await partitions()).not.toContain(name(today));
  expect(await partitions()).toContain(name(today + DAY_MS));
});
