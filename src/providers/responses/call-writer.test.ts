import { describe, expect, test } from 'vitest';
import { messagesClient } from '../../edge/anthropic/codec.ts';
import { chatClient } from '../../edge/openai/codec.ts';
import type { ChatCall, ChatMessage } from '../../protocol/chat/call.ts';
import type { ClientCodec, Loss, TargetTraits } from '../../protocol/chat/codec.ts';
import type { ContentPart } from '../../protocol/chat/content.ts';
import { responsesProvider } from './codec.ts';

type Json = Readonly<Record<string, unknown>>;

interface Written {
  readonly body: Json;
  readonly losses: readonly Loss[];
}

function written(call: Partial<ChatCall>, traits: Partial<TargetTraits> = {}): Written {
  const losses: Loss[] = [];
  const whole: ChatCall = { model: 'm', stream: false, messages: [], sampling: {}, ...call };
  const target: TargetTraits = { model: 'gpt-4.1', maxTokensField: 'max_tokens', streamUsageOption: false, ...traits };
  return { body: responsesProvider.writeCall(whole, target, losses) as Json, losses };
}

/** What a client's request becomes. */
function translated(client: ClientCodec, request: Json, traits: Partial<TargetTraits> = {}): Written {
  return written({ ...client.readCall({ model: 'm', ...request }), client: client.dialect }, traits);
}

const ASKED = [{ role: 'user', content: 'Hi' }];
const user = (...parts: ContentPart[]): ChatMessage => ({ role: 'user', parts });
const assistant = (...parts: ContentPart[]): ChatMessage => ({ role: 'assistant', parts });
const text = (said: string) => ({ type: 'text', text: said }) as const;
const sealed = { type: 'reasoning', id: 'rs_1', encrypted: { value: 'seal', dialect: 'openai-responses' } } as const;
const call = { type: 'tool-call', kind: 'function', id: 'call_1', name: 'f', arguments: '{}' } as const;

function inputOf(messages: readonly ChatMessage[], traits: Partial<TargetTraits> = {}): readonly Json[] {
  return written({ messages }, traits).body['input'] as Json[];
}

describe('what is kept where', () => {
  test('nothing is kept at the provider unless the client asks for it', () => {
    expect(written({}).body['store']).toBe(false);
    expect(written({ conversation: { store: true } }).body['store']).toBe(true);
  });

  test('thoughts of a model that thinks come sealed, those of a client that has them kept do not need to', () => {
    const sealing = { model: 'gpt-5-mini' };
    expect(written({}, sealing).body['include']).toEqual(['reasoning.encrypted_content']);
    expect(written({ conversation: { store: true } }, sealing).body).not.toHaveProperty('include');
  });

  test.each(['gpt-4o', 'gpt-4.1-mini', 'openai/gpt-oss-120b', 'grok-2'])('%s is not asked for seals', (model) => {
    expect(written({}, { model }).body).not.toHaveProperty('include');
  });

  test('a model of an unknown name is asked for seals where it is asked to think', () => {
    const traits = { model: 'my-deployment' };
    expect(written({ reasoning: { effort: 'low' } }, traits).body['include']).toEqual(['reasoning.encrypted_content']);
    expect(written({ reasoning: { effort: 'none' } }, traits).body).not.toHaveProperty('include');
    const open = { model: 'openai/gpt-oss-120b' };
    expect(written({ reasoning: { effort: 'low' } }, open).body).not.toHaveProperty('include');
  });
});

