import { expect, test } from 'vitest';
import { judgeMessagesError } from './judge.ts';

const NOW = Date.UTC(2026, 10, 21);

function judged(status: number, error: object | string, headers: Readonly<Record<string, string>> = {}) {
  const body = typeof error === 'string' ? error : JSON.stringify({ type: 'error', error, request_id: 'req_1' });
  const { error: told, ...rest } = judgeMessagesError(
    { status, header: (name) => headers[name], body: Buffer.from(body) },
    'claude',
    NOW,
  );
  const { code, retry, retryAfterMs, message, summary } = told;
  return { ...rest, code, retry, retryAfterMs, message, summary, status: told.status };
}

const named = (type: string, message = 'no') => ({ type, message });

test.each([
  [529, named('overloaded_error', 'Overloaded'), 'upstream_error', 'other-target'],
  [500, named('api_error', 'Internal server error'), 'upstream_error', 'other-target'],
  [504, named('timeout_error'), 'upstream_timeout', 'other-target'],
  [429, named('rate_limit_error'), 'rate_limited', 'other-target'],
  [401, named('authentication_error', 'invalid x-api-key'), 'upstream_error', 'other-target'],
  [403, named('permission_error'), 'upstream_error', 'other-target'],
  [404, named('not_found_error', 'model: claude-9'), 'not_found', 'other-target'],
  [413, named('request_too_large'), 'payload_too_large', 'never'],
  [400, named('invalid_request_error', 'max_tokens: Field required'), 'invalid_request', 'never'],
  [
    400,
    named('invalid_request_error', 'prompt is too long: 3333404 tokens > 200000 maximum'),
    'context_length_exceeded',
    'never',
  ],
  [
    400,
    named('invalid_request_error', 'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000'),
    'context_length_exceeded',
    'never',
  ],
  [400, named('invalid_request_error', 'Output blocked by content filtering policy'), 'content_policy', 'never'],
] as const)('%d %o is %s, and is to be sent again to %s', (status, error, code, retry) => {
  expect(judged(status, error)).toMatchObject({ code, retry, status, relay: true, exhausted: false });
});

test.each([
  [400, named('invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'), 402],
  [400, named('invalid_request_error', 'You have reached your specified API usage limits. You will regain …'), 402],
  [402, named('billing_error', 'pay'), 402],
  [403, { ...named('permission_error'), details: { error_code: 'organization_on_hold' } }, 403],
])('an account that can pay no more is spent, and no mistake of the client: %d %o', (status, error, shown) => {
  expect(judged(status, error)).toMatchObject({
    code: 'upstream_error',
    retry: 'other-target',
    exhausted: true,
    status: shown,
  });
});

test('a spend limit that is told with 429 is a rate limit that does not pass soon', () => {
  const error = { ...named('rate_limit_error'), details: { error_code: 'enforced_spend_limit_reached' } };
  expect(judged(429, error, { 'retry-after': '7' })).toMatchObject({
    code: 'rate_limited',
    exhausted: true,
    retryAfterMs: 7_000,
  });
});

test('a message may quote the prompt: the log has the names alone', () => {
  const told = judged(400, named('invalid_request_error', 'what about "my secret"?'));
  expect(told.message).toContain('my secret');
  expect(told.summary).toBe('claude answered with status 400 (invalid_request_error)');
});

test('a page of HTML is not relayed, and says nothing of the request', () => {
  expect(judged(404, '<html>')).toMatchObject({ relay: false, code: 'upstream_error', status: 502 });
  expect(judged(529, 'busy')).toMatchObject({ relay: false, code: 'upstream_error', status: 529 });
});
