import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PostgresServer, postgresBinaries, startPostgres } from '../../../test/support/postgres-server.ts';
import { systemClock } from '../../kernel/clock.ts';
import { systemRandom } from '../../kernel/random.ts';
import { callById } from '../attempt-queries.ts';
import { insertKey, keyById } from '../key-queries.ts';
import { openStore } from '../open-store.ts';
import type { ServerOptions, Store } from '../store.ts';
import { collectedLog, endRecord, scratchDirectory, startRecord } from '../testing/scratch.ts';

let server: PostgresServer;
let databases = 0;

const newDatabase = () => server.createDatabase(`server_store_${++databases}`);
const place = (url: string): ServerOptions => ({ url, source: 'DATABASE_URL', random: systemRandom() });

function open(dataDir: string, url: string, more: Partial<ServerOptions> = {}, log = collectedLog()): Promise<Store> {
  return openStore({ dataDir, clock: systemClock, log, server: { ...place(url), ...more } });
}

function appendCall(store: Store): string {
  const start = startRecord();
  store.journal.append(start);
  store.journal.append(endRecord(start));
  return start.callId;
}

async function attempts(store: Store): Promise<unknown> {
  const { rows } = await store.pool.query('select count(*), count(distinct call_id) as calls from attempts');
  return rows[0];
}

const isOpen = (store: Store) => expect.poll(() => store.state().state, { timeout: 20_000 }).toBe('open');
const isAway = (store: Store) => expect.poll(() => store.state().state, { timeout: 10_000 }).toBe('restarting');

/** Ends sessions as their server would. */
async function endSessions(url: string, purpose: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [purpose]);
  await client.end();
}

const installed = await postgresBinaries();

