import { expect, test } from 'vitest';
import { DEFAULT_TARGET_POLICIES } from '../../protocol/policy.ts';
import { coolDownOf } from './cool-down.ts';

const { coolDown } = DEFAULT_TARGET_POLICIES;
const MINUTE_MS = 60_000;

test.each([
  [undefined, { scope: 'credential', forMs: 15 * MINUTE_MS, asked: false, reason: '429 without Retry-After' }],
  [0, undefined],
  [-5_000, undefined],
  [Number.NaN, undefined],
  [1, { scope: 'target', forMs: 1, asked: true, reason: 'Retry-After 1 ms' }],
  [20.5, { scope: 'target', forMs: 20.5, asked: true, reason: 'Retry-After 21 ms' }],
  [2_000, { scope: 'target', forMs: 2_000, asked: true, reason: 'Retry-After 2 s' }],
  [59_001, { scope: 'target', forMs: 59_001, asked: true, reason: 'Retry-After 60 s' }],
  [2 * MINUTE_MS, { scope: 'target', forMs: 2 * MINUTE_MS, asked: true, reason: 'Retry-After 120 s' }],
  [1e12, { scope: 'target', forMs: 60 * MINUTE_MS, asked: true, reason: 'Retry-After 3600 s' }],
  [Number.POSITIVE_INFINITY, { scope: 'target', forMs: 60 * MINUTE_MS, asked: true, reason: 'Retry-After 3600 s' }],
] as const)('a 429 that asks for %s ms', (retryAfterMs, becomes) => {
  expect(coolDownOf(coolDown, retryAfterMs, false)).toEqual(becomes);
});

test.each([
  [undefined, 15 * MINUTE_MS],
  [1_000, 15 * MINUTE_MS],
  [30 * MINUTE_MS, 30 * MINUTE_MS],
])(
  'a quota that is used up closes the credential for at least 15 minutes, whatever Retry-After says: %s',
  (ms, forMs) => {
    const reason = 'quota or spend limit used up';
    expect(coolDownOf(coolDown, ms, true)).toEqual({ scope: 'credential', forMs, asked: false, reason });
  },
);
