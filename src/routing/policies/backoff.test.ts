import { expect, test } from 'vitest';
import { seededRandom } from '../../kernel/random.ts';
import { DEFAULT_ROUTE_POLICIES } from '../../protocol/policy.ts';
import { fullJitterMs } from './backoff.ts';

const backoff = { baseMs: 250, maxMs: 8_000 };

test('the waits are those of the defaults', () => {
  expect(DEFAULT_ROUTE_POLICIES.backoff).toEqual(backoff);
});

test.each([
  [0, 250],
  [1, 500],
  [3, 2_000],
  [5, 8_000],
  [50, 8_000],
  [5_000, 8_000],
])('the wait after try %i is uniform between nothing and %i ms', (tried, mostMs) => {
  const random = seededRandom(tried + 1);
  const waits = Array.from({ length: 2_000 }, () => fullJitterMs(backoff, tried, random)).sort(
    (one, other) => one - other,
  );
  // Kolmogorov and Smirnov: the greatest distance from the uniform distribution, at the 1 % level.
  const distance = Math.max(...waits.map((ms, index) => Math.abs(ms / mostMs - (index + 0.5) / waits.length)));
  expect(distance).toBeLessThan(1.63 / Math.sqrt(waits.length));
  expect(waits[0]).toBeGreaterThanOrEqual(0);
  expect(waits.at(-1)).toBeLessThan(mostMs);
});

test('of a thousand clients that failed together no tenth of a second gets thrice its share', () => {
  const random = seededRandom(7);
  const buckets = new Map<number, number>();
  for (let client = 0; client < 1_000; client++) {
    const bucket = Math.floor(fullJitterMs(backoff, 3, random) / 100);
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
  }
  expect(Math.max(...buckets.values())).toBeLessThan((1_000 / 20) * 3);
});
