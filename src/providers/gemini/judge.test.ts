import { expect, test } from 'vitest';
import { errorInAnswer, judgeGeminiError } from './judge.ts';

const NOW = Date.UTC(2026, 10, 22);

function judged(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const { error: told, ...rest } = judgeGeminiError(
    { status, header: (name) => headers[name], body: bytes },
    'google',
    NOW,
  );
  const { code, retry, retryAfterMs, message, summary } = told;
  return { ...rest, code, retry, retryAfterMs, message, summary, status: told.status };
}

function error(code: number, status: string, message = 'no', details: readonly unknown[] = []) {
  return { error: { code, message, status, ...(details.length === 0 ? {} : { details }) } };
}

const info = (reason: string) => ({ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason });
const wait = (retryDelay: string) => ({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay });
const quota = (quotaId: string, quotaValue = '20') => ({
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaMetric: 'generate_content_requests', quotaId, quotaValue }],
});

test.each([
  [503, error(503, 'UNAVAILABLE', 'The model is overloaded.'), 'upstream_error', 'other-target'],
  [500, error(500, 'INTERNAL'), 'upstream_error', 'other-target'],
  [504, error(504, 'DEADLINE_EXCEEDED'), 'upstream_timeout', 'other-target'],
  [499, error(499, 'CANCELLED'), 'upstream_error', 'other-target'],
  [429, error(429, 'RESOURCE_EXHAUSTED'), 'rate_limited', 'other-target'],
  [401, error(401, 'UNAUTHENTICATED'), 'upstream_error', 'other-target'],
  [403, error(403, 'PERMISSION_DENIED', "Method doesn't allow unregistered callers"), 'upstream_error', 'other-target'],
  [404, error(404, 'NOT_FOUND', 'models/x is not found for API version v1beta'), 'not_found', 'other-target'],
  [413, error(413, 'INVALID_ARGUMENT', 'Request payload size exceeds the limit'), 'payload_too_large', 'never'],
  [400, error(400, 'INVALID_ARGUMENT', 'Unknown name "x": Cannot find field.'), 'invalid_request', 'never'],
  [
    400,
    error(
      400,
      'INVALID_ARGUMENT',
      'The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).',
    ),
    'context_length_exceeded',
    'never',
  ],
] as const)('%d %o is %s, and is to be sent again to %s', (status, body, code, retry) => {
  expect(judged(status, body)).toMatchObject({ code, retry, status, relay: true, exhausted: false });
});

test.each([
  ['a key', error(400, 'INVALID_ARGUMENT', 'API key not valid.', [info('API_KEY_INVALID')]), 401],
  ['a key, in words', error(400, 'INVALID_ARGUMENT', 'API key expired. Please renew the API key.'), 401],
  ['a country', error(400, 'FAILED_PRECONDITION', 'User location is not supported for the API use.'), 403],
])('what a 400 says of %s is no mistake of the client', (_what, body, status) => {
  expect(judged(400, body)).toMatchObject({ code: 'upstream_error', retry: 'other-target', status });
});

test('how long to wait stands among the details, if no header says it', () => {
  const body = error(429, 'RESOURCE_EXHAUSTED', 'no', [quota('PerMinutePerProject'), wait('48.9399s')]);
  expect(judged(429, body)).toMatchObject({ retryAfterMs: 48_940, exhausted: false });
  expect(judged(429, body, { 'retry-after': '3' }).retryAfterMs).toBe(3_000);
  expect(judged(429, error(429, 'RESOURCE_EXHAUSTED', 'no', [wait('99999s')])).retryAfterMs).toBe(3_600_000);
  expect(judged(429, error(429, 'RESOURCE_EXHAUSTED', 'no', [wait('soon')])).retryAfterMs).toBeUndefined();
});

test.each([
  [429, error(429, 'RESOURCE_EXHAUSTED', 'no', [quota('GenerateRequestsPerDayPerProjectPerModel-FreeTier')])],
  [429, error(429, 'RESOURCE_EXHAUSTED', 'no', [quota('PerMinute', '0')])],
  [429, error(429, 'RESOURCE_EXHAUSTED', 'Your prepayment credits are depleted.')],
  [403, error(403, 'PERMISSION_DENIED', 'no', [info('BILLING_DISABLED')])],
])('an account that has nothing left is spent: %d %o', (status, body) => {
  expect(judged(status, body)).toMatchObject({ exhausted: true, retry: 'other-target', status });
});

test('an error in a list of one is read, a page of HTML is not handed on', () => {
  expect(judged(400, [error(400, 'INVALID_ARGUMENT', 'bad')])).toMatchObject({
    code: 'invalid_request',
    relay: true,
    summary: 'google answered with status 400 (INVALID_ARGUMENT)',
  });
  expect(judged(404, '<html>')).toMatchObject({ code: 'upstream_error', relay: false, status: 502 });
});

test('an error in the place of an answer is judged by the status inside it, or by its name', () => {
  expect(errorInAnswer(error(503, 'UNAVAILABLE', 'overloaded').error)).toMatchObject({
    code: 'upstream_error',
    retry: 'other-target',
    message: 'The provider answered with an error instead of a result: overloaded',
  });
  expect(errorInAnswer({ status: 'RESOURCE_EXHAUSTED', details: [wait('2s')] })).toMatchObject({
    code: 'rate_limited',
    retryAfterMs: 2_000,
  });
  expect(errorInAnswer('odd')).toMatchObject({ code: 'upstream_error' });
});
