import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { importsOf } from '../../tools/lint/imports.ts';
import { AdminApi } from './admin-api.ts';
import { ADMIN_ENDPOINTS } from './endpoints.ts';

const SRC = join(import.meta.dirname, '..');

/** Everything that is loaded together with a file, ours by its path below `src/`, packages by their names. */
function loadedWith(path: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(path)) return found;
  found.add(path);
  for (const { specifier, kind } of importsOf(path, readFileSync(join(SRC, path), 'utf8'))) {
    if (kind !== 'static') continue;
    if (!specifier.startsWith('.')) found.add(specifier);
    else if (specifier.endsWith('.ts')) loadedWith(relative(SRC, join(SRC, dirname(path), specifier)), found);
  }
  return found;
}

test('a start loads neither Fastify nor the contract: only the first administrative request does', () => {
  const heavy = (found: ReadonlySet<string>) =>
    [...found].filter((name) => name.includes('fastify') || name.startsWith('admin/contract/'));
  const atStart = loadedWith('compose/gateway-process.ts');
  expect(atStart).toContain('admin/admin-api.ts');
  expect(heavy(atStart)).toEqual([]);
  expect(heavy(loadedWith('admin/admin-app.ts'))).toContain('fastify');
});

test('every route is guarded by the admin token', () => {
  const api = new AdminApi(() => {
    throw new Error('nothing is asked here');
  });
  const routes = api.routes();
  expect(routes.map(({ method, path }) => ({ method, path }))).toEqual(Object.values(ADMIN_ENDPOINTS));
  expect(new Set(routes.map(({ guard }) => guard))).toEqual(new Set(['admin']));
});
