import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PostgresServer, postgresBinaries, startPostgres } from '../../test/support/postgres-server.ts';
import { ConfigError } from '../config/config-error.ts';
import { systemClock } from '../kernel/clock.ts';
import { makeLog } from '../observability/log.ts';
import { openStore } from '../store/open-store.ts';
import { openOfflineKeyring } from './offline-keyring.ts';
import { openOfflineRecords } from './offline-records.ts';
import { inspectStoreServer, offlineStoreServer } from './store-place.ts';

const URL = 'postgres://leeward:hunter2@db.internal/leeward';
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'leeward-place-'));
});

afterAll(() => rmSync(directory, { recursive: true }));

function configFile(text: string): string {
  const path = join(directory, 'leeward.yaml');
  writeFileSync(path, text);
  return path;
}

test('the store is where the file says, otherwise where the environment says, otherwise embedded', async () => {
  const placeOf = async (text: string, env: Record<string, string>) => {
    const place = await offlineStoreServer({ ...env, LEEWARD_CONFIG: configFile(text) });
    return place && [place.url, place.source];
  };
  const other = 'postgres://other/one';
  expect(await placeOf('', {})).toBeUndefined();
  expect(await placeOf('', { DATABASE_URL: ' ' })).toBeUndefined();
  expect(await placeOf('', { DATABASE_URL: URL })).toEqual([URL, 'DATABASE_URL']);
  expect(await placeOf(`store: { database_url: "${URL}" }`, { DATABASE_URL: other })).toEqual([
    URL,
    'store.database_url',
  ]);
  // Keys can be listed while something else in the file is wrong; not while it is unknown where they are.
  expect(await placeOf('retention_days: soon', { DATABASE_URL: other })).toEqual([other, 'DATABASE_URL']);
  await expect(placeOf('store: { database_url: nowhere }', {})).rejects.toBeInstanceOf(ConfigError);
});

test('a server that is not there is inspected in time, and its password is told to nobody', async () => {
  const found = await inspectStoreServer(
    { DATABASE_URL: 'postgres://u:hunter2@127.0.0.1:1/x' },
    undefined,
    systemClock,
  );
  expect(found).toMatchObject({ shown: '127.0.0.1:1/x', source: 'DATABASE_URL', risks: [] });
  expect(found?.problem).toContain('ECONNREFUSED');
  expect(JSON.stringify(found)).not.toContain('hunter2');
});

describe.skipIf((await postgresBinaries()) === undefined)('with a server', () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await startPostgres(['synchronous_commit=off']);
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  test('commands find their keys and records on it while no gateway runs', async () => {
    const env = { DATABASE_URL: await server.createDatabase('offline') };
    const dataDir = join(directory, 'data');
    const named = await offlineStoreServer(env);
    const place = named === undefined ? {} : { server: named };
    const first = {
      dataDir,
      clock: systemClock,
      log: makeLog({ level: 'silent' }),
      ...place,
    };
    await expect(openOfflineKeyring(dataDir, systemClock, env)).rejects.toMatchObject({ code: 'not_found' });
    await (await openStore(first)).close();
    const keyring = await openOfflineKeyring(dataDir, systemClock, env);
    const made = await keyring.create({ name: 'on the server' });
    await keyring.close();
    const again = await openOfflineKeyring(dataDir, systemClock, env);
    expect(await again.list()).toMatchObject([{ id: made['id'], name: 'on the server' }]);
    await again.close();
    const records = await openOfflineRecords(dataDir, systemClock, env);
    expect(await records.get('/admin/calls')).toMatchObject({ data: [] });
    await records.close();
    await expect(openOfflineKeyring(dataDir, systemClock, {})).rejects.toMatchObject({ code: 'not_found' });
  });

  test('what could lose a confirmed commit is found, and nothing is changed', async () => {
    const url = await server.createDatabase('inspected');
    const found = await inspectStoreServer({ DATABASE_URL: url }, undefined, systemClock);
    expect(found).toMatchObject({
      version: expect.stringMatching(/^\d+/),
      risks: [{ what: expect.stringContaining('synchronous_commit is off') }],
    });
  });
});
