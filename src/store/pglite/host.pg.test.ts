import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock, VirtualClock } from '../../kernel/clock.ts';
import { PglitePool } from '../pool.ts';
import { collectedLog, type ScratchDirectory, scratchDirectory } from '../testing/scratch.ts';
import { PgliteHost } from './host.ts';

let scratch: ScratchDirectory;
let host: PgliteHost;
let pool: PglitePool;
const log = collectedLog();

beforeAll(async () => {
  scratch = await scratchDirectory();
  host = await PgliteHost.open({ directory: join(scratch.path, 'postgres'), clock: systemClock, log });
  pool = new PglitePool(host);
});

afterAll(async () => {
  await host.close();
  await host.close();
  expect(host.state()).toEqual({ state: 'closed', reason: 'it was closed' });
  await expect(pool.query('select 1')).rejects.toMatchObject({ code: 'internal', status: 503 });
  await scratch[Symbol.asyncDispose]();
});

const one = async (text: string, values: unknown[] = []) =>
  Object.values((await pool.query(text, values)).rows[0] ?? {});

test('values come out as pg gives them, and whole numbers of eight bytes as bigint', async () => {
  const { rows } = await pool.query(`values (
    1::int2, 2::int4, 9007199254740993::int8, 1.5::float8, 1.10::numeric, true, 'x'::text, null::text,
    '2026-01-02T03:04:05.678Z'::timestamptz, '{"a":[1]}'::jsonb, '\\x00ff'::bytea, '{a,NULL,"b c"}'::text[],
    '{1,NULL}'::int8[], '{{1,2},{3,4}}'::int4[]
  )`);
  expect(Object.values(rows[0] ?? {})).toEqual([
    1,
    2,
    9007199254740993n,
    1.5,
    '1.10',
    true,
    'x',
    null,
    new Date('2026-01-02T03:04:05.678Z'),
    { a: [1] },
    Buffer.from([0, 255]),
    ['a', null, 'b c'],
    [1n, null],
    [
      [1, 2],
      [3, 4],
    ],
  ]);
});

test.each([
  ['text', 'O\'Reilly "x" \\ \u{1f600}'],
  ['int8', 9223372036854775807n],
  ['bytea', Buffer.from([1, 0, 255])],
  ['timestamptz', new Date(1_767_323_045_678)],
  ['text[]', ['a,b', 'NULL', null, '{"', '\\', '']],
  ['jsonb', { nested: { list: [1, 'x', null] } }],
  ['bool', false],
  ['float8', -0.1],
  ['text', null],
])('a parameter of %s comes back as it went in', async (type, value) => {
  const { rows } = await pool.query(`select $1::${type} as value`, [value]);
  expect(rows[0]?.['value']).toEqual(value);
});

test('a refused statement says what Postgres said, with the constraint', async () => {
  await pool.query('create table refused (id int constraint refused_id unique)');
  await pool.query('insert into refused values ($1)', [1]);
  await expect(pool.query('insert into refused values ($1)', [1])).rejects.toMatchObject({
    name: 'DatabaseError',
    code: '23505',
    constraint: 'refused_id',
    table: 'refused',
    detail: 'Key (id)=(1) already exists.',
  });
  expect(await one('select count(*) from refused')).toEqual([1n]);
});

test('500 transactions at once neither mix nor lose a row', async () => {
  await pool.query('create table counted (transaction int, step int)');
  const work = Array.from({ length: 500 }, async (_, transaction) => {
    const client = await pool.connect();
    await client.query('begin', []);
    await client.query('insert into counted values ($1, 1)', [transaction]);
    await client.query('insert into counted values ($1, 2)', [transaction]);
    await client.query(transaction % 5 === 0 ? 'rollback' : 'commit', []);
    client.release();
  });
  await Promise.all(work);
  const counts = 'select count(*), count(distinct transaction) from counted where transaction % 5 <> 0';
  const { rows } = await pool.query(
    `select (select count(*) from counted) as all_rows, counts.* from (${counts}) as counts (a, b)`,
  );
  expect(rows[0]).toEqual({ all_rows: 800n, a: 800n, b: 400n });
});

