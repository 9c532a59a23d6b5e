import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../kernel/errors.ts';
import { readCall } from './call-reader.ts';

const MESSAGES = [{ role: 'user', content: 'hi' }];
const REQUEST = { model: 'm', max_tokens: 9, messages: MESSAGES };

describe('what Anthropic would refuse is refused, naming the field', () => {
  test.each<[string, Record<string, unknown>]>([
    ['model', { model: undefined }],
    ['max_tokens', { max_tokens: undefined }],
    ['max_tokens', { max_tokens: 1.5 }],
    ['messages', { messages: undefined }],
    ['messages', { messages: [] }],
    ['messages[0].role', { messages: [{ role: 'tool', content: 'x' }] }],
    ['messages[0].content', { messages: [{ role: 'user' }] }],
    [
      'messages[0].content[1].text',
      { messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'text' }] }] },
    ],
    ['messages[0].content[0].source', { messages: [{ role: 'user', content: [{ type: 'image' }] }] }],
    [
      'messages[0].content[0].source.data',
      {
        messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png' } }] }],
      },
    ],
    ['messages[0].content[0].tool_use_id', { messages: [{ role: 'user', content: [{ type: 'tool_result' }] }] }],
    [
      'messages[0].content[0].cache_control',
      { messages: [{ role: 'user', content: [{ type: 'text', text: 'a', cache_control: {} }] }] },
    ],
    ['cache_control.ttl', { cache_control: { type: 'ephemeral', ttl: '2h' } }],
    ['system', { system: 7 }],
    ['temperature', { temperature: 1.1 }],
    ['stop_sequences[1]', { stop_sequences: ['a', 1] }],
    ['tools', { tools: {} }],
    ['tools[0].input_schema', { tools: [{ name: 'f' }] }],
    ['tools[0].name', { tools: [{ input_schema: {} }] }],
    ['tool_choice.type', { tool_choice: { type: 'required' } }],
    ['tool_choice.name', { tool_choice: { type: 'tool' } }],
    ['thinking.type', { thinking: {} }],
    ['thinking.budget_tokens', { thinking: { type: 'enabled' } }],
    ['metadata', { metadata: 'u' }],
  ])('%s', (field, change) => {
    let error: unknown;
    try {
      readCall({ ...REQUEST, ...change });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(GatewayError);
    expect(error).toMatchObject({ code: 'invalid_request', param: field });
    expect((error as GatewayError).message).toContain(`${field.replaceAll(/\[(\d+)\]/g, '.$1')}: `);
  });
});

test('the system prompt is the first message, and a mark on any of its blocks stays there', () => {
  const system = [
    { type: 'text', text: 'one', cache_control: { type: 'ephemeral', ttl: '1h' } },
    { type: 'text', text: 'two' },
  ];
  expect(readCall({ ...REQUEST, system }).messages).toEqual([
    {
      role: 'system',
      parts: [
        { type: 'text', text: 'one', cache: { ttl: '1h' } },
        { type: 'text', text: 'two' },
      ],
    },
    { role: 'user', parts: [{ type: 'text', text: 'hi' }] },
  ]);
});

test('a thought without a signature, and one that says it has none, are unsigned', () => {
  const content = ['', 'leeward-unsigned'].map((signature) => ({ type: 'thinking', thinking: 'hm', signature }));
  const { messages } = readCall({ ...REQUEST, messages: [{ role: 'assistant', content }] });
  expect(messages[0]?.parts).toEqual([
    { type: 'reasoning', text: 'hm' },
    { type: 'reasoning', text: 'hm' },
  ]);
});

test('settings are read in the words of every dialect', () => {
  const call = readCall({
    ...REQUEST,
    stop_sequences: ['a'],
    tool_choice: { type: 'any', disable_parallel_tool_use: true },
    thinking: { type: 'enabled', budget_tokens: 2_000 },
    output_format: { type: 'json_schema', schema: { type: 'object' } },
    metadata: { user_id: 'u' },
    tools: [
      { name: 'f', input_schema: { type: 'object' } },
      {
        type: 'web_search_20250305',
        name: 'web_search',
        max_uses: 2,
        user_location: { type: 'approximate', city: 'Bern' },
      },
    ],
  });
  expect(call).toMatchObject({
    outputTokensMax: 9,
    sampling: { stop: ['a'] },
    toolChoice: { type: 'required' },
    parallelToolCalls: false,
    reasoning: { mode: 'enabled', budgetTokens: 2_000 },
    responseFormat: { type: 'json-schema', schema: { type: 'object' } },
    endUser: 'u',
    tools: [
      { type: 'function', name: 'f' },
      { type: 'hosted', tool: 'web-search', usesMax: 2, userLocation: { city: 'Bern' } },
    ],
  });
});
