import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ErrorCode, GatewayError } from '../../kernel/errors.ts';
import { arrayErrorBody } from './array-form.ts';
import { errorBody, errorEvent, errorStatus } from './errors.ts';

const error = (code: ErrorCode, facts: object = {}) => new GatewayError(code, { message: 'what', ...facts });
const told = (one: GatewayError) =>
  (JSON.parse(errorBody(one, 'call_1').toString()) as { error: { code: number; status: string; details: object[] } })
    .error;

/** What clients of Google's retry when they are told to, and the AI SDK's always. */
const RETRIED = new Set([408, 409, 429, 500, 502, 503, 504]);
const WORTH_RETRYING: readonly ErrorCode[] = [
  'rate_limited',
  'upstream_error',
  'upstream_timeout',
  'stream_truncated',
  'budget_unavailable',
  'idempotency_in_progress',
  'overloaded',
  'internal',
];
const NOT_WORTH: readonly ErrorCode[] = [
  'invalid_request',
  'unauthenticated',
  'forbidden',
  'not_found',
  'budget_exceeded',
  'price_unknown',
  'unsupported_parameter',
  'guardrail_blocked',
  'content_policy',
  'context_length_exceeded',
  'payload_too_large',
  'no_route',
  'idempotency_conflict',
  'client_closed',
];

describe('a status makes clients retry exactly where that may help', () => {
  test.each(WORTH_RETRYING)('%s', (code) => expect(RETRIED.has(errorStatus(error(code)))).toBe(true));
  test.each(NOT_WORTH)('%s', (code) => expect(RETRIED.has(errorStatus(error(code)))).toBe(false));
});

test('the status in the body is that of the answer, with Google’s word for it', () => {
  for (const code of [...WORTH_RETRYING, ...NOT_WORTH]) {
    expect(told(error(code)).code).toBe(errorStatus(error(code)));
  }
  expect(told(error('rate_limited'))).toMatchObject({ code: 429, status: 'RESOURCE_EXHAUSTED' });
  expect(told(error('budget_exceeded'))).toMatchObject({ code: 400, status: 'FAILED_PRECONDITION' });
});

test('what a provider refused keeps its own status', () => {
  expect(told(error('upstream_error', { status: 404 }))).toMatchObject({ code: 404, status: 'NOT_FOUND' });
  expect(told(error('upstream_error', { status: 529 }))).toMatchObject({ code: 503, status: 'UNAVAILABLE' });
  expect(told(error('upstream_error', { status: 422 }))).toMatchObject({ code: 400, status: 'INVALID_ARGUMENT' });
  expect(told(error('upstream_error', { status: 418 }))).toMatchObject({ code: 500, status: 'INTERNAL' });
});

test('code, field, numbers, wait and request are details of Google’s types', () => {
  const one = error('rate_limited', { param: 'contents', retryAfterMs: 1_500.2, details: { left: 3, until: null } });
  expect(told(one).details).toEqual([
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: 'RATE_LIMITED',
      domain: 'leeward',
      metadata: { param: 'contents', left: '3' },
    },
    {
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: [{ field: 'contents', description: 'what' }],
    },
    { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1.501s' },
    { '@type': 'type.googleapis.com/google.rpc.RequestInfo', requestId: 'call_1' },
  ]);
});

test('a conversation that is too long is told in the words that clients look for', () => {
  expect(told(error('context_length_exceeded'))).toMatchObject({
    message: expect.stringMatching(/^The input token count exceeds the maximum number of tokens allowed: what$/),
  });
  const googles = 'The input token count (9) exceeds the maximum number of tokens allowed (8).';
  expect(told(error('context_length_exceeded', { message: googles }))).toMatchObject({ message: googles });
});

test('inside a stream it is an event without a name, with CRLF, and in an array an element', () => {
  const one = error('internal');
  expect(errorEvent(one, 'c').toString()).toBe(`data: ${errorBody(one, 'c').toString()}\r\n\r\n`);
  expect(JSON.parse(arrayErrorBody(one, 'c').toString())).toEqual([JSON.parse(errorBody(one, 'c').toString())]);
});

test('docs/gemini.md says of each code what is sent', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/gemini.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z_]+)` \| `([A-Z_]+)` \| (\d{3}) \|$/gm)];
  expect(rows.map(([, code]) => code).sort()).toEqual([...WORTH_RETRYING, ...NOT_WORTH].sort());
  for (const [, code, status, http] of rows) {
    expect(told(error(code as ErrorCode))).toMatchObject({ status, code: Number(http) });
  }
});
