import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { SABOTAGES } from './support/sabotage/list.ts';

const SOURCES = resolve(import.meta.dirname, '../src');

/** A change of the product that moves such a line is told here, long before a proof is sabotaged. */
test.each(SABOTAGES)('the line that $name breaks stands exactly once in $file', ({ file, find, replace }) => {
  expect(readFileSync(join(SOURCES, file), 'utf8').split(find)).toHaveLength(2);
  expect(replace).not.toBe(find);
});

test('no two sabotages have one name', () => {
  expect(new Set(SABOTAGES.map(({ name }) => name)).size).toBe(SABOTAGES.length);
});
