import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nano } from './amounts.ts';
import { NANO_USD_MAX, usdAmount, writtenDecimal } from './usd-amount.ts';
import { usdText } from './usd-text.ts';

test.each([
  ['5', 5_000_000_000n],
  ['5.00', 5_000_000_000n],
  ['0.000000001', 1n],
  ['0.1', 100_000_000n],
  [' 12.5 ', 12_500_000_000n],
  ['1e-7', 100n],
  ['1000000000', NANO_USD_MAX],
])('%s dollars are %s nano-USD', (text, amount) => {
  expect(usdAmount(text)).toBe(amount);
});

test.each([
  '',
  '-1',
  '+1',
  'NaN',
  'Infinity',
  '1,5',
  '0x10',
  '0.0000000001',
  '1000000000.000000001',
  '$5',
  '1e400',
  '٣',
])('%s is no amount', (text) => {
  expect(usdAmount(text)).toBeUndefined();
});

test('an amount reads as it is written', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: NANO_USD_MAX }), (amount) => {
      expect(usdAmount(usdText(nano(amount)))).toBe(amount);
    }),
  );
});

test('a number counts as the decimal it was written as, or not at all', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999_999 }), fc.integer({ min: 0, max: 999_999_999 }), (whole, fraction) => {
      const text = `${whole}.${String(fraction).padStart(9, '0')}`;
      const written = writtenDecimal(Number(text));
      expect(written === undefined ? undefined : usdAmount(written)).toBe(usdAmount(text));
    }),
  );
  for (const number of [Number.NaN, Number.POSITIVE_INFINITY, -1, 0.1 + 0.2, 1_000_000.000000001]) {
    expect(writtenDecimal(number)).toBeUndefined();
  }
});
