import { expect, test } from 'vitest';
import { scaledDecimal } from './decimal.ts';

test.each([
  ['0.15', 6, 150_000n],
  ['2.5', 6, 2_500_000n],
  ['600', 6, 600_000_000n],
  ['1.5e-07', 12, 150_000n],
  ['2E-7', 12, 200_000n],
  ['1e3', 0, 1_000n],
  ['0.10', 1, 1n],
  ['0', 6, 0n],
])('%s with %i decimals is %s', (text, scale, expected) => {
  expect(scaledDecimal(text, scale)).toBe(expected);
});

test.each([
  ['0.08333333333333334', 6],
  ['-1', 6],
  ['NaN', 6],
  ['', 6],
  ['1e999', 6],
  ['1_000', 6],
  ['0x10', 6],
])('%s with %i decimals is unknown, never rounded', (text, scale) => {
  expect(scaledDecimal(text, scale)).toBeUndefined();
});
