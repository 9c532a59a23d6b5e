import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { callById } from './attempt-queries.ts';
import { endRecord, openScratchStore, scratchDirectory, startRecord } from './testing/scratch.ts';

test('a store keeps what it was given over close and open, and says that it makes itself only once', async () => {
  await using scratch = await scratchDirectory();
  const dataDir = join(scratch.path, 'new/.leeward');
  const progress: string[] = [];
  const options = { unsafeNoFsync: false, onProgress: (text: string) => void progress.push(text) };
  const first = await openScratchStore(dataDir, options);
  expect(first.state()).toEqual({ state: 'open' });
  const start = startRecord();
  first.journal.append(start);
  first.journal.append(endRecord(start));
  await first.close();
  await first.close();
  expect(existsSync(join(dataDir, 'lock-owner.json'))).toBe(false);
  expect(() => first.journal.append(startRecord())).toThrow(expect.objectContaining({ code: 'budget_unavailable' }));

  const second = await openScratchStore(dataDir, options);
  expect(await callById(second.database, start.callId)).toMatchObject({ id: start.callId, clientStatus: 200 });
  expect(progress).toEqual(['unpacking a new store']);
  expect(second.restarts).toBe(0);
  await second.close();
});

test('a second store on the same directory is refused and leaves the first one alone', async () => {
  await using scratch = await scratchDirectory();
  const store = await openScratchStore(scratch.path);
  await expect(openScratchStore(scratch.path)).rejects.toThrow(`is in use by process ${process.pid}`);
  const { rows } = await store.pool.query('select count(*) from keys');
  expect(rows).toEqual([{ count: 0n }]);
  await store.close();
});

test('a store made by a newer version is refused, and the directory is free again', async () => {
  await using scratch = await scratchDirectory();
  const newer = await openScratchStore(scratch.path);
  await newer.pool.query(
    `insert into schema_migrations (name, position, checksum, applied_at) values ('9999-newer', 9999, 'x', '2026-01-01')`,
  );
  await newer.close();
  await expect(openScratchStore(scratch.path)).rejects.toThrow(/made by a newer version of Leeward/);
  await expect(openScratchStore(scratch.path)).rejects.toThrow(/made by a newer version of Leeward/);
  expect(readdirSync(scratch.path).sort()).toEqual(['journal', 'lock.db', 'postgres']);
});
