import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../kernel/errors.ts';
import type { ChatCall, ChatMessage } from '../../protocol/chat/call.ts';
import type { Loss, TargetTraits } from '../../protocol/chat/codec.ts';
import type { ContentPart } from '../../protocol/chat/content.ts';
import { writeCall } from './call-writer.ts';

const OLD = 'claude-sonnet-4-20250514';
const ADAPTIVE = 'claude-sonnet-4-6';
const LATEST = 'claude-opus-5-5';

const user = (...parts: ContentPart[]): ChatMessage => ({ role: 'user', parts });
const assistant = (...parts: ContentPart[]): ChatMessage => ({ role: 'assistant', parts });
const text = (said: string): ContentPart => ({ type: 'text', text: said });

interface Written {
  readonly body: Record<string, unknown>;
  readonly losses: Loss[];
  /** The fields that were lost. */
  readonly lost: string[];
}

function write(call: Partial<ChatCall>, traits: Partial<TargetTraits> = {}): Written {
  const losses: Loss[] = [];
  const body = writeCall(
    { model: 'asked', stream: false, sampling: {}, outputTokensMax: 10_000, messages: [user(text('hi'))], ...call },
    { model: OLD, maxTokensField: 'max_tokens', streamUsageOption: false, ...traits },
    losses,
  );
  return { body, losses, lost: losses.map(({ field }) => field) };
}

function refusal(call: Partial<ChatCall>): GatewayError {
  try {
    write(call);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('messages', () => {
  test('instructions at the beginning are the system prompt, later ones stay where they stand', () => {
    const { body } = write({
      messages: [
        { role: 'system', parts: [{ type: 'text', text: 'one', cache: { ttl: '1h' } }] },
        { role: 'developer', parts: [text('two')] },
        user(text('hi')),
        { role: 'developer', parts: [text('three')] },
      ],
    });
    expect(body['system']).toEqual([
      { type: 'text', text: 'one', cache_control: { type: 'ephemeral', ttl: '1h' } },
      { type: 'text', text: 'two' },
    ]);
    expect(body['messages']).toEqual([
      { role: 'user', content: 'hi' },
      { role: 'system', content: 'three' },
    ]);
  });

  test('results of parallel calls, and what the user says to them, are one message', () => {
    const result = (callId: string, ...parts: ContentPart[]): ChatMessage =>
      user({ type: 'tool-result', callId, parts });
    const { body } = write({
      messages: [
        user(text('go')),
        assistant(
          text(' \n'),
          { type: 'tool-call', kind: 'function', id: 'a', name: 'f', arguments: '' },
          { type: 'tool-call', kind: 'function', id: 'b', name: 'g', arguments: '{"id":12345678901234567890}' },
        ),
        result('a', text('1')),
        user({ type: 'tool-result', callId: 'b', isError: true, parts: [] }),
        user(text('and?')),
      ],
    });
    expect(JSON.stringify(body['messages'])).toBe(
      JSON.stringify([
        { role: 'user', content: 'go' },
        {
          role: 'assistant',
          content: [
            { type: 'tool_use', id: 'a', name: 'f', input: {} },
            { type: 'tool_use', id: 'b', name: 'g', input: { id: 0 } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'a', content: '1' },
            { type: 'tool_result', tool_use_id: 'b', is_error: true },
            { type: 'text', text: 'and?' },
          ],
        },
      ]).replace('"id":0', '"id":12345678901234567890'),
    );
  });

  test('ids of calls that this API would refuse are rewritten in both places, and never to one that is taken', () => {
    const call = (id: string): ContentPart => ({ type: 'tool-call', kind: 'function', id, name: 'f', arguments: '{}' });
    const { body } = write({
      messages: [
        assistant(call('f:1'), call('f.1'), call('f_1')),
        user(...['f.1', 'f:1', 'f_1'].map((callId): ContentPart => ({ type: 'tool-result', callId, parts: [] }))),
      ],
    });
    const [calls, results] = (body['messages'] as { content: Record<string, string>[] }[]).map(
      ({ content }) => content,
    );
    const ids = calls?.map(({ id }) => id);
    expect(ids).toEqual(['f_1_2', 'f_1_3', 'f_1']);
    expect(results?.map(({ tool_use_id: id }) => id)).toEqual([ids?.[1], ids?.[0], ids?.[2]]);
  });

  test('arguments that are no JSON object are sent as the text of one, and named', () => {
    const call: ContentPart = { type: 'tool-call', kind: 'function', id: 'a', name: 'f', arguments: '{"x":' };
    const { body, lost } = write({ messages: [user(text('hi')), assistant(text('so'), call)] });
    expect(JSON.stringify(body)).toContain('"input":{"arguments":"{\\"x\\":"}');
    expect(lost).toEqual(['messages[1].tool_calls[0].function.arguments']);
  });

  test('thoughts that Anthropic signed go back, others stay behind and are named once', () => {
    const signature = { value: 's', dialect: 'anthropic-messages' } as const;
    const { body, lost } = write({
      messages: [
        user(text('hi')),
        assistant(
          { type: 'reasoning', text: 'hm', signature },
          { type: 'redacted-reasoning', data: signature },
          { type: 'reasoning', text: 'foreign', signature: { value: 'x', dialect: 'openai-chat' } },
          { type: 'reasoning', encrypted: { value: 'y', dialect: 'openai-chat' } },
          { type: 'other', name: 'zz', source: { dialect: 'openai-chat', fields: {} } },
          text('so'),
        ),
        assistant({ type: 'reasoning', text: 'unsigned' }),
      ],
    });
    expect((body['messages'] as unknown[])[1]).toEqual({
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'hm', signature: 's' },
        { type: 'redacted_thinking', data: 's' },
        { type: 'text', text: 'so' },
      ],
    });
    expect(body['messages']).toHaveLength(2);
    expect(lost).toEqual(['messages[1].reasoning_details', 'messages[2].reasoning_content']);
  });
});

