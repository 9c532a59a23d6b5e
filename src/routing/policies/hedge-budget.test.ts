import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HedgeBudget } from './hedge-budget.ts';

test('over any calls hedges are within their share', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.array(fc.boolean(), { maxLength: 2_000 }), (percent, wants) => {
      const budget = new HedgeBudget(percent);
      let hedges = 0;
      for (const [index, want] of wants.entries()) {
        budget.called();
        if (want && budget.take()) hedges++;
        expect(hedges).toBeLessThanOrEqual(((index + 1) * percent) / 100 + 1e-6);
      }
    }),
  );
});

test('one call in twenty may be hedged at five percent', () => {
  const budget = new HedgeBudget(5);
  let hedges = 0;
  for (let call = 0; call < 10_000; call++) {
    budget.called();
    if (budget.take()) hedges++;
  }
  expect(hedges).toBeGreaterThanOrEqual(499);
  expect(hedges).toBeLessThanOrEqual(500);
});

test('no more than five are saved up', () => {
  const budget = new HedgeBudget(5);
  for (let call = 0; call < 10_000; call++) budget.called();
  expect(Array.from({ length: 10 }, () => budget.take()).filter(Boolean)).toHaveLength(5);
});