describe('messages', () => {
  test('leading instructions are instructions; later ones, and developers, are items', () => {
    const { body } = translated(chatClient, {
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi' },
        { role: 'system', content: 'Now be long.' },
        { role: 'developer', content: 'In English.' },
      ],
    });
    expect(body).toMatchObject({
      instructions: 'Be brief.',
      input: [
        { type: 'message', role: 'user', content: 'Hi' },
        { type: 'message', role: 'system', content: 'Now be long.' },
        { type: 'message', role: 'developer', content: 'In English.' },
      ],
    });
  });

  test('instructions alone are an input: the API wants one', () => {
    const { body } = translated(chatClient, { messages: [{ role: 'system', content: 'Say hi.' }] });
    expect(body).not.toHaveProperty('instructions');
    expect(body['input']).toEqual([{ type: 'message', role: 'system', content: 'Say hi.' }]);
  });

  test('in JSON mode the word stands in the input, where the API looks for it', () => {
    const json = { messages: [{ role: 'system', content: 'Answer in JSON.' }, ...ASKED] };
    const { body } = translated(chatClient, { ...json, response_format: { type: 'json_object' } });
    expect(body).not.toHaveProperty('instructions');
    expect((body['input'] as Json[])[0]).toMatchObject({ role: 'system', content: 'Answer in JSON.' });
    const unsaid = { client: 'gemini', responseFormat: { type: 'json' }, messages: [user(text('Hi'))] } as const;
    expect((written(unsaid).body['input'] as Json[]).at(-1)).toMatchObject({ role: 'developer' });
  });

  test('instructions with a cache marker are an item where the provider knows markers, else the marker is lost', () => {
    const system = [{ type: 'text', text: 'Long.', cache_control: { type: 'ephemeral' } }];
    const request = { max_tokens: 99, system, messages: [{ role: 'user', content: 'Hi' }] };
    const known = translated(messagesClient, request, { cacheMarkers: 'prompt_cache_breakpoint' });
    expect(known.body['input']).toMatchObject([
      { role: 'system', content: [{ type: 'input_text', prompt_cache_breakpoint: { mode: 'explicit' } }] },
      { role: 'user' },
    ]);
    expect(known.losses).toEqual([]);
    const unknown = translated(messagesClient, request);
    expect(unknown.body['instructions']).toBe('Long.');
    expect(unknown.losses).toMatchObject([{ field: 'system[0].cache_control' }]);
  });

  test('a turn keeps its order: thought, text, thought, call', () => {
    const second = { ...sealed, id: 'rs_2' };
    expect(inputOf([assistant(sealed, text('Let me '), text('see.'), second, call)])).toMatchObject([
      { type: 'reasoning', id: 'rs_1', encrypted_content: 'seal', summary: [] },
      { type: 'message', role: 'assistant', content: 'Let me see.' },
      { type: 'reasoning', id: 'rs_2' },
      { type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{}' },
    ]);
  });

  test('results come before what the user says beside them, each in the form of its call', () => {
    const custom = { ...call, id: 'call_2', kind: 'custom', arguments: 'plain' } as const;
    const result = (callId: string) => ({ type: 'tool-result', callId, parts: [text(callId)] }) as const;
    const messages = [assistant(call, custom), user(text('Here.'), result('call_1'), result('call_2'))];
    expect(inputOf(messages).slice(2)).toEqual([
      { type: 'function_call_output', call_id: 'call_1', output: 'call_1' },
      { type: 'custom_tool_call_output', call_id: 'call_2', output: 'call_2' },
      { type: 'message', role: 'user', content: 'Here.' },
    ]);
  });

  test('a failed result says so in its text, once', () => {
    const failed = (said: ContentPart[]) =>
      inputOf([user({ type: 'tool-result', callId: 'c', parts: said, isError: true })])[0]?.['output'];
    expect(failed([text('no such city')])).toBe('Error: no such city');
    expect(failed([text('ValueError: no such city')])).toBe('ValueError: no such city');
    expect(failed([])).toBe('Error: the tool failed.');
  });

  test('pictures and documents in a result stay in it', () => {
    const image = { type: 'image', source: { kind: 'bytes', mediaType: 'image/png', base64: 'AAAA' } } as const;
    const output = inputOf([user({ type: 'tool-result', callId: 'c', parts: [text('a'), image] })])[0]?.['output'];
    expect(output).toEqual([
      { type: 'input_text', text: 'a' },
      { type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'auto' },
    ]);
  });

  test('a document of bytes has a name, whatever the client calls it', () => {
    const pdf = { type: 'file', source: { kind: 'bytes', mediaType: undefined, base64: 'JVBERi0x' } } as const;
    expect(inputOf([user(pdf)])[0]?.['content']).toEqual([
      { type: 'input_file', file_data: 'data:application/pdf;base64,JVBERi0x', filename: 'document.pdf' },
    ]);
  });

  test('names and ids that are too long become shorter ones, the same in call and result', () => {
    const id = 'x'.repeat(100);
    const [asked, answered] = inputOf([
      assistant({ ...call, id, name: `mcp__${'long_'.repeat(20)}` }),
      user({ type: 'tool-result', callId: id, parts: [] }),
    ]);
    expect(asked?.['call_id']).toBe(answered?.['call_id']);
    expect(String(asked?.['call_id']).length).toBeLessThanOrEqual(64);
    expect(String(asked?.['name']).length).toBeLessThanOrEqual(64);
  });
});

