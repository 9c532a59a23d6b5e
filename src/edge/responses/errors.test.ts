import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { type ErrorCode, GatewayError } from '../../kernel/errors.ts';
import { openAiResponses } from './dialects.ts';
import { failureEvents } from './errors.ts';
import { ResponsesStreamWriter } from './stream-writer.ts';

const IDENTITY = { id: 'resp_1', model: 'm', at: 5_000, usageWanted: true };

/** What `response.failed` says for each code: clients such as Codex act on the names. */
const FAILURES: Record<ErrorCode, string> = {
  invalid_request: 'invalid_prompt',
  unauthenticated: 'server_error',
  forbidden: 'server_error',
  not_found: 'server_error',
  rate_limited: 'rate_limit_exceeded',
  budget_exceeded: 'insufficient_quota',
  price_unknown: 'server_error',
  unsupported_parameter: 'invalid_prompt',
  guardrail_blocked: 'invalid_prompt',
  content_policy: 'invalid_prompt',
  context_length_exceeded: 'context_length_exceeded',
  payload_too_large: 'server_error',
  no_route: 'server_error',
  upstream_error: 'server_error',
  upstream_timeout: 'server_error',
  stream_truncated: 'server_error',
  budget_unavailable: 'server_error',
  idempotency_conflict: 'server_error',
  idempotency_in_progress: 'server_error',
  client_closed: 'server_error',
  overloaded: 'server_error',
  internal: 'server_error',
};

function sdk(body: string, status: number, contentType: string): { client: OpenAI; asked(): number } {
  let asked = 0;
  const client = new OpenAI({
    apiKey: 'x',
    baseURL: 'http://127.0.0.1:9',
    maxRetries: 1,
    fetch: async () => {
      asked++;
      return new Response(body, { status, headers: { 'content-type': contentType, 'retry-after-ms': '1' } });
    },
  });
  return { client, asked: () => asked };
}

describe.each(Object.entries(FAILURES) as [ErrorCode, string][])('%s', (code, failure) => {
  const error = new GatewayError(code, { message: 'Said so.', param: 'input' });

  test('is read by an unmodified SDK, which asks again only where the status says that it may help', async () => {
    const status = openAiResponses.errorStatus(error);
    const { client, asked } = sdk(openAiResponses.errorBody(error, 'call_1').toString(), status, 'application/json');
    const call = client.responses.create({ model: 'm', input: 'x' });
    await expect(call).rejects.toMatchObject({ status, code, param: 'input', error: { message: 'Said so.' } });
    const passing = status === 408 || status === 409 || status === 429 || status >= 500;
    expect(asked()).toBe(passing ? 2 : 1);
  });

  test('ends a stream that has begun with an error and a failure', async () => {
    const place = { sequence: 3, response: { id: 'resp_1', createdAt: 5, model: 'm' } };
    const bytes = failureEvents(error, 'call_1', place).toString();
    const events = bytes.split('\n\n').slice(0, -1);
    expect(events.map((event) => event.split('\n')[0])).toEqual(['event: error', 'event: response.failed']);
    const [first, last] = events.map((event) => JSON.parse(event.slice(event.indexOf('data: ') + 6)) as unknown);
    expect(first).toMatchObject({ type: 'error', code, message: 'Said so.', param: 'input', sequence_number: 3 });
    expect(last).toMatchObject({
      type: 'response.failed',
      sequence_number: 4,
      response: { id: 'resp_1', created_at: 5, status: 'failed', error: { code: failure, message: 'Said so.' } },
    });
    const { client } = sdk(bytes, 200, 'text/event-stream');
    const stream = await client.responses.create({ model: 'm', input: 'x', stream: true });
    await expect(stream[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code, param: 'input' });
  });
});

test('a stream that was written here is failed with its own next numbers, once its beginning is told', () => {
  const writer = new ResponsesStreamWriter(IDENTITY);
  const said = [
    writer.write({ type: 'answer-start' }),
    writer.write({ type: 'text-start', choice: 0, part: 0 }),
    writer.write({ type: 'text-delta', choice: 0, part: 0, text: 'Hello.' }),
    writer.errorEvent(new GatewayError('upstream_timeout', { message: 'Silent.' }), 'call_1'),
  ];
  const events = Buffer.concat(said)
    .toString()
    .split('\n\n')
    .slice(0, -1)
    .map((event) => JSON.parse(event.slice(event.indexOf('data: ') + 6)) as Record<string, unknown>);
  expect(events.map((event) => event['sequence_number'])).toEqual(events.map((_, at) => at));
  expect(events[0]).toMatchObject({ type: 'response.created' });
  expect(events.slice(-2)).toMatchObject([
    { type: 'error', code: 'upstream_timeout' },
    { type: 'response.failed', response: { id: 'resp_1', created_at: 5, model: 'm' } },
  ]);
});
