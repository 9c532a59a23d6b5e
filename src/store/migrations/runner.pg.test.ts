import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../kernel/clock.ts';
import { PgliteHost } from '../pglite/host.ts';
import { PglitePool } from '../pool.ts';
import { collectedLog, type ScratchDirectory, scratchDirectory } from '../testing/scratch.ts';
import { MIGRATIONS } from './migrations.ts';
import { migrate } from './runner.ts';

let scratch: ScratchDirectory;
let host: PgliteHost;
let pool: PglitePool;
const NOW = Date.UTC(2026, 7, 1);

beforeAll(async () => {
  scratch = await scratchDirectory();
  const directory = `${scratch.path}/postgres`;
  host = await PgliteHost.open({ directory, clock: systemClock, log: collectedLog(), unsafeNoFsync: true });
  pool = new PglitePool(host);
});

afterAll(async () => {
  await host.close();
  await scratch[Symbol.asyncDispose]();
});

const first = { name: '0001-first', sql: 'create table one (id int); create table two (id int)' };
const second = { name: '0002-second', sql: 'alter table one add column name text' };
const tables = async () => {
  const { rows } = await pool.query(
    `select array_agg(tablename order by tablename) as names from pg_tables where schemaname = 'public'`,
  );
  return rows[0]?.['names'];
};

test('each migration is applied once, in its order, and recorded with its instant', async () => {
  expect(await migrate(pool, NOW, [first])).toEqual(['0001-first']);
  expect(await migrate(pool, NOW + 1, [first])).toEqual([]);
  expect(await migrate(pool, NOW + 2, [first, second])).toEqual(['0002-second']);
  const { rows } = await pool.query('select name, applied_at from schema_migrations order by position');
  expect(rows).toEqual([
    { name: '0001-first', applied_at: new Date(NOW) },
    { name: '0002-second', applied_at: new Date(NOW + 2) },
  ]);
});

test('a migration that fails leaves nothing of itself or of those before it', async () => {
  const before = await tables();
  const third = { name: '0003-third', sql: 'create table three (id int)' };
  const broken = { name: '0004-broken', sql: 'create table four (id int); select no_such_function()' };
  await expect(migrate(pool, NOW, [first, second, third, broken])).rejects.toMatchObject({ code: '42883' });
  expect(await tables()).toEqual(before);
  expect(await migrate(pool, NOW, [first, second])).toEqual([]);
});

test('a released migration that was changed is refused by name', async () => {
  const changed = { ...first, sql: `${first.sql} -- changed` };
  await expect(migrate(pool, NOW, [changed, second])).rejects.toThrow(
    /migration 0001-first is not what the store was made with .* must not change/,
  );
});

test('a store of a newer version is refused with the migration it has and we do not', async () => {
  await expect(migrate(pool, NOW, [first])).rejects.toThrow(
    /made by a newer version of Leeward \(it has migration 0002-second/,
  );
});

test('names follow the order of the list', () => {
  const names = MIGRATIONS.map((migration) => migration.name);
  expect(names).toEqual([...names].sort());
  expect(new Set(names).size).toBe(names.length);
});
