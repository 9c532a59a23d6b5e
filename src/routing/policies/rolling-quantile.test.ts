import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RollingQuantile } from './rolling-quantile.ts';

test('it is the quantile of the last 256 durations, rounded up by at most 7 %', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 1, max: 600_000, noNaN: true }), { minLength: 20, maxLength: 700 }),
      fc.constantFrom(0.5, 0.95, 0.99),
      (durations, quantile) => {
        const rolling = new RollingQuantile(quantile);
        for (const ms of durations) rolling.add(ms);
        const last = durations.slice(-256).sort((one, other) => one - other);
        const exact = last[Math.ceil(quantile * last.length) - 1] ?? Number.NaN;
        for (const value of [rolling.value, rolling.at(quantile)]) {
          expect(value).toBeGreaterThanOrEqual(exact * 0.999_999);
          expect(value).toBeLessThanOrEqual(exact * 1.071);
        }
      },
    ),
  );
});

test('nothing is said of fewer than twenty', () => {
  const rolling = new RollingQuantile(0.95);
  for (let count = 0; count < 19; count++) rolling.add(100);
  expect([rolling.value, rolling.at(0.5)]).toEqual([undefined, undefined]);
  rolling.add(100);
  expect(rolling.value).toBe(rolling.at(0.5));
  expect(rolling.value).toBeLessThanOrEqual(107);
});

test.each([0, -5, Number.NaN])('a duration of %d counts as the shortest', (ms) => {
  const rolling = new RollingQuantile(0.95);
  for (let count = 0; count < 30; count++) rolling.add(ms);
  expect(rolling.value).toBe(1);
});

test('one of a year counts as the longest', () => {
  const rolling = new RollingQuantile(0.95);
  for (let count = 0; count < 30; count++) rolling.add(3e10);
  expect(rolling.value).toBeGreaterThan(8 * 3_600_000);
});
