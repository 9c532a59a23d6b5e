import { expect, test } from 'vitest';
import { seededRandom } from '../kernel/random.ts';
import { sdkRetryMs } from './sdk-retry.ts';

function wait(status: number, headers: Readonly<Record<string, string>> = {}, done = 0): number | undefined {
  return sdkRetryMs({ status, header: (name) => headers[name] }, done, seededRandom(1));
}

test.each([0, 408, 409, 429, 500, 503, 529])(
  'status %i is tried again within half a second, an eighth less at least',
  (status) => {
    const waitMs = wait(status);
    expect(waitMs).toBeGreaterThanOrEqual(375);
    expect(waitMs).toBeLessThanOrEqual(500);
  },
);

test.each([400, 401, 402, 403, 404, 422])('status %i is not tried again', (status) => {
  expect(wait(status)).toBeUndefined();
});

test('the gateway has the last word', () => {
  expect(wait(503, { 'x-should-retry': 'false' })).toBeUndefined();
  expect(wait(400, { 'x-should-retry': 'true' })).toBeDefined();
});

test('it comes again when it was told to, in milliseconds where both are said, unless that is a minute or more', () => {
  expect(wait(429, { 'retry-after': '7' })).toBe(7_000);
  expect(wait(429, { 'retry-after': '7', 'retry-after-ms': '6500' })).toBe(6_500);
  expect(wait(429, { 'retry-after': '60' })).toBeLessThanOrEqual(500);
  expect(wait(429, { 'retry-after': 'soon' })).toBeLessThanOrEqual(500);
});

test('it waits twice as long each time, and no longer than eight seconds', () => {
  expect(wait(500, {}, 1)).toBeGreaterThanOrEqual(750);
  expect(wait(500, {}, 9)).toBeLessThanOrEqual(8_000);
});
