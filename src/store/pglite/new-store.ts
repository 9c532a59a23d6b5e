import {
  closeSync,
  type Dirent,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { readTemplate, unpackTemplate } from './template.ts';

/**
 * Makes the Postgres data directory when there is none, from the prepared
 * template where the package carries one, otherwise with initdb (some seconds).
 *
 * It is built beside its place, synced, and renamed: a kill or a power cut at
 * any moment leaves either no store or a whole one. What an earlier attempt
 * left is removed first; the caller holds the data directory's lock.
 */
export async function ensureStore(
  directory: string,
  templateFile: URL,
  onProgress: (text: string) => void,
): Promise<void> {
  if (existsSync(join(directory, 'PG_VERSION'))) return;
  const building = `${directory}.building`;
  rmSync(building, { recursive: true, force: true });
  if (existsSync(templateFile)) {
    onProgress('unpacking a new store');
    unpackTemplate(readTemplate(readFileSync(templateFile)), building);
  } else {
    onProgress('making a new store (the prepared one is missing; this takes some seconds)');
    await initialise(building);
  }
  await syncTree(building);
  renameSync(building, directory);
  syncDirectory(dirname(directory));
}

/** A store of PGlite's own making, in one database: the two templates are never read and could never be vacuumed. */
export async function initialise(directory: string): Promise<void> {
  const pglite = await PGlite.create(directory);
  try {
    await pglite.exec('update pg_database set datistemplate = false');
    await pglite.exec('drop database template0');
    await pglite.exec('drop database template1');
    await pglite.exec('vacuum freeze');
    await pglite.exec('checkpoint');
  } finally {
    await pglite.close();
  }
}

async function syncTree(directory: string): Promise<void> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  const of = (wanted: (entry: Dirent) => boolean) =>
    entries.filter(wanted).map((entry) => join(entry.parentPath, entry.name));
  // Together, because the file system's journal commits them in groups: a third of the time of one after another.
  await Promise.all(of((entry) => entry.isFile()).map(syncFile));
  for (const path of [directory, ...of((entry) => entry.isDirectory())]) syncDirectory(path);
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function syncDirectory(directory: string): void {
  // Windows cannot open a directory, and writes its entries through by itself.
  if (process.platform === 'win32') return;
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
