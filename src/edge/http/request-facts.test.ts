import { expect, test } from 'vitest';
import { requestFacts } from './request-facts.ts';

const facts = (headers: Readonly<Record<string, string>>) =>
  requestFacts({ headers, rawHeaders: Object.entries(headers).flat() });

test('a client’s patience for the first token and the weight of its call are read', () => {
  expect(facts({ 'x-leeward-ttft-timeout-ms': '2500', 'x-leeward-priority': 'Critical ' })).toEqual({
    forwarded: [],
    firstTokenMs: 2_500,
    priority: 'critical',
  });
  expect(facts({})).toEqual({ forwarded: [] });
});

test('a call is strict, or imagined, only where its client says so', () => {
  expect(facts({ 'x-leeward-strict': 'true', 'x-leeward-dry-run': 'true' })).toMatchObject({
    strict: true,
    dryRun: true,
  });
  expect(facts({ 'x-leeward-strict': 'false', 'x-leeward-dry-run': 'false' })).toEqual({ forwarded: [] });
});

test.each([
  ['x-leeward-ttft-timeout-ms', '0', 'must be a whole number of milliseconds above 0'],
  ['x-leeward-ttft-timeout-ms', '2.5', 'must be a whole number of milliseconds above 0'],
  ['x-leeward-ttft-timeout-ms', '9999999999', 'must be a whole number of milliseconds above 0'],
  ['x-leeward-timeout-ms', '-1', 'must be a whole number of milliseconds above 0'],
  ['x-leeward-priority', 'urgent', 'must be critical, high, normal or low'],
  ['x-leeward-priority', '', 'must be critical, high, normal or low'],
  ['x-leeward-max-retries', '10', 'must be a number from 0 to 9'],
  ['x-leeward-strict', 'yes', 'must be true or false'],
  ['x-leeward-dry-run', '1', 'must be true or false'],
])('%s: %s is refused by name', (name, value, message) => {
  expect(() => facts({ [name]: value })).toThrowError(
    expect.objectContaining({ code: 'invalid_request', message: `The header ${name} ${message}.` }),
  );
});
