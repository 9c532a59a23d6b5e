import { beforeAll, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../kernel/clock.ts';
import { Simulator } from '../simulator.ts';
import { ask, ready } from '../testing.ts';

beforeAll(ready);

const headers = { 'anthropic-version': '2023-06-01' };
const hello = { model: 'sim-small', max_tokens: 2_048, messages: [{ role: 'user', content: 'Hello' }] };
const marker = { type: 'ephemeral' };
const tool = { name: 'get_weather', input_schema: { type: 'object' } };
const thinking = { type: 'enabled', budget_tokens: 1_024 };
const call = (id: string) => ({ type: 'tool_use', id, name: 'get_weather', input: {} });
const result = (id: string) => ({ type: 'tool_result', tool_use_id: id, content: 'sunny' });
const user = (...content: object[]) => ({ role: 'user', content });
const assistant = (...content: object[]) => ({ role: 'assistant', content });
const text = (words: string, more: object = {}) => ({ type: 'text', text: words, ...more });
const picture = (mediaType: string, data: string) =>
  user({ type: 'image', source: { type: 'base64', media_type: mediaType, data } });

function refusal(body: object, more: Record<string, string> = {}, path = '/v1/messages') {
  const simulator = new Simulator({ seed: 7, clock: new VirtualClock() });
  const asked = ask(simulator, { ...hello, ...body }, { ...headers, ...more }, path);
  expect(simulator.bill()).toEqual([]);
  expect(asked.json).toEqual({
    type: 'error',
    error: { type: 'invalid_request_error', message: expect.any(String) },
    request_id: asked.headers['request-id'],
  });
  expect(asked.status).toBe(400);
  return asked.json.error.message;
}

describe('a wrong request is refused as Anthropic refuses it, and costs nothing', () => {
  test.each<[what: string, body: object, message: string]>([
    ['no max_tokens', { max_tokens: undefined }, 'max_tokens: Field required'],
    ['max_tokens of 0', { max_tokens: 0 }, 'max_tokens: Input should be greater than or equal to 1'],
    [
      'too large a max_tokens',
      { max_tokens: 20_000 },
      'max_tokens: 20000 > 16384, which is the maximum allowed number of output tokens for sim-small',
    ],
    ['no messages', { messages: undefined }, 'messages: Field required'],
    ['an empty list of messages', { messages: [] }, 'messages: at least one message is required'],
    ['a wrong role', { messages: [{ role: 'tool', content: 'x' }] }, 'messages.0.role: Input should be'],
    ['an assistant first', { messages: [assistant(text('Hi'))] }, 'messages: first message must use the "user" role'],
    ['an unknown field', { top_a: 1 }, 'top_a: Extra inputs are not permitted'],
    ['a field of a beta that nobody asked for', { mcp_servers: [] }, 'mcp_servers: Extra inputs are not permitted'],
    [
      'an unknown field in a block',
      { messages: [user(text('Hi', { id: 'x' }))] },
      'messages.0.content.0.text.id: Extra inputs are not permitted',
    ],
    [
      'a block of no known kind',
      { messages: [user({ type: 'sound' })] },
      "messages.0.content.0: Input tag 'sound' found",
    ],
    ['an empty text', { messages: [user(text(''))] }, 'messages: text content blocks must be non-empty'],
    ['an empty content', { messages: [user()] }, 'messages.0: user messages must have non-empty content'],
    ['a temperature above 1', { temperature: 1.2 }, 'temperature: Input should be less than or equal to 1'],
    ['a choice without tools', { tool_choice: { type: 'any' } }, 'tool_choice.any: tool_choice may only be specified'],
    [
      'a choice of a tool that is not there',
      { tools: [tool], tool_choice: { type: 'tool', name: 'x' } },
      "Tool 'x' not found in provided tools",
    ],
    ['two tools of one name', { tools: [tool, tool] }, 'tools: Tool names must be unique.'],
    ['a tool without a schema', { tools: [{ name: 'x' }] }, 'tools.0.custom.input_schema: Field required'],
    [
      'a picture that is of another kind',
      { messages: [picture('image/jpeg', 'iVBORw0KGgo=')] },
      'messages.0.content.0.image.source.base64.data: The image was specified using the image/jpeg media type',
    ],
    [
      'a picture that is not base64',
      { messages: [picture('image/png', '*')] },
      'messages.0.content.0.image.source.base64.data: Invalid base64 data',
    ],
    [
      'a thought in the mouth of the user',
      { messages: [user({ type: 'thinking', thinking: 'x', signature: 'x' })] },
      'messages.0: `thinking` blocks can only be in `assistant` messages',
    ],
  ])('%s', (_what, body, message) => {
    expect(refusal(body)).toContain(message);
  });

  test.each<[what: string, body: object, message: string]>([
    [
      'a call that nobody answers',
      { messages: [...hello.messages, assistant(call('a'), call('b')), user(result('a'))] },
      'messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: b. Each',
    ],
    [
      'an answer to no call',
      { messages: [...hello.messages, assistant(text('Hi')), user(text('x'), result('a'))] },
      'messages.2.content.1: unexpected `tool_use_id` found in `tool_result` blocks: a. Each',
    ],
    [
      'two answers to one call',
      { messages: [...hello.messages, assistant(call('a')), user(result('a'), result('a'))] },
      'messages.2.content.1: each tool_use must have a single result. Found multiple `tool_result` blocks with id: a',
    ],
    [
      'two calls of one id',
      { messages: [...hello.messages, assistant(call('a'), call('a')), user(result('a'))] },
      'messages.1: `tool_use` ids must be unique',
    ],
    [
      'an id that is none',
      { messages: [...hello.messages, assistant(call('call.1')), user(result('call.1'))] },
      "messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'",
    ],
  ])('%s', (_what, body, message) => {
    expect(refusal({ tools: [tool], ...body })).toContain(message);
  });

  test.each<[what: string, body: object, message: string]>([
    [
      'a small budget',
      { thinking: { type: 'enabled', budget_tokens: 512 } },
      'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024',
    ],
    [
      'a budget as large as the answer',
      { thinking, max_tokens: 1_024 },
      '`max_tokens` must be greater than `thinking.',
    ],
    ['a temperature while it thinks', { thinking, temperature: 0.5 }, '`temperature` may only be set to 1'],
    ['a top_k while it thinks', { thinking, top_k: 5 }, '`top_k` must be unset'],
    [
      'a forced tool while it thinks',
      { thinking, tools: [tool], tool_choice: { type: 'any' } },
      'Thinking may not be enabled when tool_choice forces tool use.',
    ],
    [
      'tool calls without the thought that led to them',
      { thinking, tools: [tool], messages: [...hello.messages, assistant(call('a')), user(result('a'))] },
      'messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`.',
    ],
    [
      'a redacted thought of somebody else',
      {
        messages: [...hello.messages, assistant({ type: 'redacted_thinking', data: 'x' }, text('Hi')), user(text('y'))],
      },
      'messages.1.content.0: Invalid `data` in `redacted_thinking` block',
    ],
  ])('%s', (_what, body, message) => {
    expect(refusal(body)).toContain(message);
  });

  test.each<[what: string, body: object, message: string]>([
    [
      'a fifth cache marker',
      { messages: [user(...Array.from({ length: 5 }, () => text('Hi', { cache_control: marker })))] },
      'A maximum of 4 blocks with cache_control may be provided. Found 5.',
    ],
    [
      'a long-lived marker after a short-lived one',
      {
        system: [text('Be calm', { cache_control: marker })],
        messages: [user(text('Hi', { cache_control: { ...marker, ttl: '1h' } }))],
      },
      "messages.0.content.0.text.cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m'",
    ],
    [
      'a marker of no known length',
      { cache_control: { ...marker, ttl: '24h' } },
      "cache_control.ephemeral.ttl: Input should be '5m' or '1h'",
    ],
    [
      'a marker on a thought',
      {
        messages: [
          ...hello.messages,
          assistant({ type: 'thinking', thinking: '', signature: '', cache_control: marker }),
        ],
      },
      'messages.1.content.0.thinking.cache_control: Extra inputs are not permitted',
    ],
  ])('%s', (_what, body, message) => {
    expect(refusal(body)).toContain(message);
  });

  test('no version, and a prompt beyond the window', () => {
    expect(refusal({}, { 'anthropic-version': 'latest' })).toBe('anthropic-version: "latest" is not a valid version');
    const long = [{ role: 'user', content: 'wind '.repeat(130_000) }];
    expect(refusal({ messages: long })).toMatch(/^prompt is too long: 1\d{5} tokens > 128000 maximum$/);
    expect(refusal({}, {}, '/v1/messages/count_tokens')).toBe('max_tokens: Extra inputs are not permitted');
  });
});

test('who asks for a beta may send what it brings', () => {
  const simulator = new Simulator({ seed: 7, clock: new VirtualClock() });
  const system = [text('Be calm', { cache_control: { ...marker, scope: 'global' } })];
  const body = { ...hello, system, context_management: { edits: [] }, tools: [{ type: 'new_20270101', name: 'new' }] };
  const asked = ask(simulator, body, { ...headers, 'anthropic-beta': 'one-2025-06-27' }, '/v1/messages?beta=true');
  expect(asked.status).toBe(200);
});