test('a setting, a failed transaction and a prepared statement of one caller are not seen by the next', async () => {
  const client = await pool.connect();
  await client.query(`set work_mem = '7MB'`, []);
  await client.query('prepare mine as select 1', []);
  await client.query('begin', []);
  await expect(client.query('select 1 / 0', [])).rejects.toMatchObject({ code: '22012' });
  client.release();
  expect(await one(`select current_setting('work_mem')`)).toEqual(['4MB']);
  expect(await one('select count(*) from pg_prepared_statements')).toEqual([0n]);
});

test('beyond its bound the queue refuses at once, and what was taken is answered', async () => {
  const answers = await Promise.allSettled(Array.from({ length: 4_100 }, () => pool.query('select 1')));
  expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(4_096);
  expect(answers.at(-1)).toMatchObject({ status: 'rejected', reason: { code: 'overloaded', retry: 'same-target' } });
});

test('each commit is followed by an fsync, which an opening store proves', async () => {
  expect(await one('show fsync')).toEqual(['on']);
  expect(await one('show wal_sync_method')).toEqual(['fsync']);
});

test('when the engine breaks, those who wait are told, and it is back with everything that was committed', async () => {
  await pool.query('create table kept (id int)');
  await pool.query('insert into kept values (1)');
  const client = await pool.connect();
  await client.query('begin', []);
  await client.query('insert into kept values (2)', []);
  // Without a place for the next log segment Postgres PANICs, as it does on a full disk.
  const wal = join(scratch.path, 'postgres/pg_wal');
  renameSync(wal, `${wal}-away`);
  const writing = Array.from({ length: 20 }, () =>
    client.query(`select pg_logical_emit_message(false, 'x', repeat('y', 1000000))`, []),
  );
  const answers = await Promise.allSettled([...writing, pool.query('select 1')]);
  expect(answers.at(-1)).toMatchObject({ status: 'rejected', reason: { code: 'internal', status: 503 } });
  await expect(pool.query('select 1')).rejects.toMatchObject({ code: 'internal', status: 503, retryAfterMs: 1_000 });
  renameSync(`${wal}-away`, wal);
  expect(host.state()).toMatchObject({ state: 'restarting', reason: expect.stringMatching(/^PANIC: could not/) });
  await expect.poll(() => host.state().state, { timeout: 10_000 }).toBe('open');
  expect(host.restarts).toBe(1);
  expect(await one('select array_agg(id) from kept')).toEqual([[1]]);
  expect(log.lines.map((line) => line.message)).toContain('the embedded Postgres broke off and is being restarted');
  expect(readdirSync(scratch.path)).toEqual(['postgres']);
});

test('an engine that says nothing for two minutes while somebody waits is given up and started anew', async () => {
  await using own = await scratchDirectory();
  const clock = new VirtualClock();
  const silent = await PgliteHost.open({
    directory: join(own.path, 'postgres'),
    clock,
    log: collectedLog(),
    unsafeNoFsync: true,
  });
  await clock.advance(300_000);
  expect(silent.state()).toEqual({ state: 'open' });
  const endless = silent.query(1, 'select pg_sleep(3600)', []).catch((error: unknown) => error);
  await clock.advance(140_000);
  expect(await endless).toMatchObject({ status: 503, message: expect.stringMatching(/ran for more than 120000 ms/) });
  await expect
    .poll(() => clock.advance(100).then(() => silent.state().state), { timeout: 10_000, interval: 50 })
    .toBe('open');
  const { rows } = await silent.query(1, 'select 1 as one', []);
  expect(rows).toEqual([{ one: 1 }]);
  await silent.close();
  expect(clock.pendingTimers).toBe(0);
});
