import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Catalog } from './catalog.ts';
import { parseCatalogText } from './catalog-text.ts';
import { PACKAGED, refreshedPath } from './packaged.ts';

/** Catalogues that were in force before, so that calls of then can be reckoned again. */
const KEPT_MAX = 12;

/**
 * The catalogue of that version: the packaged one, or one that a refresh put
 * aside. Reads a file of some hundred kilobytes: not for every call.
 */
export function catalogOfVersion(dataDir: string, version: string): Catalog | undefined {
  const path = keptPath(dataDir, version);
  for (const candidate of [...(path === undefined ? [] : [path]), PACKAGED]) {
    if (!existsSync(candidate)) continue;
    const catalog = new Catalog(parseCatalogText(readFileSync(candidate, 'utf8')));
    if (catalog.header.version === version) return catalog;
  }
  return undefined;
}

/** Puts the refreshed catalogue aside before another takes its place, and forgets the oldest of too many. */
export function keepRefreshed(dataDir: string): void {
  const refreshed = refreshedPath(dataDir);
  if (!existsSync(refreshed)) return;
  const { version } = parseCatalogText(readFileSync(refreshed, 'utf8')).header;
  const path = keptPath(dataDir, version);
  if (path === undefined) return;
  const folder = keptFolder(dataDir);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  copyFileSync(refreshed, path);
  const kept = readdirSync(folder).map((name) => join(folder, name));
  const newestFirst = kept.sort((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs);
  for (const old of newestFirst.slice(KEPT_MAX)) rmSync(old, { force: true });
}

function keptFolder(dataDir: string): string {
  return join(dataDir, 'models-before');
}

/** A version comes from a record, and names a file only when it looks like one of ours. */
function keptPath(dataDir: string, version: string): string | undefined {
  return /^[A-Za-z0-9][\w.+-]{0,120}$/.test(version) ? join(keptFolder(dataDir), `${version}.json`) : undefined;
}
