import { describe, expect, test } from 'vitest';
import type { ChatCall, ChatMessage } from '../../protocol/chat/call.ts';
import type { Loss, TargetTraits } from '../../protocol/chat/codec.ts';
import type { ContentPart } from '../../protocol/chat/content.ts';
import { chatProvider } from './codec.ts';

const TRAITS: TargetTraits = { model: 'm', maxTokensField: 'max_completion_tokens', streamUsageOption: true };

function write(call: Partial<ChatCall>, traits: Partial<TargetTraits> = {}) {
  const losses: Loss[] = [];
  const whole: ChatCall = {
    client: 'anthropic-messages',
    model: 'asked',
    stream: false,
    messages: [],
    sampling: {},
    ...call,
  };
  const body = JSON.parse(JSON.stringify(chatProvider.writeCall(whole, { ...TRAITS, ...traits }, losses))) as Record<
    string,
    unknown
  >;
  return { body, losses, lost: losses.map(({ field }) => field) };
}

const user = (...parts: ContentPart[]): ChatMessage => ({ role: 'user', parts });
const text = (content: string, more: object = {}): ContentPart => ({ type: 'text', text: content, ...more });
const png = { kind: 'bytes', mediaType: 'image/png', base64: 'AAAA' } as const;
const SIGNED = { value: 'c2ln', dialect: 'anthropic-messages' } as const;

