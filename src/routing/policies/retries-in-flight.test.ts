import { expect, test } from 'vitest';
import { DEFAULT_GLOBAL_POLICIES } from '../../protocol/policy.ts';
import { RetriesInFlight } from './retries-in-flight.ts';

function withAttempts(count: number): RetriesInFlight {
  const retries = new RetriesInFlight(DEFAULT_GLOBAL_POLICIES.retriesInFlight);
  for (let index = 0; index < count; index++) retries.attemptBegun();
  return retries;
}

/** Retries that begin, as long as one may. */
function begun(retries: RetriesInFlight): number {
  for (let count = 0; ; count++) {
    if (!retries.allowsOneMore || count > 1_000) return count;
    retries.attemptBegun();
    retries.retryBegun();
  }
}

test('three retries are always allowed', () => {
  expect(begun(withAttempts(0))).toBe(3);
  expect(begun(withAttempts(5))).toBe(3);
});

test('above that, a fifth of all attempts under way', () => {
  expect(begun(withAttempts(100))).toBe(25);
});

test('one that was heard of makes room for another', () => {
  const retries = withAttempts(0);
  begun(retries);
  expect(retries.allowsOneMore).toBe(false);
  retries.retryHeard();
  expect(retries.allowsOneMore).toBe(true);
});

test('without a policy there are as many as there are', () => {
  expect(begun(new RetriesInFlight())).toBeGreaterThan(1_000);
});

test('another policy holds at once, for the retries under way too', () => {
  const retries = new RetriesInFlight({ percent: 0, min: 2 });
  retries.retryBegun();
  expect(retries.allowsOneMore).toBe(true);
  retries.follow({ percent: 0, min: 1 });
  expect(retries.allowsOneMore).toBe(false);
  retries.follow();
  expect(retries.allowsOneMore).toBe(true);
});
