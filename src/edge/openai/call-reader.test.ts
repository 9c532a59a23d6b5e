import { describe, expect, test } from 'vitest';
import { chatClient } from './codec.ts';

type Json = Readonly<Record<string, unknown>>;

function read(fields: Json) {
  return chatClient.readCall({ model: 'm', messages: [{ role: 'user', content: 'Hi' }], ...fields });
}

function messagesOf(...messages: readonly Json[]) {
  return chatClient.readCall({ model: 'm', messages }).messages;
}

const own = (fields: Json) => ({ dialect: 'openai-chat', fields });

describe('a request', () => {
  test('says nothing where it says null', () => {
    const names = [
      'stream',
      'tools',
      'tool_choice',
      'stop',
      'n',
      'max_tokens',
      'metadata',
      'temperature',
      'user',
      'store',
    ];
    expect(read(Object.fromEntries(names.map((name) => [name, null])))).toEqual({
      model: 'm',
      stream: false,
      messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
      sampling: {},
    });
  });

  test('keeps what is not known, and leaves the usage of its stream to the gateway', () => {
    expect(read({ stream: true, stream_options: { include_usage: true } }).rest).toBeUndefined();
    const options = { include_usage: true, include_obfuscation: false };
    expect(read({ x_vendor: 1, stream_options: options }).rest).toEqual(
      own({ x_vendor: 1, stream_options: { include_obfuscation: false } }),
    );
  });

  test('the newer bound holds where both are given', () => {
    expect(read({ max_tokens: 5, max_completion_tokens: 7 }).outputTokensMax).toBe(7);
    expect(read({ max_tokens: 5 }).outputTokensMax).toBe(5);
  });

  test('OpenRouter’s wish to think is read as OpenAI’s is', () => {
    expect(read({ reasoning_effort: 'low' }).reasoning).toEqual({ effort: 'low' });
    expect(read({ reasoning: { max_tokens: 2_000, exclude: true } }).reasoning).toEqual({
      budgetTokens: 2_000,
      show: 'none',
    });
    expect(read({ reasoning: { enabled: false } }).reasoning).toEqual({ mode: 'disabled' });
  });

  test('probabilities alone are asked for without alternatives', () => {
    expect(read({ logprobs: true }).sampling).toEqual({ logprobs: 0 });
    expect(read({ logprobs: true, top_logprobs: 3 }).sampling).toEqual({ logprobs: 3 });
    expect(read({ logprobs: false }).sampling).toEqual({});
  });

  test('a search is a tool that the provider runs', () => {
    const options = {
      search_context_size: 'low',
      user_location: { type: 'approximate', approximate: { city: 'Zug' } },
    };
    expect(read({ web_search_options: options }).tools).toEqual([
      {
        type: 'hosted',
        tool: 'web-search',
        contextSize: 'low',
        userLocation: { city: 'Zug' },
        source: own({ web_search_options: options }),
      },
    ]);
  });

  test('functions and function_call are tools by their older names', () => {
    const call = read({ functions: [{ name: 'f', parameters: { type: 'object' } }], function_call: { name: 'f' } });
    expect(call.tools).toEqual([{ type: 'function', name: 'f', parameters: { type: 'object' } }]);
    expect(call.toolChoice).toEqual({ type: 'tool', name: 'f' });
  });
});