describe('thoughts', () => {
  const foreign = {
    type: 'reasoning',
    text: 'Hm.',
    signature: { value: 's', dialect: 'anthropic-messages' },
  } as const;

  test("another provider's stay behind, and are named once by their place", () => {
    const { body, losses } = written({ messages: [assistant(foreign, text('Hi'))] });
    expect(body['input']).toEqual([{ type: 'message', role: 'assistant', content: 'Hi' }]);
    expect(losses).toEqual([
      { field: 'messages[0].content[0]', reason: 'a thought that this provider did not seal is not sent to it' },
    ]);
  });

  test('go by their text to whoever takes them so, without a name that only another one knows', () => {
    const messages = [assistant({ ...foreign, id: 'rs_1' }, text('Hi'))];
    const { body, losses } = written({ messages }, { reasoningField: 'reasoning' });
    expect((body['input'] as Json[])[0]).toEqual({
      type: 'reasoning',
      summary: [],
      content: [{ type: 'reasoning_text', text: 'Hm.' }],
    });
    expect(losses).toEqual([]);
  });

  test('of which nothing is known but a name say nothing, and lose nothing', () => {
    const { body, losses } = written({ messages: [assistant({ type: 'reasoning', id: 'rs_1' }, text('Hi'))] });
    expect(body['input']).toHaveLength(1);
    expect(losses).toEqual([]);
  });

  test('that led to nothing in their turn are left out: the API refuses them', () => {
    const { body, losses } = written({ messages: [assistant(text('Hi'), sealed), user(text('Go on'))] });
    expect((body['input'] as Json[]).map(({ type }) => type)).toEqual(['message', 'message']);
    expect(losses).toMatchObject([{ field: 'messages[0].content[1]' }]);
  });

  test('survive a Messages client, sealed in its signature', () => {
    const answer = responsesProvider.readAnswer(
      Buffer.from(
        JSON.stringify({
          id: 'resp_1',
          status: 'completed',
          output: [
            {
              type: 'reasoning',
              id: 'rs_1',
              summary: [{ type: 'summary_text', text: 'Hm.' }],
              encrypted_content: 'gA',
            },
            { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'f', arguments: '{}' },
          ],
        }),
      ),
    );
    const identity = { id: 'msg_1', model: 'm', at: 0, usageWanted: true };
    const { content } = JSON.parse(messagesClient.writeAnswer(answer, identity).toString()) as Json;
    const result = { type: 'tool_result', tool_use_id: 'call_1', content: 'ok' };
    const messages = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content },
      { role: 'user', content: [result] },
    ];
    const { body, losses } = translated(messagesClient, { max_tokens: 99, messages });
    expect((body['input'] as Json[]).slice(1)).toEqual([
      {
        type: 'reasoning',
        id: 'rs_1',
        summary: [{ type: 'summary_text', text: 'Hm.' }],
        encrypted_content: 'gA',
      },
      { type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{}' },
      { type: 'function_call_output', call_id: 'call_1', output: 'ok' },
    ]);
    expect(losses).toEqual([]);
  });
});

