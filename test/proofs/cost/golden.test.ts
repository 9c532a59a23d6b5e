import { expect, test } from 'vitest';
import { openCatalog } from '../../../src/catalog/packaged.ts';
import { pricedGolden } from './golden.ts';
import { GOLDEN_CASES } from './golden-cases.ts';
import { UNKNOWN_CASES } from './unknown-cases.ts';

const { catalog } = openCatalog('/nowhere');

test('at least sixty prices were worked out by hand, none of them twice', () => {
  expect(GOLDEN_CASES.length).toBeGreaterThanOrEqual(60);
  expect(new Set(GOLDEN_CASES.map(({ title }) => title)).size).toBe(GOLDEN_CASES.length);
});

test.each(GOLDEN_CASES)('$vendor, $title', (one) => {
  const { ours, how } = pricedGolden(catalog, one);
  expect(ours, `${how}, where by hand ${one.derivation}`).toBe(one.nanoUsd);
});

test.each(UNKNOWN_CASES)('$vendor, $title: no cost', (one) => {
  const { ours, how } = pricedGolden(catalog, one);
  expect(ours, how).toBeUndefined();
});