test('the marker of an empty text moves to what is before it', () => {
  const marked: ContentPart = { type: 'text', text: '', cache: {} };
  expect(write({ messages: [user(text('long'), marked)] })).toMatchObject({
    losses: [],
    body: { messages: [{ content: [{ type: 'text', text: 'long', cache_control: { type: 'ephemeral' } }] }] },
  });
  expect(write({ messages: [user(marked, text('late'))] }).lost).toEqual(['messages[0].content[0].cache_control']);
});

describe('pictures and documents', () => {
  const block = (part: ContentPart) => {
    const [message] = write({ messages: [user(part)] }).body['messages'] as { content: Record<string, unknown>[] }[];
    return message?.content[0]?.['source'];
  };

  test('that do not say what they are, are looked at', () => {
    const source = { kind: 'bytes', mediaType: undefined } as const;
    expect(block({ type: 'image', source: { ...source, base64: '/9j/4AAQ' } })).toMatchObject({
      media_type: 'image/jpeg',
    });
    expect(block({ type: 'file', source: { ...source, base64: 'JVBERi0x' } })).toMatchObject({
      media_type: 'application/pdf',
    });
  });

  test('that are text of any kind, are sent as text', () => {
    const base64 = Buffer.from('# Ü').toString('base64');
    expect(
      block({ type: 'file', source: { kind: 'bytes', mediaType: 'text/markdown; charset=utf-8', base64 } }),
    ).toEqual({
      type: 'text',
      media_type: 'text/plain',
      data: '# Ü',
    });
  });

  test.each<[string, ContentPart]>([
    ['a sound', { type: 'audio', source: { kind: 'bytes', mediaType: 'audio/wav', base64: 'AAAA' } }],
    ['a sheet', { type: 'file', source: { kind: 'bytes', mediaType: 'application/vnd.ms-excel', base64: 'AAAA' } }],
    ['a file of another provider', { type: 'file', source: { kind: 'stored', id: 'file-1', dialect: 'openai-chat' } }],
  ])('of which the API takes none are refused: %s', (_what, part) => {
    const error = refusal({ messages: [user(text('see'), part)] });
    expect(error).toMatchObject({ code: 'unsupported_parameter', retry: 'other-target' });
    expect(error.param).toBe('messages[0].content[1]');
  });
});