describe('how much to think', () => {
  test.each([
    ['gpt-5', { effort: 'low' }, { effort: 'low' }],
    ['gpt-5.1', { mode: 'disabled' }, { effort: 'none' }],
    ['gpt-5', { mode: 'disabled' }, undefined],
    ['gpt-5.2', { mode: 'adaptive' }, { effort: 'medium', summary: 'auto' }],
    ['gpt-5', { mode: 'enabled', budgetTokens: 20_000 }, { effort: 'high', summary: 'auto' }],
    ['o3', { effort: 'high', show: 'summary' }, { effort: 'high', summary: 'auto' }],
    ['o3', { mode: 'enabled', budgetTokens: 1_024, show: 'none' }, { effort: 'low' }],
    ['gpt-5.2', { effort: 'xhigh' }, { effort: 'xhigh' }],
    ['gpt-5.2', { effort: 'max' }, { effort: 'xhigh' }],
  ] as const)('%s, asked for %j', (model, reasoning, expected) => {
    const { body, losses } = written({ reasoning }, { model });
    expect(body['reasoning']).toEqual(expected);
    expect(losses).toEqual([]);
  });

  test("more than a model takes is told in the client's words", () => {
    const request = { max_tokens: 99, messages: ASKED, output_config: { effort: 'max' } };
    const { body, losses } = translated(messagesClient, request, { model: 'o3' });
    expect(body['reasoning']).toMatchObject({ effort: 'high' });
    expect(losses).toMatchObject([{ field: 'output_config.effort' }]);
  });

  test('a model that does not think is not asked to', () => {
    const { body, losses } = translated(
      chatClient,
      { messages: [], reasoning_effort: 'high', temperature: 0.2 },
      { model: 'gpt-4o', thinks: false },
    );
    expect(body).not.toHaveProperty('reasoning');
    expect(body['temperature']).toBe(0.2);
    expect(losses).toEqual([{ field: 'reasoning_effort', reason: 'this model does not think before it answers' }]);
  });

  test('a model that thinks takes no temperature', () => {
    const { body, losses } = written({ sampling: { temperature: 0.2, topP: 1, logprobs: 2 } }, { model: 'gpt-5' });
    expect(body).not.toHaveProperty('temperature');
    expect(body).not.toHaveProperty('top_logprobs');
    expect(body['include']).toEqual(['reasoning.encrypted_content']);
    expect(losses.map(({ field }) => field)).toEqual(['temperature', 'logprobs']);
  });
});

describe('tools', () => {
  const parameters = { type: 'object', properties: {} };

  test('are as little strict as other dialects mean them', () => {
    const tools = [
      { type: 'function', name: 'a' },
      { type: 'function', name: 'b', parameters, strict: true },
    ] as const;
    expect(written({ tools }).body['tools']).toEqual([
      { type: 'function', name: 'a', parameters, strict: false },
      { type: 'function', name: 'b', parameters, strict: true },
    ]);
  });

  test("that Anthropic's clients want strictly kept to are, where the schema is one that OpenAI takes so", () => {
    const closed = { ...parameters, required: [], additionalProperties: false };
    const tools = [parameters, closed].map((input_schema, at) => ({ name: `t${at}`, input_schema, strict: true }));
    const { body, losses } = translated(messagesClient, { max_tokens: 99, messages: ASKED, tools });
    expect((body['tools'] as Json[]).map(({ strict }) => strict)).toEqual([false, true]);
    expect(losses).toMatchObject([{ field: 'tools[0].strict' }]);
  });

  test("a grammar of Chat Completions' loses the object around it", () => {
    const grammar = { syntax: 'lark', definition: 'start: "x"' };
    const custom = { type: 'custom', custom: { name: 'c', format: { type: 'grammar', grammar } } };
    const { body } = translated(chatClient, { messages: [], tools: [custom] });
    expect(body['tools']).toEqual([{ type: 'custom', name: 'c', format: { type: 'grammar', ...grammar } }]);
  });

  test("Anthropic's searches and code run as this provider's own; what it does not run is refused", () => {
    const searching = [
      { type: 'web_search_20250305', name: 'web_search', allowed_domains: ['a.example'] },
      { type: 'code_execution_20250825', name: 'code_execution' },
    ];
    const request = { max_tokens: 99, messages: ASKED, tool_choice: { type: 'tool', name: 'web_search' } };
    expect(translated(messagesClient, { ...request, tools: searching }).body).toMatchObject({
      tools: [
        { type: 'web_search', filters: { allowed_domains: ['a.example'] } },
        { type: 'code_interpreter', container: { type: 'auto' } },
      ],
      tool_choice: { type: 'web_search' },
    });
    const fetching = [{ type: 'web_fetch_20250910', name: 'web_fetch' }];
    expect(() => translated(messagesClient, { ...request, tools: fetching })).toThrow(/its providers do not run/);
  });

  test('which of them may be used keeps its form', () => {
    const tools = [
      { type: 'function', name: 'a' },
      { type: 'custom', name: 'c' },
    ] as const;
    const choice = (toolChoice: NonNullable<ChatCall['toolChoice']>) =>
      written({ tools, toolChoice }).body['tool_choice'];
    expect(choice({ type: 'required' })).toBe('required');
    expect(choice({ type: 'tool', name: 'c' })).toEqual({ type: 'custom', name: 'c' });
    expect(choice({ type: 'allowed', names: ['a', 'c'], required: true })).toEqual({
      type: 'allowed_tools',
      mode: 'required',
      tools: [
        { type: 'function', name: 'a' },
        { type: 'custom', name: 'c' },
      ],
    });
  });
});

