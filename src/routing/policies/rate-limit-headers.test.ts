import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HEADER_FAMILIES, type HeaderFamily, rateLimitsOf } from './rate-limit-headers.ts';

const NOW = Date.UTC(2026, 10, 21, 12, 0, 0);

function read(family: HeaderFamily, headers: Record<string, string>) {
  return rateLimitsOf(family, (name) => headers[name], NOW);
}

test('OpenAI tells of requests and tokens each', () => {
  const headers = {
    'x-ratelimit-limit-requests': '10000',
    'x-ratelimit-remaining-requests': '9999',
    'x-ratelimit-reset-requests': '6ms',
    'x-ratelimit-limit-tokens': '200000',
    'x-ratelimit-remaining-tokens': '149984',
    'x-ratelimit-reset-tokens': '6m0s',
  };
  expect(read('openai', headers)).toEqual({
    requests: { limit: 10_000, remaining: 9_999, resetMs: 6, refills: true },
    tokens: { limit: 200_000, remaining: 149_984, resetMs: 360_000, refills: true },
  });
});

test.each([
  ['1s', 1_000],
  ['6m0s', 360_000],
  ['120ms', 120],
  ['8.64s', 8_640],
  ['1h2m3s', 3_723_000],
  ['17h8m', 61_680_000],
  ['2m59.56s', 179_560],
  ['1m30ms', 60_030],
  ['0s', 0],
  ['7.66', 7_660],
  ['60', 60_000],
  ['3d', 86_400_000],
  ['999999999999', 86_400_000],
  ['', undefined],
  ['-1s', undefined],
  ['1s2m', undefined],
  ['soon', undefined],
  ['1e9', undefined],
  [' 1s', undefined],
  ['1s;', undefined],
  ['1'.repeat(40), undefined],
])('a reset of "%s" is after %s ms', (text, resetMs) => {
  const headers = { 'x-ratelimit-remaining-requests': '1', 'x-ratelimit-reset-requests': text };
  expect(read('openai', headers)?.requests?.resetMs).toBe(resetMs);
});

test('of Anthropic’s three limits of tokens the scarcest counts, and resets are instants', () => {
  const headers = {
    'anthropic-ratelimit-requests-limit': '50',
    'anthropic-ratelimit-requests-remaining': '49',
    'anthropic-ratelimit-requests-reset': '2026-11-21T12:00:01Z',
    'anthropic-ratelimit-tokens-limit': '100000',
    'anthropic-ratelimit-tokens-remaining': '90000',
    'anthropic-ratelimit-tokens-reset': '2026-11-21T12:00:10Z',
    'anthropic-ratelimit-output-tokens-limit': '8000',
    'anthropic-ratelimit-output-tokens-remaining': '80',
    'anthropic-ratelimit-output-tokens-reset': '2026-11-21T14:00:30+02:00',
  };
  expect(read('anthropic', headers)).toEqual({
    requests: { limit: 50, remaining: 49, resetMs: 1_000, refills: true },
    tokens: { limit: 8_000, remaining: 80, resetMs: 30_000, refills: true },
  });
});

test.each([
  ['2026-11-21T11:59:00Z', 0],
  ['2030-01-01T00:00:00Z', 86_400_000],
  ['2026-13-45T12:00:00Z', undefined],
  ['Sat, 21 Nov 2026 12:00:10 GMT', undefined],
  ['10', undefined],
])('an instant of %s is in %s ms', (text, resetMs) => {
  const headers = { 'anthropic-ratelimit-requests-remaining': '1', 'anthropic-ratelimit-requests-reset': text };
  expect(read('anthropic', headers)?.requests?.resetMs).toBe(resetMs);
});

test.each([
  [{ 'ratelimit-limit': '100', 'ratelimit-remaining': '5', 'ratelimit-reset': '30' }, 100, 5, 30_000],
  [{ ratelimit: 'limit=100, remaining=5, reset=30' }, 100, 5, 30_000],
  [{ ratelimit: '"default";r=5;t=30', 'ratelimit-policy': '"default";q=100;w=60' }, 100, 5, 30_000],
  [{ ratelimit: '"a";r=90;t=1, "b";r=5;t=30', 'ratelimit-policy': '"a";q=100, "b";q=100;w=60' }, 100, 5, 30_000],
  [{ ratelimit: '"default"; r=5; t=30' }, undefined, 5, 30_000],
  [{ ratelimit: '"default";r=5' }, undefined, 5, undefined],
])('the IETF’s fields in each of their drafts: %o', (headers, limit, remaining, resetMs) => {
  const requests = { limit, remaining, resetMs, refills: false };
  expect(read('ratelimit', headers as Record<string, string>)).toEqual({ requests, tokens: undefined });
});

test.each([
  { ratelimit: 'default;r=5;t=30' },
  { ratelimit: '"default";r=-5;t=30' },
  { ratelimit: '"default";t=30' },
  { ratelimit: '"default";r=5'.padEnd(300, ' ') },
  { 'ratelimit-remaining': '5.5' },
  { 'ratelimit-remaining': '5, 6' },
  { 'ratelimit-remaining': '' },
  { 'ratelimit-remaining': '9'.repeat(16) },
])('what no draft writes is ignored: %o', (headers) => {
  expect(read('ratelimit', headers as Record<string, string>)).toBeUndefined();
});

test('whatever a head holds, what is read of it is finite, and nothing is negative', () => {
  fc.assert(
    fc.property(fc.constantFrom(...HEADER_FAMILIES), fc.string({ unit: 'binary', maxLength: 40 }), (family, text) => {
      const limits = rateLimitsOf(family, () => text, NOW);
      for (const limit of [limits?.requests, limits?.tokens]) {
        for (const value of [limit?.limit ?? 0, limit?.remaining ?? 0, limit?.resetMs ?? 0]) {
          expect(Number.isFinite(value) && value >= 0).toBe(true);
        }
      }
    }),
  );
});