describe('thinking', () => {
  test.each<[string, string, object]>([
    [OLD, 'low', { thinking: { type: 'enabled', budget_tokens: 2048 } }],
    [OLD, 'max', { thinking: { type: 'enabled', budget_tokens: 8_000 } }],
    [OLD, 'none', { thinking: { type: 'disabled' } }],
    [ADAPTIVE, 'minimal', { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } }],
    [LATEST, 'xhigh', { thinking: { type: 'adaptive' }, output_config: { effort: 'xhigh' } }],
    ['anthropic.claude-opus-4-7-v1:0', 'max', { thinking: { type: 'adaptive' }, output_config: { effort: 'max' } }],
    ['an-unknown-model', 'medium', { thinking: { type: 'enabled', budget_tokens: 8_000 } }],
  ] as const)('%s with the effort %s', (model, effort, expected) => {
    const { body, losses } = write({ reasoning: { effort: effort as 'low' } }, { model });
    expect(body).toMatchObject(expected);
    expect(losses).toEqual([]);
  });

  test('has no room in a short answer, and is no choice of some models', () => {
    expect(write({ reasoning: { effort: 'high' }, outputTokensMax: 1_024 })).toMatchObject({
      lost: ['reasoning_effort'],
    });
    const always = write({ reasoning: { effort: 'none' } }, { model: LATEST });
    expect(always).toMatchObject({ lost: ['reasoning_effort'], body: { output_config: { effort: 'low' } } });
    expect(always.body['thinking']).toBeUndefined();
    const thoughtless = write({ reasoning: { effort: 'high' } }, { thinks: false });
    expect(thoughtless.lost).toEqual(['reasoning_effort']);
    expect(thoughtless.body['thinking']).toBeUndefined();
  });

  test.each<[string, ChatCall['reasoning'], object]>([
    [OLD, { mode: 'enabled' }, { thinking: { type: 'enabled', budget_tokens: 8_000 } }],
    [
      OLD,
      { mode: 'enabled', budgetTokens: 3_000, effort: 'high' },
      { thinking: { type: 'enabled', budget_tokens: 3_000 } },
    ],
    [ADAPTIVE, { budgetTokens: 3_000 }, { thinking: { type: 'enabled', budget_tokens: 3_000 } }],
    [LATEST, { mode: 'enabled', show: 'none' }, { thinking: { type: 'adaptive', display: 'omitted' } }],
  ])('%s as other dialects wish for it: %j', (model, reasoning, expected) => {
    const { body, losses } = write(reasoning === undefined ? {} : { reasoning }, { model });
    expect(body).toMatchObject(expected);
    expect(body['output_config']).toBeUndefined();
    expect(losses).toEqual([]);
  });

  test('is not begun by a wish not to see it, and has no budget where models take none', () => {
    expect(write({ reasoning: { show: 'none' } }).body['thinking']).toBeUndefined();
    expect(write({ reasoning: { budgetTokens: 3_000 } }, { model: LATEST })).toMatchObject({
      lost: ['reasoning.max_tokens'],
      body: { thinking: { type: 'adaptive' } },
    });
  });

  test('keeps the settings out that the API does not take beside it', () => {
    const sampling = { temperature: 0.5, topP: 0.5, topK: 3 };
    const { body, lost } = write({ reasoning: { effort: 'low' }, sampling });
    expect(lost).toEqual(['temperature', 'top_p', 'top_k']);
    expect(Object.keys(body)).not.toEqual(expect.arrayContaining(['temperature']));
    expect(write({ reasoning: { effort: 'low' }, sampling: { temperature: 1, topP: 0.98 } })).toMatchObject({
      losses: [],
      body: { top_p: 0.98 },
    });
  });

  test('gives way to a tool call that is demanded, unless the model always thinks', () => {
    const tools = [{ type: 'function', name: 'f' }] as const;
    const call = { reasoning: { effort: 'low' }, tools, toolChoice: { type: 'required' } } as const;
    expect(write(call)).toMatchObject({
      lost: ['reasoning_effort'],
      body: { thinking: { type: 'disabled' }, tool_choice: { type: 'any' } },
    });
    expect(write(call, { model: LATEST })).toMatchObject({
      lost: ['tool_choice'],
      body: { thinking: { type: 'adaptive' }, tool_choice: { type: 'auto' } },
    });
  });

  test('with a budget does not go on with a turn that was begun without', () => {
    const messages = [
      user(text('go')),
      assistant({ type: 'tool-call', kind: 'function', id: 'a', name: 'f', arguments: '{}' }),
      user({ type: 'tool-result', callId: 'a', parts: [text('1')] }),
    ];
    const call = { messages, reasoning: { effort: 'low' } } as const;
    expect(write(call)).toMatchObject({ lost: ['reasoning_effort'], body: { thinking: { type: 'disabled' } } });
    expect(write(call, { model: ADAPTIVE })).toMatchObject({ lost: [], body: { thinking: { type: 'adaptive' } } });
  });
});

