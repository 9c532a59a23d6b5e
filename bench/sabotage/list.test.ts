import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SABOTAGES } from '../../test/support/sabotage/list.ts';
import { BENCH_SABOTAGES, BROKEN } from './list.ts';

const root = new URL('../../', import.meta.url);
const ofProduct = SABOTAGES.filter(({ name }) => BROKEN.some((broken) => broken.name === name));
const texts = [
  ...ofProduct.map(({ name, file, find }) => ({ name, path: `src/${file}`, find })),
  ...BENCH_SABOTAGES.map(({ name, file, find }) => ({ name, path: `bench/${file}`, find })),
];

test.each(texts)('the line that $name replaces stands exactly once in $path', ({ path, find }) => {
  expect(readFileSync(new URL(path, root), 'utf8').split(find).length - 1).toBe(1);
});

test('every fault that the bench is to notice is tried', () => {
  const tried = new Set(BROKEN.map(({ name }) => name));
  const promised = SABOTAGES.filter(({ caughtBy }) => caughtBy.includes('bench')).map(({ name }) => name);
  expect(promised.filter((name) => !tried.has(name))).toEqual([]);
  expect(BENCH_SABOTAGES.filter(({ name }) => !tried.has(name))).toEqual([]);
});