describe.skipIf(installed === undefined)('a store on a server Postgres', () => {
  beforeAll(async () => {
    server = await startPostgres();
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  test('keeps what it was given over close and open, beside an application whose tables have the same names', async () => {
    await using scratch = await scratchDirectory();
    const url = await newDatabase();
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query('create table keys (theirs int); create table schema_migrations (version text)');
    const first = await open(scratch.path, url);
    expect(first.place).toBe(`127.0.0.1:${server.port}${new URL(url).pathname}`);
    const callId = appendCall(first);
    await first.close();
    await first.close();
    const second = await open(scratch.path, url);
    expect(await callById(second.database, callId)).toMatchObject({ id: callId, clientStatus: 200 });
    expect(second.journal.name).toBe(first.journal.name);
    await second.close();
    expect((await client.query('select * from keys')).fields.map(({ name }) => name)).toEqual(['theirs']);
    const { rows } = await client.query(
      `select count(*)::int as sessions from pg_stat_activity where application_name like 'leeward%' and datname = current_database()`,
    );
    expect(rows).toEqual([{ sessions: 0 }]);
    await client.end();
  });

  test('while its server is away statements are refused at once, calls are journaled, and all are there afterwards', async () => {
    await using scratch = await scratchDirectory();
    const log = collectedLog();
    const store = await open(scratch.path, await newDatabase(), {}, log);
    const before = Array.from({ length: 300 }, () => appendCall(store));
    await server.stop('immediate');
    await isAway(store);
    const askedMs = performance.now();
    await expect(store.pool.query('select 1')).rejects.toMatchObject({ code: 'internal', status: 503 });
    await expect(store.database.selectFrom('keys').selectAll().execute()).rejects.toMatchObject({ status: 503 });
    await expect(store.connection('test').query('select 1')).rejects.toMatchObject({ status: 503 });
    expect(performance.now() - askedMs).toBeLessThan(500);
    expect(store.state()).toMatchObject({ reason: expect.not.stringContaining('127.0.0.1') });
    const during = Array.from({ length: 300 }, () => appendCall(store));
    expect(store.journal.lag().records).toBeGreaterThanOrEqual(600);
    await server.start();
    await isOpen(store);
    await store.journal.flush();
    expect(await attempts(store)).toEqual({ count: 600n, calls: 600n });
    for (const callId of [before[0], during[0]]) expect(await callById(store.database, callId ?? '')).toBeDefined();
    expect(store.restarts).toBe(1);
    expect(store.journal.lag()).toMatchObject({ records: 0, rejected: 0 });
    expect(log.lines.filter(({ message }) => message.includes('could not be replayed')).length).toBeLessThan(5);
    await store.close();
  });

  test('opens without its server where that is wanted, and makes itself ready when it comes', async () => {
    await using scratch = await scratchDirectory();
    const url = await newDatabase();
    await server.stop('fast');
    await expect(open(scratch.path, url)).rejects.toMatchObject({ status: 503 });
    const store = await open(scratch.path, url, { goOnWithout: true });
    expect(store.state().state).toBe('restarting');
    const callId = appendCall(store);
    await server.start();
    await isOpen(store);
    await store.journal.flush();
    expect(await callById(store.database, callId)).toBeDefined();
    await store.close();
  });

  test('closes while its server is away, and the next one brings what the journal has', async () => {
    await using scratch = await scratchDirectory();
    const url = await newDatabase();
    const log = collectedLog();
    const store = await open(scratch.path, url, {}, log);
    await server.stop('immediate');
    await isAway(store);
    const callId = appendCall(store);
    const closedMs = performance.now();
    await store.close();
    expect(performance.now() - closedMs).toBeLessThan(3_000);
    expect(store.state().state).toBe('closed');
    expect(log.lines.map(({ message }) => message)).toContain('the journal is replayed at the next start');
    await server.start();
    const next = await open(scratch.path, url, { waitMs: 10_000 });
    await next.journal.flush();
    expect(await callById(next.database, callId)).toBeDefined();
    await next.close();
  });

  test('a replay whose session is ended again and again loses nothing and writes nothing twice', async () => {
    await using scratch = await scratchDirectory();
    const url = await newDatabase();
    const store = await open(scratch.path, url);
    const calls: string[] = [];
    for (let round = 0; round < 8; round++) {
      for (let index = 0; index < 1_000; index++) calls.push(appendCall(store));
      const flushed = store.journal.flush();
      await endSessions(url, 'leeward journal');
      await flushed;
    }
    expect(await attempts(store)).toEqual({ count: BigInt(calls.length), calls: BigInt(calls.length) });
    const { rows } = await store.pool.query('select sum(attempts)::int8 as counted from usage_hours where kind = $1', [
      'all',
    ]);
    expect(rows).toEqual([{ counted: BigInt(calls.length) }]);
    expect(store.state()).toEqual({ state: 'open' });
    expect(store.journal.lag().rejected).toBe(0);
    await store.close();
  });

  test('a session that ends changes nothing for the others; only its own statement fails', async () => {
    await using scratch = await scratchDirectory();
    const url = await newDatabase();
    const store = await open(scratch.path, url);
    const slow = store.pool.query('select pg_sleep(20)').catch((error: unknown) => error);
    await expect.poll(() => activeSessions(store)).toBe(2n);
    await endSessions(url, 'leeward gateway');
    expect(await slow).toMatchObject({ status: 503 });
    // The pool may hold a second session that was ended; it learns that at its next statement at the latest.
    await expect
      .poll(async () => (await store.pool.query('select 1 as one').catch(() => undefined))?.rows)
      .toEqual([{ one: 1 }]);
    const own = store.connection('test');
    await own.query('select $1::int4 as one', [1]);
    await endSessions(url, 'leeward test');
    await expect
      .poll(async () => (await own.query('select $1::int4 as one', [1]).catch(() => undefined))?.rows)
      .toEqual([{ one: 1 }]);
    expect(store.state()).toEqual({ state: 'open' });
    expect(store.restarts).toBe(0);
    await store.close();
  });

  test('a server that hangs without a word is noticed, and used again when it answers', async () => {
    await using scratch = await scratchDirectory();
    const log = collectedLog();
    const store = await open(scratch.path, await newDatabase(), {}, log);
    const { rows } = await store.pool.query(
      `select pid from pg_stat_activity where application_name = 'leeward health' and datname = current_database()`,
    );
    const pid = Number(rows[0]?.['pid']);
    process.kill(pid, 'SIGSTOP');
    await expect.poll(() => store.restarts, { timeout: 20_000 }).toBe(1);
    process.kill(pid, 'SIGCONT');
    await isOpen(store);
    const away = log.lines.find(({ level }) => level === 'error');
    expect(away?.message).toBe('the server Postgres is away; calls go on without it');
    await store.close();
  });

  test('what a client leaves open or sets is never met by the next one', async () => {
    await using scratch = await scratchDirectory();
    const store = await open(scratch.path, await newDatabase());
    const one = await store.pool.connect();
    await one.query('begin', []);
    await one.query('create table left_open (id int)', []);
    one.release();
    const two = await store.pool.connect();
    await two.query(`set work_mem = '1234kB'`, []);
    two.release();
    const { rows } = await store.pool.query(
      `select to_regclass('left_open') as left_open, current_setting('work_mem') as work_mem`,
    );
    expect(rows).toEqual([{ left_open: null, work_mem: '4MB' }]);
    await expect(store.pool.query('select $1::int4', ['x'])).rejects.toMatchObject({
      name: 'DatabaseError',
      code: '22P02',
    });
    await store.close();
  });

  test('values come as from the embedded engine', async () => {
    await using scratch = await scratchDirectory();
    const store = await open(scratch.path, await newDatabase());
    const at = new Date(1_800_000_000_123);
    const values = [9_007_199_254_740_993n, at, Buffer.from([0, 255]), ['a', null, 'b "c"'], { a: [1] }, true, null];
    const { rows } = await store.pool.query(
      'select $1::int8 as n, $2::timestamptz as at, $3::bytea as bytes, $4::text[] as texts, $5::jsonb as json, $6::bool as flag, $7::text as nothing, array[1, null]::int8[] as numbers',
      values,
    );
    expect(rows).toEqual([
      {
        n: 9_007_199_254_740_993n,
        at,
        bytes: Buffer.from([0, 255]),
        texts: ['a', null, 'b "c"'],
        json: { a: [1] },
        flag: true,
        nothing: null,
        numbers: [1n, null],
      },
    ]);
    expect(Buffer.isBuffer(rows[0]?.['bytes'])).toBe(true);
    await store.close();
  });

  test('gateways that start together on an empty database share it, each with a journal of its own', async () => {
    await using one = await scratchDirectory();
    await using two = await scratchDirectory();
    const url = await newDatabase();
    const [first, second] = await Promise.all([open(one.path, url), open(two.path, url)]);
    const calls = [first, second].map((store) => Array.from({ length: 200 }, () => appendCall(store)));
    await Promise.all([first.journal.flush(), second.journal.flush()]);
    expect(await attempts(first)).toEqual({ count: 400n, calls: 400n });
    expect(await callById(second.database, calls[0]?.[0] ?? '')).toBeDefined();
    const { rows } = await first.pool.query('select count(distinct journal) as journals from attempts');
    expect(rows).toEqual([{ journals: 2n }]);
    await insertKey(first.database, { ...KEY, hash: Buffer.alloc(32, 1) });
    expect(await keyById(second.database, KEY.id)).toMatchObject({ name: 'shared' });
    await first.close();
    await second.close();
  });

  test('a copied data directory does not replay under the name of the first one', async () => {
    await using one = await scratchDirectory();
    await using two = await scratchDirectory();
    const url = await newDatabase();
    const first = await open(one.path, url);
    appendCall(first);
    await first.journal.flush();
    mkdirSync(two.path, { recursive: true });
    copyFileSync(join(one.path, 'instance-id'), join(two.path, 'instance-id'));
    const log = collectedLog();
    const copy = await open(two.path, url, {}, log);
    appendCall(copy);
    await expect
      .poll(() => log.lines.map(({ facts }) => ('reason' in facts ? String(facts.reason) : '')).join(), {
        timeout: 5_000,
      })
      .toContain('remove the file instance-id from the copy');
    expect(await attempts(first)).toEqual({ count: 1n, calls: 1n });
    await copy.close();
    await first.close();
  });

  test('what waiting does not mend is refused at once, with what to correct, and gives the directory back', async () => {
    await using scratch = await scratchDirectory();
    const url = await newDatabase();
    const none = url.replace(/\/[^/]*$/, '/none');
    const waiting = { waitMs: 60_000, goOnWithout: true };
    await expect(open(scratch.path, none, waiting)).rejects.toThrow(
      /database "none" does not exist; correct DATABASE_URL/,
    );
    await expect(open(scratch.path, url.replace('postgres@', 'nobody@'), waiting)).rejects.toThrow(/role "nobody"/);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(
      `create database server_store_latin encoding 'LATIN1' template template0 lc_collate 'C' lc_ctype 'C'`,
    );
    await client.query('create database server_store_standby');
    await client.query('alter database server_store_standby set default_transaction_read_only = on');
    await client.end();
    const beside = (name: string) => url.replace(/\/[^/]*$/, `/${name}`);
    await expect(open(scratch.path, beside('server_store_latin'), waiting)).rejects.toThrow(/encoded in LATIN1/);
    await expect(open(scratch.path, beside('server_store_standby'))).rejects.toThrow(/takes no writes/);
    const store = await open(scratch.path, url);
    await store.pool.query(
      `insert into schema_migrations (name, position, checksum, applied_at) values ('9999-newer', 9999, 'x', '2026-01-01')`,
    );
    await store.close();
    await expect(open(scratch.path, url, waiting)).rejects.toThrow(/made by a newer version of Leeward/);
  });
});

const KEY = {
  id: 'key_shared',
  organisation: 'org_default',
  project: 'proj_default',
  name: 'shared',
  prefix: 'lw_abc',
  last4: 'wxyz',
  pepperId: 'p1',
  scopes: [],
  createdAt: 1_767_225_600_000,
  createdBy: 'test',
  source: 'database',
};

async function activeSessions(store: Store): Promise<unknown> {
  const { rows } = await store.pool.query(
    `select count(*) from pg_stat_activity where application_name = 'leeward gateway' and state = 'active' and datname = current_database()`,
  );
  return rows[0]?.['count'];
}