describe('messages', () => {
  test('results that follow each other are those of one turn', () => {
    const calls = ['a', 'b'].map((id) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } }));
    const [, results, next] = messagesOf(
      { role: 'assistant', content: null, tool_calls: calls },
      { role: 'tool', tool_call_id: 'b', content: 'two' },
      {
        role: 'tool',
        tool_call_id: 'a',
        content: [{ type: 'text', text: 'one', cache_control: { type: 'ephemeral' } }],
      },
      { role: 'user', content: 'and?' },
    );
    expect(results).toEqual({
      role: 'user',
      parts: [
        { type: 'tool-result', callId: 'b', parts: [{ type: 'text', text: 'two' }] },
        { type: 'tool-result', callId: 'a', parts: [{ type: 'text', text: 'one', cache: {} }] },
      ],
    });
    expect(next).toEqual({ role: 'user', parts: [{ type: 'text', text: 'and?' }] });
  });

  test('the older result belongs to the last call of that name', () => {
    const [turn, result] = messagesOf(
      { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
      { role: 'function', name: 'f', content: 'one' },
    );
    expect(turn?.parts).toMatchObject([{ type: 'tool-call', id: 'call_0_0', name: 'f' }]);
    expect(result?.parts).toMatchObject([{ type: 'tool-result', callId: 'call_0_0' }]);
  });

  test('an answer of ours comes back with its thoughts and their signatures, before its calls', () => {
    const [turn] = messagesOf({
      role: 'assistant',
      content: null,
      reasoning_content: 'hm',
      reasoning_details: [
        { type: 'reasoning.text', text: 'hm', signature: 'c2ln', format: 'anthropic-claude-v1', index: 0 },
        { type: 'reasoning.encrypted', data: 'zzz', format: 'anthropic-claude-v1', index: 1 },
      ],
      tool_calls: ['a', 'b'].map((id) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } })),
    });
    expect(turn?.parts).toMatchObject([
      { type: 'reasoning', text: 'hm', signature: { value: 'c2ln', dialect: 'anthropic-messages' } },
      { type: 'redacted-reasoning', data: { value: 'zzz', dialect: 'anthropic-messages' } },
      { type: 'tool-call', id: 'a' },
      { type: 'tool-call', id: 'b' },
    ]);
  });

  test('parts are read with their markers, and unknown ones as they came', () => {
    const content = [
      { type: 'text', text: 'a', prompt_cache_breakpoint: { mode: 'explicit', ttl: '30m' } },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } },
      { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
      { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
      { type: 'file', file: { file_id: 'f1' } },
      { type: 'hologram', depth: 3 },
    ];
    expect(messagesOf({ role: 'user', content })[0]?.parts).toEqual([
      { type: 'text', text: 'a', cache: { ttl: '30m' } },
      { type: 'image', source: { kind: 'bytes', mediaType: 'image/png', base64: 'AAAA' }, detail: 'low' },
      { type: 'image', source: { kind: 'url', url: 'https://example.com/a.png' } },
      { type: 'audio', source: { kind: 'bytes', mediaType: undefined, base64: 'AAAA' }, format: 'wav' },
      { type: 'file', source: { kind: 'stored', id: 'f1', dialect: 'openai-chat' } },
      { type: 'other', name: 'hologram', source: own({ type: 'hologram', depth: 3 }) },
    ]);
  });
});

describe('what OpenAI would refuse is refused, and its field named', () => {
  test.each<[Json, string]>([
    [{ messages: 'Hi' }, 'messages'],
    [{ messages: [7] }, 'messages[0]'],
    [{ messages: [{ role: 'oracle', content: 'x' }] }, 'messages[0].role'],
    [{ messages: [{ role: 'user' }] }, 'messages[0].content'],
    [{ messages: [{ role: 'user', content: 7 }] }, 'messages[0].content'],
    [{ messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'messages[0].content[0].text'],
    [
      { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] },
      'messages[0].content[0].image_url.url',
    ],
    [{ messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].tool_call_id'],
    [{ messages: [{ role: 'function', name: 'f', content: 'x' }] }, 'messages[0].name'],
    [{ messages: [{ role: 'assistant', tool_calls: [{ id: 'a' }] }] }, 'messages[0].tool_calls[0].function'],
    [{ tools: {} }, 'tools'],
    [{ tools: [{ type: 'function' }] }, 'tools[0].function'],
    [{ tools: [{ type: 'function', function: {} }] }, 'tools[0].function.name'],
    [{ tool_choice: 'perhaps' }, 'tool_choice'],
    [{ temperature: 3 }, 'temperature'],
    [{ temperature: 'hot' }, 'temperature'],
    [{ n: 1.5 }, 'n'],
    [{ stop: [7] }, 'stop'],
    [{ reasoning_effort: 'some' }, 'reasoning_effort'],
    [{ response_format: { type: 'xml' } }, 'response_format.type'],
    [{ metadata: { a: 1 } }, 'metadata.a'],
    [{ modalities: ['smell'] }, 'modalities[0]'],
  ])('%j', (fields, param) => {
    expect(() => read(fields)).toThrow(expect.objectContaining({ code: 'invalid_request', param }));
  });
});
