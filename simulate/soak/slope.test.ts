import { expect, test } from 'vitest';
import { growthPerHour } from './slope.ts';

test('a value that grows evenly grows by that, and single peaks do not count', () => {
  const points = Array.from({ length: 30 }, (_, index) => ({
    atMs: index * 1_000,
    value: 100 + index + (index % 10 === 0 ? 5_000 : 0),
  }));
  expect(growthPerHour(points)).toBeCloseTo(3_600, 0);
});

test('a value that stays does not grow, and nothing is known of one point', () => {
  expect(growthPerHour([1, 2, 3].map((atMs) => ({ atMs, value: 7 })))).toBe(0);
  expect(growthPerHour([{ atMs: 1, value: 7 }])).toBe(0);
});
