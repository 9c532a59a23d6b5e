import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, test } from 'vitest';
import { type ErrorCode, GatewayError } from '../../kernel/errors.ts';
import { anthropicMessages } from './dialects.ts';

interface Told {
  readonly type: string;
  readonly error: { readonly type: string; readonly message: string; readonly details: Record<string, unknown> };
  readonly request_id: string;
}

function told(code: ErrorCode, facts: Partial<ConstructorParameters<typeof GatewayError>[1]> = {}) {
  const error = new GatewayError(code, { message: 'Said so.', ...facts });
  const body = JSON.parse(anthropicMessages.errorBody(error, 'call_1').toString()) as Told;
  return { status: anthropicMessages.errorStatus(error), body };
}

/** Whether an unmodified SDK sends the same request again: it is asked, and counted. */
async function sdkAsksAgain(status: number, body: unknown): Promise<boolean> {
  let asked = 0;
  const client = new Anthropic({
    apiKey: 'x',
    baseURL: 'http://127.0.0.1:9',
    maxRetries: 1,
    fetch: async () => {
      asked++;
      const headers = { 'content-type': 'application/json', 'retry-after-ms': '1' };
      return new Response(JSON.stringify(body), { status, headers });
    },
  });
  const call = client.messages.create({ model: 'm', max_tokens: 1, messages: [] });
  await expect(call).rejects.toMatchObject({ status, error: body });
  return asked > 1;
}

/** `passing`: the same request may do better in a moment. */
const CODES: Record<ErrorCode, readonly [type: string, status: number, passing: boolean]> = {
  invalid_request: ['invalid_request_error', 400, false],
  unauthenticated: ['authentication_error', 401, false],
  forbidden: ['permission_error', 403, false],
  not_found: ['not_found_error', 404, false],
  rate_limited: ['rate_limit_error', 429, true],
  budget_exceeded: ['billing_error', 402, false],
  price_unknown: ['billing_error', 402, false],
  unsupported_parameter: ['invalid_request_error', 400, false],
  guardrail_blocked: ['permission_error', 403, false],
  content_policy: ['invalid_request_error', 400, false],
  context_length_exceeded: ['invalid_request_error', 400, false],
  payload_too_large: ['request_too_large', 413, false],
  no_route: ['not_found_error', 404, false],
  upstream_error: ['api_error', 500, true],
  upstream_timeout: ['timeout_error', 504, true],
  stream_truncated: ['api_error', 500, true],
  budget_unavailable: ['api_error', 500, true],
  idempotency_conflict: ['invalid_request_error', 400, false],
  idempotency_in_progress: ['conflict_error', 409, true],
  client_closed: ['invalid_request_error', 400, false],
  overloaded: ['overloaded_error', 529, true],
  internal: ['api_error', 500, true],
};

test.each(Object.entries(CODES) as [ErrorCode, (typeof CODES)[ErrorCode]][])(
  '%s is %o to Anthropic’s SDK, which asks again exactly where that may help',
  async (code, [type, status, passing]) => {
    const { status: sent, body } = told(code);
    expect([body.error.type, sent]).toEqual([type, status]);
    expect(body).toMatchObject({ type: 'error', request_id: 'call_1', error: { details: { error_code: code } } });
    expect(await sdkAsksAgain(sent, body)).toBe(passing);
  },
);

test('docs/messages.md says of each code what is sent', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/messages.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `([a-z_]+)` \| `([a-z_]+)` \| (\d{3}) \| (yes|no) \|$/gm)];
  const said = rows.map(([, code, type, status, passing]) => [code, [type, Number(status), passing === 'yes']]);
  expect(Object.fromEntries(said)).toEqual(CODES);
});

describe('what a provider refused', () => {
  test.each([
    [400, 'invalid_request_error', 400],
    [401, 'authentication_error', 401],
    [402, 'billing_error', 402],
    [403, 'permission_error', 403],
    [408, 'timeout_error', 504],
    [502, 'api_error', 500],
    [503, 'overloaded_error', 529],
    [529, 'overloaded_error', 529],
  ])('with %d is %s with %d', (status, type, sent) => {
    const answer = told('upstream_error', { status });
    expect([answer.body.error.type, answer.status]).toEqual([type, sent]);
  });
});

test('a field and numbers stand among the details', () => {
  const { body } = told('budget_exceeded', { param: 'x', details: { limit_usd: '1', resets_at: null } });
  expect(body.error.details).toEqual({ error_code: 'budget_exceeded', param: 'x', limit_usd: '1', resets_at: null });
});

test('a prompt that is too long says so in the words by which clients know it', () => {
  const words = /^prompt is too long: /;
  expect(told('context_length_exceeded', { message: 'context_length 5 > 4' }).body.error.message).toMatch(words);
  const own = 'claude answered with status 400: prompt is too long: 5 tokens > 4 maximum';
  expect(told('context_length_exceeded', { message: own }).body.error.message).toBe(own);
});

test('in a stream it is an event of its own kind', () => {
  const error = new GatewayError('overloaded', { message: 'Later.' });
  const event = anthropicMessages.errorEvent(error, 'call_1').toString();
  expect(event).toBe(`event: error\ndata: ${anthropicMessages.errorBody(error, 'call_1')}\n\n`);
});