describe('the model and how it is to answer', () => {
  test('the target names the model and the bound, and a stream asks for its usage where that is known', () => {
    const { body } = write({ stream: true, outputTokensMax: 5 });
    expect(body).toEqual({
      model: 'm',
      messages: [],
      stream: true,
      stream_options: { include_usage: true },
      max_completion_tokens: 5,
    });
    expect(write({ stream: true }, { streamUsageOption: false }).body).toEqual({
      model: 'm',
      messages: [],
      stream: true,
    });
  });

  test('of more than four stop sequences the first four are sent, and the rest are named', () => {
    const { body, losses } = write({ sampling: { stop: ['a', 'b', 'c', 'd', 'e'] } });
    expect(body['stop']).toEqual(['a', 'b', 'c', 'd']);
    expect(losses).toEqual([
      { field: 'stop_sequences', reason: 'this dialect has at most 4: the first ones are sent' },
    ]);
  });

  test('models that always think are not sent what they refuse', () => {
    const { body, lost } = write(
      { sampling: { temperature: 0.2, topP: 1, stop: ['a'] } },
      { model: 'openai/gpt-5-mini' },
    );
    expect(body).toEqual({ model: 'openai/gpt-5-mini', messages: [] });
    expect(lost).toEqual(['temperature', 'stop_sequences']);
    const asked = { sampling: { temperature: 0.2 } };
    expect(write(asked, { model: 'gpt-5.2' }).body['temperature']).toBe(0.2);
    expect(write({ ...asked, reasoning: { effort: 'low' } }, { model: 'gpt-5.2' }).lost).toEqual(['temperature']);
  });

  test.each([
    [{ budgetTokens: 2_048 }, 'low'],
    [{ budgetTokens: 8_192 }, 'medium'],
    [{ budgetTokens: 8_193 }, 'high'],
    [{ mode: 'adaptive' }, undefined],
    [{ mode: 'adaptive', effort: 'medium' }, 'medium'],
    [{ mode: 'disabled' }, 'none'],
    [{ effort: 'max' }, 'xhigh'],
  ] as const)('%j is the effort %s', (reasoning, effort) => {
    expect(write({ reasoning }, { model: 'gpt-5.2' }).body['reasoning_effort']).toBe(effort);
  });

  test('an effort that a model is not known to take is the next lower one, and no thinking is said to those who can be told', () => {
    expect(write({ reasoning: { effort: 'max' } })).toMatchObject({
      body: { reasoning_effort: 'high' },
      lost: ['output_config.effort'],
    });
    expect(write({ reasoning: { mode: 'disabled' } })).toMatchObject({ body: { messages: [] }, losses: [] });
    const unthinking = write({ reasoning: { budgetTokens: 9_000 } }, { thinks: false });
    expect(unthinking).toEqual({
      body: { model: 'm', messages: [] },
      losses: unthinking.losses,
      lost: ['thinking.budget_tokens'],
    });
  });

  test('a provider of several vendors’ models takes the budget as it is', () => {
    const { body } = write({ reasoning: { budgetTokens: 9_000 } }, { reasoningField: 'reasoning_details' });
    expect(body['reasoning']).toEqual({ max_tokens: 9_000 });
  });

  test('who asks is told by the name that the provider knows, and briefly', () => {
    const long = 'user_'.repeat(20);
    expect(write({ endUser: 'u1' }, { endUserField: 'safety_identifier' }).body['safety_identifier']).toBe('u1');
    expect(write({ endUser: 'u1' }, { endUserField: 'user' }).body['user']).toBe('u1');
    expect(write({ endUser: long }, { endUserField: 'user' }).body['user']).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('messages', () => {
  test('a plain text is a text, and parts with markers are parts', () => {
    const messages: ChatMessage[] = [
      { role: 'system', parts: [text('a'), text('b', { cache: { ttl: '1h' } })] },
      user(text('Hi')),
    ];
    expect(write({ messages }, { cacheMarkers: 'cache_control' }).body['messages']).toEqual([
      {
        role: 'system',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b', cache_control: { type: 'ephemeral', ttl: '1h' } },
        ],
      },
      { role: 'user', content: 'Hi' },
    ]);
    const openAi = write({ messages }, { cacheMarkers: 'prompt_cache_breakpoint' });
    expect(JSON.stringify(openAi.body)).toContain('"prompt_cache_breakpoint":{"mode":"explicit","ttl":"12h"}');
    expect(openAi.losses).toEqual([]);
  });

  test('a marker that the provider does not know is named with its place', () => {
    const messages: ChatMessage[] = [
      { role: 'system', parts: [text('a', { cache: {} })] },
      user(text('b'), text('c', { cache: {} })),
    ];
    const tools = [{ type: 'function', name: 'f', cache: {} }] as const;
    expect(write({ messages, tools, cache: {} }).lost).toEqual([
      'system[0].cache_control',
      'messages[0].content[1].cache_control',
      'tools[0].cache_control',
      'cache_control',
    ]);
  });

  test('a marker of the whole request stands on the last part', () => {
    const { body, losses } = write(
      { messages: [user(text('Hi'))], cache: {} },
      { cacheMarkers: 'prompt_cache_breakpoint' },
    );
    const content = [{ type: 'text', text: 'Hi', prompt_cache_breakpoint: { mode: 'explicit' } }];
    expect(body['messages']).toEqual([{ role: 'user', content }]);
    expect(losses).toEqual([]);
  });

  test('results follow their calls directly, and their pictures come after all of them', () => {
    const messages: ChatMessage[] = [
      {
        role: 'assistant',
        parts: [
          { type: 'tool-call', kind: 'function', id: 'a', name: 'f', arguments: '' },
          { type: 'tool-call', kind: 'function', id: 'b', name: 'f', arguments: '{"x":1}' },
        ],
      },
      user(
        { type: 'tool-result', callId: 'a', parts: [{ type: 'image', source: png }] },
        { type: 'tool-result', callId: 'b', parts: [text('gone')], isError: true },
        text('and?'),
      ),
    ];
    expect(write({ messages }).body['messages']).toEqual([
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } },
          { id: 'b', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'a', content: 'The result follows in the next message of the user.' },
      { role: 'tool', tool_call_id: 'b', content: 'Error: gone' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Of the result of the tool call a:' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
          { type: 'text', text: 'and?' },
        ],
      },
    ]);
  });

  test('a call and its result are sent by the same shorter id and name where theirs are too long', () => {
    const id = `toolu_${'x'.repeat(40)}`;
    const name = 'n'.repeat(70);
    const messages: ChatMessage[] = [
      { role: 'assistant', parts: [{ type: 'tool-call', kind: 'function', id, name, arguments: '{}' }] },
      user({ type: 'tool-result', callId: id, parts: [text('ok')] }),
    ];
    const tools = [{ type: 'function', name }] as const;
    const { body } = write({ messages, tools, toolChoice: { type: 'tool', name } });
    const [turn, result] = body['messages'] as [{ tool_calls: [{ id: string; function: { name: string } }] }, object];
    const [call] = turn.tool_calls;
    expect([call.id.length, call.function.name.length]).toEqual([40, 64]);
    expect(result).toEqual({ role: 'tool', tool_call_id: call.id, content: 'ok' });
    expect(body['tool_choice']).toEqual({ type: 'function', function: { name: call.function.name } });
    expect(body['tools']).toEqual([{ type: 'function', function: { name: call.function.name } }]);
  });

  test('a result that says itself that it failed is left as it is', () => {
    const failed = (said: string) => user({ type: 'tool-result', callId: 'a', parts: [text(said)], isError: true });
    const contents = ['Error: x', 'TypeError: x', 'nothing here'].map(
      (said) => (write({ messages: [failed(said)] }).body['messages'] as { content: string }[])[0]?.content,
    );
    expect(contents).toEqual(['Error: x', 'TypeError: x', 'Error: nothing here']);
  });

  test('tools that a search of the client found are named in its result, beside their markers', () => {
    const found: ContentPart[] = [
      { type: 'tool-reference', name: 'TaskCreate' },
      { type: 'tool-reference', name: 'WebFetch', cache: {} },
    ];
    const call = { messages: [user({ type: 'tool-result', callId: 'a', parts: found })] };
    expect(write(call, { cacheMarkers: 'cache_control' }).body['messages']).toEqual([
      {
        role: 'tool',
        tool_call_id: 'a',
        content: [
          { type: 'text', text: 'TaskCreate' },
          { type: 'text', text: 'WebFetch', cache_control: { type: 'ephemeral' } },
        ],
      },
    ]);
    expect(write(call).lost).toEqual(['messages[0].content[0].content[1].cache_control']);
  });

  test('documents are files by their bytes, and texts where they are texts', () => {
    const pdf = { kind: 'bytes', mediaType: 'application/pdf', base64: 'AAAA' } as const;
    const parts: ContentPart[] = [
      { type: 'file', source: pdf, name: 'a.pdf', context: 'the contract' },
      { type: 'file', source: { kind: 'text', text: 'plain' }, name: 'b' },
      { type: 'search-result', title: 'T', source: 's', parts: [text('found')] },
    ];
    expect(write({ messages: [user(...parts)] }).body['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'the contract' },
          { type: 'file', file: { file_data: 'data:application/pdf;base64,AAAA', filename: 'a.pdf' } },
          { type: 'text', text: 'Document: b\nplain' },
          { type: 'text', text: 'Search result: T\nSource: s\nfound' },
        ],
      },
    ]);
  });

  test.each<[string, ContentPart]>([
    [
      'a picture of another provider',
      { type: 'image', source: { kind: 'stored', id: 'f', dialect: 'anthropic-messages' } },
    ],
    [
      'a document of another provider',
      { type: 'file', source: { kind: 'stored', id: 'f', dialect: 'anthropic-messages' } },
    ],
    ['a part of another dialect', { type: 'other', name: 'x', source: { dialect: 'anthropic-messages', fields: {} } }],
  ])('%s is refused, so that another target may take it', (_, part) => {
    expect(() => write({ messages: [user(part)] })).toThrow(
      expect.objectContaining({
        code: 'unsupported_parameter',
        retry: 'other-target',
        param: 'messages[0].content[0]',
      }),
    );
  });
});