describe('settings', () => {
  test('a bound is always sent', () => {
    const { outputTokensMax: _, ...unbound }: Partial<ChatCall> = {};
    const call = { ...unbound, messages: [user(text('hi'))] };
    const bare = (traits: Partial<TargetTraits>, reasoning?: ChatCall['reasoning']) => {
      const losses: Loss[] = [];
      const body = writeCall(
        { model: 'm', stream: false, sampling: {}, ...call, ...(reasoning === undefined ? {} : { reasoning }) },
        { model: OLD, maxTokensField: 'max_tokens', streamUsageOption: false, ...traits },
        losses,
      );
      return { max: body['max_tokens'], lost: losses.map(({ field }) => field) };
    };
    expect(bare({})).toEqual({ max: 4_096, lost: ['max_completion_tokens'] });
    expect(bare({ outputTokensMax: 64_000 })).toEqual({ max: 64_000, lost: [] });
    expect(bare({}, { effort: 'high' })).toEqual({ max: 4_096 + 16_384, lost: ['max_completion_tokens'] });
  });

  test('a temperature is cut to what the API takes, and left out for models that take none', () => {
    expect(write({ sampling: { temperature: 1.5 } })).toMatchObject({
      lost: ['temperature'],
      body: { temperature: 1 },
    });
    expect(write({ sampling: { temperature: 0.2 } })).toMatchObject({ lost: [], body: { temperature: 0.2 } });
    const later = write({ sampling: { temperature: 0.2, topP: 1, topK: 4 } }, { model: LATEST });
    expect(later.lost).toEqual(['temperature', 'top_k']);
    expect(write({ sampling: { temperature: 1 } }, { model: LATEST }).losses).toEqual([]);
    expect(write({ sampling: { temperature: 0.2, topP: 0.9 } }, { model: ADAPTIVE })).toMatchObject({
      lost: ['top_p'],
      body: { temperature: 0.2 },
    });
  });

  test('a stop sequence of white space is left out', () => {
    expect(write({ sampling: { stop: ['\n', 'END'] } })).toMatchObject({
      lost: ['stop'],
      body: { stop_sequences: ['END'] },
    });
  });

  test.each([
    ['auto', 'auto'],
    ['default', 'standard_only'],
    ['flex', undefined],
  ])('the service tier %s is %s', (serviceTier, sent) => {
    const { body, lost } = write({ serviceTier });
    expect(body['service_tier']).toBe(sent);
    expect(lost).toEqual(sent === undefined ? ['service_tier'] : []);
  });

  test('one name of the end user is sent', () => {
    expect(write({ endUser: 'u' })).toMatchObject({ lost: [], body: { metadata: { user_id: 'u' } } });
    expect(write({ endUser: 'u', safetyIdentifier: 's' })).toMatchObject({
      lost: ['user'],
      body: { metadata: { user_id: 's' } },
    });
  });

  test.each([
    ['5m', '5m'],
    ['30m', '1h'],
    ['24h', '1h'],
  ] as const)('what is to be kept for %s is kept for %s', (ttl, sent) => {
    const { body } = write({ messages: [user({ type: 'text', text: 'x', cache: { ttl } })] });
    expect(JSON.stringify(body)).toContain(`"cache_control":{"type":"ephemeral","ttl":"${sent}"}`);
  });
});

describe('tools', () => {
  test('of plain text take an object with one text, and their calls too', () => {
    const { body } = write({
      tools: [{ type: 'custom', name: 'sh', description: 'runs' }],
      messages: [
        user(text('go')),
        assistant({ type: 'tool-call', kind: 'custom', id: 'a', name: 'sh', arguments: 'ls -l' }),
      ],
    });
    expect(body['tools']).toMatchObject([{ name: 'sh', input_schema: { type: 'object', required: ['input'] } }]);
    expect(JSON.stringify(body['messages'])).toContain('"input":{"input":"ls -l"}');
  });

  test.each([
    [undefined, { type: 'object', properties: {} }],
    [{}, { type: 'object' }],
    [{ properties: { a: {} } }, { type: 'object', properties: { a: {} } }],
  ])('take an object, however little is said of it: %j', (parameters, schema) => {
    const tool = { type: 'function', name: 'f', parameters } as const;
    expect(write({ tools: [tool] }).body['tools']).toEqual([{ name: 'f', input_schema: schema }]);
  });

  test('that are not allowed this time are not sent', () => {
    const tools = [
      { type: 'function', name: 'f' },
      { type: 'function', name: 'g', cache: {} },
    ] as const;
    const { body, losses } = write({
      tools,
      toolChoice: { type: 'allowed', names: ['g'], required: true },
      parallelToolCalls: false,
    });
    expect(body['tools']).toEqual([
      { name: 'g', input_schema: { type: 'object', properties: {} }, cache_control: { type: 'ephemeral' } },
    ]);
    expect(body['tool_choice']).toEqual({ type: 'any', disable_parallel_tool_use: true });
    expect(losses).toEqual([]);
  });

  test('that another provider runs are refused, but for a search of the web', () => {
    const source = { dialect: 'openai-chat', fields: {} } as const;
    const search = {
      type: 'hosted',
      tool: 'web-search',
      allowedDomains: ['a.example'],
      userLocation: { city: 'Bern' },
      source,
    } as const;
    expect(write({ tools: [search] }).body['tools']).toEqual([
      {
        type: 'web_search_20250305',
        name: 'web_search',
        allowed_domains: ['a.example'],
        user_location: { type: 'approximate', city: 'Bern' },
      },
    ]);
    expect(refusal({ tools: [{ type: 'hosted', tool: 'file-search', source }] }).param).toBe('tools[0]');
  });
});
