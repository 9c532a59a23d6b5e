import { expect, test } from 'vitest';
import { nanoUsdOf, usdPerMillion, usdShown } from './money-text.ts';

test.each([
  [{ nano_usd: '31200', usd: '0.0000312' }, '$0.0000312'],
  [{ currency: 'USD', amount: '0.0000312' }, '$0.0000312'],
  [{ nano_usd: '0' }, '$0'],
  [null, 'unknown'],
  [undefined, 'unknown'],
  [{ nano_usd: '1.5' }, 'unknown'],
  [{ amount: '1e3' }, 'unknown'],
])('%j is shown as %s', (money, shown) => {
  expect(usdShown(money)).toBe(shown);
});

test('an amount keeps every digit', () => {
  expect(nanoUsdOf({ amount: '123456789012345678.123456789' })).toBe(123456789012345678123456789n);
  expect(nanoUsdOf({ amount: '-0.000000001' })).toBe(-1n);
});

test.each([
  ['150000', '$0.15'],
  ['2500000', '$2.50'],
  ['1', '$0.000001'],
  ['0', '$0.00'],
  [null, ''],
])('%j pico-USD a token are %s a million', (pico, shown) => {
  expect(usdPerMillion(pico)).toBe(shown);
});