describe('the answer', () => {
  const closed = {
    type: 'object',
    properties: { a: { type: 'string' } },
    required: ['a'],
    additionalProperties: false,
  };
  const open = { ...closed, required: [] };

  test.each([
    ['anthropic-messages', closed, true],
    ['anthropic-messages', open, undefined],
    ['gemini', { ...closed, properties: { a: open } }, undefined],
    ['openai-chat', closed, undefined],
  ] as const)('of a %s client keeps strictly to a schema that the API takes so', (client, schema, strict) => {
    const { body } = written({ client, responseFormat: { type: 'json-schema', schema } });
    const format = { type: 'json_schema', name: 'response', schema };
    expect(body['text']).toEqual({ format: strict === undefined ? format : { ...format, strict } });
  });

  test('is no shorter than the API allows, and the client is told', () => {
    const { body, losses } = translated(messagesClient, { max_tokens: 1, messages: ASKED });
    expect(body['max_output_tokens']).toBe(16);
    expect(losses).toEqual([{ field: 'max_tokens', reason: 'at least 16 here, so 16 is sent' }]);
  });

  test('cannot be sound', () => {
    const request = { messages: [], modalities: ['text', 'audio'], audio: { voice: 'alloy', format: 'wav' } };
    expect(() => translated(chatClient, request)).toThrow(/`modalities` cannot be sent/);
  });
});

describe('what cannot be sent is refused, so that another target may take it', () => {
  const wav = { kind: 'bytes', mediaType: 'audio/wav', base64: 'AAAA' } as const;
  const elsewhere = { kind: 'stored', id: 'file_1', dialect: 'anthropic-messages' } as const;
  const source = { dialect: 'anthropic-messages', fields: { type: 'server_tool_use' } } as const;
  const hosted = {
    type: 'hosted-call',
    tool: 'web-search',
    id: 's',
    name: 'web_search',
    arguments: '{}',
    source,
  } as const;

  test.each([
    [user({ type: 'audio', source: wav })],
    [user({ type: 'video', source: wav })],
    [user({ type: 'image', source: elsewhere })],
    [user({ type: 'file', source: elsewhere })],
    [user({ type: 'other', name: 'zz', source })],
    [assistant(hosted)],
    [assistant({ type: 'image', source: { kind: 'url', url: 'https://a.example/b.png' } })],
  ])('%j', (message) => {
    const refusal = expect.objectContaining({
      code: 'unsupported_parameter',
      retry: 'other-target',
      param: 'messages[0].content[0]',
    });
    expect(() => written({ messages: [message] })).toThrow(refusal as unknown as Error);
  });
});
