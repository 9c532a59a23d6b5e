import { expect, test } from 'vitest';
import { VirtualClock } from '../kernel/clock.ts';
import { CallCounts } from './counts.ts';

const facts = (n: number) => ({
  n,
  method: 'POST',
  path: '/v1/chat/completions',
  stream: false,
  authorized: true,
  requestId: 'req_1',
});

test('the ring keeps the newest calls and counts what it drops; the totals forget nothing', () => {
  const counts = new CallCounts(new VirtualClock(), 3);
  for (let n = 1; n <= 8; n++) {
    const call = counts.open(facts(n));
    call.promptRead(10, 0);
    call.sent(100, n);
    call.settle(n % 2 === 0 ? 'complete' : 'cancelled');
  }
  expect(counts.calls().map((call) => call.n)).toEqual([6, 7, 8]);
  expect(counts.calls(6).map((call) => call.n)).toEqual([7, 8]);
  expect(counts.calls(0, 1).map((call) => call.n)).toEqual([6]);
  expect(counts.totals()).toEqual({
    calls: 8,
    active: 0,
    complete: 4,
    cut: 0,
    cancelled: 4,
    error: 0,
    promptTokens: 80,
    cachedTokens: 0,
    completionTokens: 36,
    dropped: 5,
  });
});

test('a call settles once, and one from before a reset does not disturb the new sums', () => {
  const counts = new CallCounts(new VirtualClock(), 10);
  const old = counts.open(facts(1));
  counts.reset();
  old.sent(10, 10);
  old.settle('complete');
  old.settle('error');
  expect(counts.totals()).toMatchObject({ calls: 0, active: 0, complete: 0, completionTokens: 0 });
  expect(old.record).toMatchObject({ outcome: 'complete', completionTokens: 10 });
});
