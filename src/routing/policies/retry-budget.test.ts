import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DEFAULT_TARGET_POLICIES } from '../../protocol/policy.ts';
import { RetryBudget } from './retry-budget.ts';

const POLICY = DEFAULT_TARGET_POLICIES.retryBudget;

/** A thousand calls a second for a minute, three attempts allowed for each. @returns attempts per call in the second half */
function amplification(answered: (attempt: number) => boolean, answerMs = 300): number {
  const budget = new RetryBudget(POLICY);
  const given: { atMs: number; takenMs: number }[] = [];
  let [calls, attempts] = [0, 0];
  for (let nowMs = 0; nowMs < 60_000; nowMs++) {
    while (given[0] !== undefined && given[0].atMs <= nowMs) budget.giveBack(given.shift()?.takenMs ?? 0, nowMs);
    const counts = nowMs >= 30_000 ? 1 : 0;
    budget.called(nowMs);
    calls += counts;
    attempts += counts;
    if (answered(nowMs)) continue;
    for (let retry = 0; retry < 2 && budget.take(nowMs); retry++) {
      attempts += counts;
      if (!answered(nowMs * 7 + retry + 1)) continue;
      given.push({ atMs: nowMs + answerMs, takenMs: nowMs });
      break;
    }
  }
  return attempts / calls;
}

test('in a total outage a thousand calls a second cause at most 1.25 attempts each, and not three', () => {
  expect(amplification(() => false)).toBeLessThanOrEqual(1.25);
  expect(amplification(() => false)).toBeGreaterThan(1.15);
});

test('every call may be retried where retries are answered', () => {
  const budget = new RetryBudget(POLICY);
  for (let nowMs = 0; nowMs < 60_000; nowMs++) {
    budget.called(nowMs);
    if (nowMs < 10_000) continue;
    expect(budget.take(nowMs)).toBe(true);
    if (nowMs >= 11_000) budget.giveBack(nowMs - 1_000, nowMs);
  }
});

test('a target without calls has three retries a second, saved up for ten seconds', () => {
  const budget = new RetryBudget(POLICY);
  const taken = (nowMs: number) => Array.from({ length: 100 }, () => budget.take(nowMs)).filter(Boolean).length;
  expect(taken(0)).toBe(30);
  expect(taken(5_000)).toBe(0);
  expect(taken(10_000)).toBe(30);
  expect(budget.asked).toEqual({ allowed: 60, refused: 240 });
});

test('within any window retries that are not answered stay within the share and the few', () => {
  const step = fc.record({
    waitMs: fc.integer({ min: 0, max: 2_000 }),
    calls: fc.nat({ max: 30 }),
    wants: fc.nat({ max: 30 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const budget = new RetryBudget(POLICY);
      const taken: number[] = [];
      const called: number[] = [];
      let nowMs = 0;
      for (const { waitMs, calls, wants } of steps) {
        nowMs += waitMs;
        for (let index = 0; index < calls; index++) {
          budget.called(nowMs);
          called.push(nowMs);
        }
        for (let index = 0; index < wants; index++) if (budget.take(nowMs)) taken.push(nowMs);
        const since = (times: number[], ms: number) => times.filter((at) => at > nowMs - ms).length;
        expect(since(taken, 9_000)).toBeLessThanOrEqual(since(called, 10_001) * 0.2 + 30);
      }
    }),
  );
});
