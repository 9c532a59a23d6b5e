import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../kernel/clock.ts';
import { makeLog } from '../observability/log.ts';
import { openStore } from '../store/open-store.ts';
import { openOfflineKeyring } from './offline-keyring.ts';

let dataDir: string;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'leeward-offline-'));
  const store = await openStore({ dataDir, clock: systemClock, log: makeLog({ level: 'silent' }) });
  await expect(openOfflineKeyring(dataDir, systemClock, {})).rejects.toThrow(/is in use by process/);
  await store.close();
});

afterAll(() => rmSync(dataDir, { recursive: true }));

test('keys are made, listed without their secrets, and revoked, and the store is given back', async () => {
  const keyring = await openOfflineKeyring(dataDir, systemClock, {});
  const parent = await keyring.create({ name: 'parent' });
  const child = await keyring.create({ name: 'child', parent: String(parent['id']), expiresAt: Date.now() + 60_000 });
  expect(child).toMatchObject({ name: 'child', parent: parent['id'], created_by: 'cli', revoked_at: null });
  expect(await keyring.revoke(String(parent['id']))).toMatchObject({ revoked_at: expect.any(String) });
  await expect(keyring.revoke('key_nobody')).rejects.toMatchObject({ code: 'not_found' });
  await keyring.close();
  expect(statSync(join(dataDir, 'peppers.json')).mode & 0o777).toBe(0o600);
  const again = await openOfflineKeyring(dataDir, systemClock, {});
  const list = await again.list();
  await again.close();
  expect(list.map((key) => key['name']).sort()).toEqual(['child', 'parent']);
  for (const { key } of [parent, child]) expect(JSON.stringify(list)).not.toContain(key);
});

test('where there is no store, none is made', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'leeward-offline-'));
  await expect(openOfflineKeyring(empty, systemClock, {})).rejects.toMatchObject({ code: 'not_found' });
  expect(readdirSync(empty)).toEqual([]);
  rmSync(empty, { recursive: true });
});
