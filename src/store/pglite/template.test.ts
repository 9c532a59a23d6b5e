import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchDirectory } from '../testing/scratch.ts';
import { ensureStore } from './new-store.ts';
import { packTemplate, readTemplate, unpackTemplate } from './template.ts';

const TEMPLATE = new URL('../../../assets/store-template.zst', import.meta.url);
const nothing = () => undefined;

test('the prepared store was made by the PGlite version that the package pins', () => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  const { pgliteVersion } = readTemplate(readFileSync(TEMPLATE));
  expect(manifest).toMatchObject({ dependencies: { '@electric-sql/pglite': pgliteVersion } });
});

test('files come out as they went in, and equal ones are kept once', async () => {
  await using scratch = await scratchDirectory();
  const content = Buffer.from('the same bytes'.repeat(100));
  const files = ['a', 'folder/b', 'folder/c'].map((path) => ({ path, content }));
  const template = readTemplate(packTemplate('1.2.3', ['folder', 'empty'], files));
  expect(template.content).toHaveLength(content.length);
  const target = join(scratch.path, 'out');
  unpackTemplate(template, target);
  for (const { path } of files) expect(readFileSync(join(target, path))).toEqual(content);
  expect(existsSync(join(target, 'empty'))).toBe(true);
});

test('a template cannot write outside of its folder', async () => {
  await using scratch = await scratchDirectory();
  const template = readTemplate(packTemplate('1.2.3', [], [{ path: '../outside', content: Buffer.from('x') }]));
  expect(() => unpackTemplate(template, join(scratch.path, 'out'))).toThrow('outside its folder: ../outside');
  expect(existsSync(join(scratch.path, 'outside'))).toBe(false);
});

test('what a killed attempt left is no store, and the next attempt replaces it', async () => {
  await using scratch = await scratchDirectory();
  const directory = join(scratch.path, 'postgres');
  mkdirSync(`${directory}.building`);
  writeFileSync(join(`${directory}.building`, 'PG_VERSION'), 'torn');
  await ensureStore(directory, TEMPLATE, nothing);
  expect(readFileSync(join(directory, 'PG_VERSION'), 'utf8').trim()).toBe('18');
  expect(existsSync(`${directory}.building`)).toBe(false);
  expect(existsSync(join(directory, 'base/5/pg_filenode.map'))).toBe(true);
});

test('a store that is there is left as it is', async () => {
  await using scratch = await scratchDirectory();
  writeFileSync(join(scratch.path, 'PG_VERSION'), 'mine');
  await ensureStore(scratch.path, TEMPLATE, nothing);
  expect(readFileSync(join(scratch.path, 'PG_VERSION'), 'utf8')).toBe('mine');
});
