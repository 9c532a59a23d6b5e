import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RollingCounts } from './rolling-counts.ts';

test('it counts what was within the window, to a tenth of it, however time passes', () => {
  const step = fc.record({ waitMs: fc.integer({ min: 0, max: 1_500 }), second: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const counts = new RollingCounts(1_000);
      const added: { atMs: number; second: boolean }[] = [];
      let nowMs = 0;
      for (const { waitMs, second } of steps) {
        nowMs += waitMs;
        if (second) counts.addSecond(nowMs);
        else counts.addFirst(nowMs);
        added.push({ atMs: nowMs, second });
        const since = (ms: number, of: boolean) => added.filter((one) => one.second === of && one.atMs > ms).length;
        for (const [got, of] of [
          [counts.first(nowMs), false],
          [counts.second(nowMs), true],
        ] as const) {
          expect(got).toBeGreaterThanOrEqual(since(nowMs - 900, of));
          expect(got).toBeLessThanOrEqual(since(nowMs - 1_000, of));
        }
      }
      expect(counts.first(nowMs + 1_000) + counts.second(nowMs + 1_000)).toBe(0);
    }),
  );
});

test('what is taken back is gone while it counts, and not twice once it has left by itself', () => {
  const counts = new RollingCounts(1_000);
  counts.addSecond(50);
  counts.addSecond(450);
  counts.removeSecond(50, 500);
  expect(counts.second(500)).toBe(1);
  counts.removeSecond(50, 1_200);
  expect(counts.second(1_200)).toBe(1);
  counts.addSecond(1_250);
  counts.removeSecond(250, 1_260);
  expect(counts.second(1_260)).toBe(2);
  counts.removeSecond(450, 5_000);
  expect(counts.second(5_000)).toBe(0);
});