describe('thoughts of a history', () => {
  const messages: ChatMessage[] = [
    {
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'hm', signature: SIGNED },
        { type: 'redacted-reasoning', data: { value: 'zzz', dialect: 'anthropic-messages' } },
        text('Hi'),
      ],
    },
  ];
  const turn = (traits: Partial<TargetTraits>) => {
    const { body, lost } = write({ messages }, traits);
    return { turn: (body['messages'] as Record<string, unknown>[])[0], lost };
  };

  test('are left out where nobody takes them back, and named', () => {
    expect(turn({})).toEqual({
      turn: { role: 'assistant', content: 'Hi' },
      lost: ['messages[0].content[0]', 'messages[0].content[1]'],
    });
  });

  test('go back as plain text where that is taken, without what only their maker can read', () => {
    expect(turn({ reasoningField: 'reasoning_content' })).toEqual({
      turn: { role: 'assistant', content: 'Hi', reasoning_content: 'hm' },
      lost: ['messages[0].content[1]'],
    });
  });

  test('go back with their signatures where details are taken', () => {
    expect(turn({ reasoningField: 'reasoning_details' })).toEqual({
      turn: {
        role: 'assistant',
        content: 'Hi',
        reasoning_details: [
          { type: 'reasoning.text', text: 'hm', signature: 'c2ln', format: 'anthropic-claude-v1', index: 0 },
          { type: 'reasoning.encrypted', data: 'zzz', format: 'anthropic-claude-v1', index: 1 },
        ],
      },
      lost: [],
    });
  });
});

describe('tools', () => {
  test('a choice names its tool by its kind, and says nothing where there are no tools', () => {
    const tools = [
      { type: 'custom', name: 'sql' },
      { type: 'function', name: 'f' },
    ] as const;
    expect(write({ tools, toolChoice: { type: 'tool', name: 'sql' } }).body['tool_choice']).toEqual({
      type: 'custom',
      custom: { name: 'sql' },
    });
    expect(write({ toolChoice: { type: 'auto' }, parallelToolCalls: false }).body).toEqual({
      model: 'm',
      messages: [],
    });
  });

  test("a search is asked for by the request's own field where it was said so, other tools of a provider are refused", () => {
    const own = { dialect: 'openai-chat', fields: { web_search_options: { search_context_size: 'low' } } } as const;
    const source = { dialect: 'openai-responses', fields: { type: 'web_search' } } as const;
    const search = { type: 'hosted', tool: 'web-search' } as const;
    expect(write({ tools: [{ ...search, source: own }] }).body['web_search_options']).toEqual({
      search_context_size: 'low',
    });
    expect(write({ tools: [{ ...search, source }] }).body).toEqual({ model: 'm', messages: [] });
    expect(() => write({ tools: [{ type: 'hosted', tool: 'code-execution', source }] })).toThrow('`tools[0]`');
  });
});
