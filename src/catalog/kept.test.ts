import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeCatalogText } from './catalog-text.ts';
import { catalogOfVersion, keepRefreshed } from './kept.ts';
import { openCatalog, refreshedPath } from './packaged.ts';

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'leeward-kept-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

function refresh(dataDir: string, version: string): void {
  writeFileSync(refreshedPath(dataDir), writeCatalogText({ version, madeAt: '2026-11-01T00:00:00Z', sources: [] }, []));
}

test('a catalogue that was in force is found by its version, and so is the packaged one', () => {
  const dataDir = scratch();
  keepRefreshed(dataDir);
  expect(existsSync(join(dataDir, 'models-before'))).toBe(false);
  refresh(dataDir, 'list-1+media-1');
  keepRefreshed(dataDir);
  refresh(dataDir, 'list-2');
  expect(catalogOfVersion(dataDir, 'list-1+media-1')?.header.version).toBe('list-1+media-1');
  expect(openCatalog(dataDir).catalog.header.version).toBe('list-2');
  const packaged = openCatalog('/nowhere').catalog.header.version;
  expect(catalogOfVersion(dataDir, packaged)?.header.version).toBe(packaged);
});

test('a version that no file has, or that is no name of a file, is none', () => {
  const dataDir = scratch();
  refresh(dataDir, '../../outside');
  keepRefreshed(dataDir);
  expect(readdirSync(dataDir)).toEqual(['models.json']);
  for (const version of ['gone', '../models', 'a/b', '', 'declared input=1']) {
    expect(catalogOfVersion(dataDir, version)).toBeUndefined();
  }
});

test('no more than twelve are kept', () => {
  const dataDir = scratch();
  for (let version = 0; version < 15; version++) {
    refresh(dataDir, `list-${version}`);
    keepRefreshed(dataDir);
  }
  expect(readdirSync(join(dataDir, 'models-before'))).toHaveLength(12);
  expect(catalogOfVersion(dataDir, 'list-14')).toBeDefined();
});
