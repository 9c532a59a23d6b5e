import { expect, test } from 'vitest';
import { RateMeter } from './rate-meter.ts';

test('requests beyond the limit are told when to come again, and are admitted then', () => {
  const meter = new RateMeter({ requestsPerMinute: 60, retryAfter: true, headers: true });
  for (let request = 0; request < 60; request++) expect(meter.admit(0, 10)).toBeUndefined();
  expect(meter.admit(0, 10)).toBe(1_000);
  expect(Object.fromEntries(meter.headers(0, 1_000))).toEqual({
    'retry-after': '1',
    'retry-after-ms': '1000',
    'x-ratelimit-limit-requests': '60',
    'x-ratelimit-remaining-requests': '0',
    'x-ratelimit-reset-requests': '60000ms',
  });
  expect(meter.admit(1_000, 10)).toBeUndefined();
  expect(meter.admit(1_000, 10)).toBe(1_000);
});

test('tokens count at admission, and a request above the whole limit waits for all of it', () => {
  const meter = new RateMeter({ tokensPerMinute: 6_000, retryAfter: false, headers: false });
  expect(meter.admit(0, 5_000)).toBeUndefined();
  expect(meter.admit(0, 2_000)).toBe(10_000);
  expect(meter.admit(0, 50_000)).toBe(50_000);
  expect(meter.headers(0, 50_000)).toEqual([]);
});
