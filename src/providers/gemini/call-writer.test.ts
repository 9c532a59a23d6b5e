import { expect, test } from 'vitest';
import type { GatewayError } from '../../kernel/errors.ts';
import type { ChatCall, ChatMessage } from '../../protocol/chat/call.ts';
import type { Loss, TargetTraits } from '../../protocol/chat/codec.ts';
import type { ContentPart, ToolCallPart } from '../../protocol/chat/content.ts';
import { madeUpCallId } from './call-ids.ts';
import { writeCall } from './call-writer.ts';

const LATER = 'gemini-3-pro-preview';
const FLASH = 'gemini-2.5-flash';
const OLD = 'gemini-2.0-flash';
/** Of no known generation, and so a later one. */
const AN_ALIAS = 'gemini-flash-latest';

function written(call: Partial<ChatCall>, model = LATER, traits: Partial<TargetTraits> = {}) {
  const losses: Loss[] = [];
  const whole: ChatCall = {
    model: 'm',
    client: 'openai-chat',
    stream: false,
    sampling: {},
    messages: [ASKED],
    ...call,
  };
  const target = { model, maxTokensField: 'max_completion_tokens', streamUsageOption: true, ...traits } as const;
  return { body: writeCall(whole, target, losses), losses };
}

function user(...parts: ContentPart[]): ChatMessage {
  return { role: 'user', parts };
}

function assistant(...parts: ContentPart[]): ChatMessage {
  return { role: 'assistant', parts };
}

function text(said: string): ContentPart {
  return { type: 'text', text: said };
}

const ASKED = user(text('hi'));
const HI = { role: 'user', parts: [{ text: 'hi' }] };

function call(id: string, more: Partial<ToolCallPart> = {}): ToolCallPart {
  return { type: 'tool-call', kind: 'function', id, name: `f_${id}`, arguments: '{"a":1}', ...more };
}

function result(callId: string, said: string): ContentPart {
  return { type: 'tool-result', callId, parts: [text(said)] };
}

function contentsOf(messages: ChatMessage[], model = LATER) {
  return written({ messages }, model).body['contents'];
}

function configOf(more: Partial<ChatCall>, model = LATER, traits: Partial<TargetTraits> = {}) {
  const { body, losses } = written(more, model, traits);
  return [body['generationConfig'], losses.map(({ field }) => field)];
}

test('instructions stand apart, and one that comes later is told as lost from its place', () => {
  const messages: ChatMessage[] = [
    { role: 'system', parts: [text('one')] },
    { role: 'developer', parts: [text('two')] },
    ASKED,
    { role: 'system', parts: [text('three')] },
  ];
  const { body, losses } = written({ messages });
  expect(body).toEqual({
    systemInstruction: { parts: [{ text: 'one' }, { text: 'two' }, { text: 'three' }] },
    contents: [HI],
  });
  expect(losses).toEqual([
    { field: 'messages[3]', reason: 'instructions stand before the conversation here, and so does this one' },
  ]);
});

test('instructions alone are asked as the user asks', () => {
  expect(written({ messages: [{ role: 'system', parts: [text('hi')] }] }).body).toEqual({ contents: [HI] });
});

test('results of parallel calls are one content in the order of the calls, with the names of the functions', () => {
  const turn = assistant(text('wait'), call('a'), call('b'), call('c'));
  const after = [user(result('c', '3')), user(result('a', '{"deg":21}')), user(result('b', '[1]')), user(text('so?'))];
  expect(contentsOf([ASKED, turn, ...after], AN_ALIAS)).toMatchObject([
    HI,
    {
      role: 'model',
      parts: [
        { text: 'wait' },
        { functionCall: { id: 'a', name: 'f_a', args: { a: 1 } } },
        { functionCall: { id: 'b', name: 'f_b', args: { a: 1 } } },
        { functionCall: { id: 'c', name: 'f_c', args: { a: 1 } } },
      ],
    },
    {
      role: 'user',
      parts: [
        { functionResponse: { id: 'a', name: 'f_a', response: { deg: 21 } } },
        { functionResponse: { id: 'b', name: 'f_b', response: { output: '[1]' } } },
        { functionResponse: { id: 'c', name: 'f_c', response: { output: '3' } } },
        { text: 'so?' },
      ],
    },
  ]);
});

test('a model that tells its calls apart by their order alone is told no ids', () => {
  const messages = [ASKED, assistant(call('a')), user(result('a', 'x'))];
  expect(JSON.stringify(contentsOf(messages, FLASH))).not.toContain('"id"');
  expect(JSON.stringify(written({ messages, client: 'gemini' }, FLASH).body)).toContain('"id":"a"');
});

test('an id that was made up for a call of Gemini does not go back to it', () => {
  const id = madeUpCallId('r1', 0);
  const [, model, answered] = contentsOf([ASKED, assistant(call(id, { name: 'f' })), user(result(id, 'x'))]) as {
    parts: unknown[];
  }[];
  expect(model?.parts).toMatchObject([{ functionCall: { name: 'f', args: { a: 1 } } }]);
  expect(answered?.parts).toEqual([{ functionResponse: { name: 'f', response: { output: 'x' } } }]);
  expect(JSON.stringify([model, answered])).not.toContain('"id"');
});

test('long numbers and odd arguments arrive as they were written', () => {
  const id = '1234567890123456789';
  const { body, losses } = written({
    messages: [ASKED, assistant(call('a', { arguments: `{"id":${id}}` }), call('b', { arguments: 'oops' }))],
  });
  expect(JSON.stringify(body)).toContain(`{"id":${id}}`);
  expect(JSON.stringify(body)).toContain('{"arguments":"oops"}');
  expect(losses).toMatchObject([{ reason: 'its arguments are no JSON object, so they are sent as the text of one' }]);
});

test('each step since the user last spoke bears a signature on its first call, its own or the word for none', () => {
  const signed = call('a', { signature: { value: 'c2ln', dialect: 'gemini' } });
  const foreign = call('c', { signature: { value: 'sig', dialect: 'anthropic-messages' } });
  const messages = [
    ASKED,
    assistant(call('z')),
    user(result('z', '0')),
    user(text('more')),
    assistant(signed, call('b')),
    user(result('a', '1'), result('b', '2')),
    assistant(foreign, call('d')),
    user(result('c', '3'), result('d', '4')),
  ];
  const signatures = (model: string) =>
    (contentsOf(messages, model) as { parts: { functionCall?: { name: string }; thoughtSignature?: string }[] }[])
      .flatMap(({ parts }) => parts)
      .flatMap(({ functionCall, thoughtSignature }) => (functionCall ? [[functionCall.name, thoughtSignature]] : []));
  const none = 'skip_thought_signature_validator';
  // What answers `z` and what the user says beside it are one content: that is no new turn of the user's.
  expect(signatures(LATER)).toEqual([
    ['f_z', none],
    ['f_a', 'c2ln'],
    ['f_b', undefined],
    ['f_c', none],
    ['f_d', undefined],
  ]);
  expect(signatures(FLASH)).toEqual([
    ['f_z', undefined],
    ['f_a', 'c2ln'],
    ['f_b', undefined],
    ['f_c', undefined],
    ['f_d', undefined],
  ]);
});

test('a thought goes back to its maker, and to nobody else', () => {
  const own = { value: 'c2ln', dialect: 'gemini' } as const;
  const theirs = { value: 'sig', dialect: 'anthropic-messages' } as const;
  const { body, losses } = written({
    messages: [
      ASKED,
      assistant(
        { type: 'reasoning', text: 'mine', signature: own },
        { type: 'reasoning', signature: own },
        { type: 'reasoning', text: 'unsigned' },
        { type: 'reasoning', text: 'theirs', signature: theirs },
        { type: 'redacted-reasoning', data: theirs },
        { type: 'text', text: 'said', signature: own },
        { type: 'text', text: '' },
      ),
    ],
  });
  expect(body['contents']).toEqual([
    HI,
    {
      role: 'model',
      parts: [
        { text: 'mine', thought: true, thoughtSignature: 'c2ln' },
        { text: '', thoughtSignature: 'c2ln' },
        { text: 'unsigned', thought: true },
        { text: 'said', thoughtSignature: 'c2ln' },
      ],
    },
  ]);
  expect(losses).toEqual([
    {
      field: 'messages[1].reasoning_details',
      reason: 'a thought that another provider signed is not sent to this one',
    },
  ]);
});

test('media are bytes or addresses by their types; what lies at another provider is refused', () => {
  const png = { kind: 'bytes', mediaType: undefined, base64: 'iVBORw0KGgoAAA' } as const;
  const messages = [
    user(
      { type: 'image', source: png },
      { type: 'audio', source: { kind: 'bytes', mediaType: undefined, base64: 'AA' }, format: 'mp3' },
      { type: 'file', source: { kind: 'text', text: 'words' }, name: 'a.txt' },
      { type: 'image', source: { kind: 'url', url: 'https://x.example/a.webp?b' } },
      { type: 'video', source: { kind: 'url', url: 'https://youtu.be/x' } },
      { type: 'file', source: { kind: 'stored', id: 'files/abc', dialect: 'gemini' } },
    ),
  ];
  expect(contentsOf(messages)).toEqual([
    {
      role: 'user',
      parts: [
        { inlineData: { mimeType: 'image/png', data: png.base64 } },
        { inlineData: { mimeType: 'audio/mp3', data: 'AA' } },
        { text: 'Document: a.txt' },
        { inlineData: { mimeType: 'text/plain', data: 'd29yZHM=' } },
        { fileData: { mimeType: 'image/webp', fileUri: 'https://x.example/a.webp?b' } },
        { fileData: { fileUri: 'https://youtu.be/x' } },
        { fileData: { fileUri: 'files/abc' } },
      ],
    },
  ]);
  expect(() => contentsOf(messages, OLD)).toThrow('`messages[0].content[3]` cannot be sent');
  const stored = user({ type: 'file', source: { kind: 'stored', id: 'file-1', dialect: 'openai-chat' } });
  expect(() => contentsOf([stored])).toThrow('a file that lies at another provider');
});

test('what a document is called, and what is said of it, is told before it', () => {
  const pdf = { kind: 'bytes', mediaType: 'application/pdf', base64: 'AA' } as const;
  const parts = { kind: 'parts', parts: [text('inside')] } as const;
  expect(
    contentsOf([
      user({ type: 'file', source: pdf, name: 'a.pdf', context: 'old' }, { type: 'file', source: parts, name: 'b' }),
    ]),
  ).toEqual([
    {
      role: 'user',
      parts: [
        { text: 'Document: a.pdf\nold' },
        { inlineData: { mimeType: 'application/pdf', data: 'AA' } },
        { text: 'Document: b' },
        { text: 'inside' },
      ],
    },
  ]);
});

test('pictures of a result stand in it where the model reads them there, and follow it elsewhere', () => {
  const picture = { type: 'image', source: { kind: 'bytes', mediaType: 'image/png', base64: 'AA' } } as const;
  const inline = { inlineData: { mimeType: 'image/png', data: 'AA' } };
  const answered: ChatMessage = user({ type: 'tool-result', callId: 'a', parts: [picture] });
  const after = (model: string) =>
    (contentsOf([ASKED, assistant(call('a')), answered], model) as { parts: unknown[] }[])[2]?.parts;
  expect(after(LATER)).toEqual([
    { functionResponse: { id: 'a', name: 'f_a', response: { output: '' }, parts: [inline] } },
  ]);
  expect(after(FLASH)).toEqual([
    { functionResponse: { name: 'f_a', response: { output: 'The result follows.' } } },
    { text: 'Of the result of the function f_a:' },
    inline,
  ]);
});

test('a tool that failed says so', () => {
  const failed = user({ type: 'tool-result', callId: 'a', parts: [text('{"x":1}')], isError: true });
  expect(JSON.stringify(contentsOf([ASKED, assistant(call('a')), failed]))).toContain(
    JSON.stringify({ error: '{"x":1}' }),
  );
});

test('tools keep their JSON Schema, a custom one takes a text, those of the provider have its names', () => {
  const schema = { type: 'object', properties: { a: { type: ['string', 'null'] } }, additionalProperties: false };
  const hosted = { type: 'hosted', source: { dialect: 'openai-responses', fields: {} } } as const;
  const { body } = written({
    tools: [
      { type: 'function', name: 'f', description: 'd', parameters: schema },
      { type: 'custom', name: 'c' },
      { type: 'function', name: 'bare' },
      { ...hosted, tool: 'web-search' },
      { ...hosted, tool: 'code-execution' },
      { type: 'hosted', tool: 'other', source: { dialect: 'gemini', fields: { googleMaps: {} } } },
    ],
  });
  const input = { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] };
  expect(body['tools']).toEqual([
    {
      functionDeclarations: [
        { name: 'f', description: 'd', parametersJsonSchema: schema },
        { name: 'c', parametersJsonSchema: input },
        { name: 'bare' },
      ],
    },
    { googleSearch: {} },
    { codeExecution: {} },
    { googleMaps: {} },
  ]);
  expect(body['toolConfig']).toBeUndefined();
  expect(() => written({ tools: [{ ...hosted, tool: 'shell' }] })).toThrow('`tools[0]` cannot be sent');
});

test('a name that Google does not take is another one wherever it stands', () => {
  const name = '2 fast';
  const { body } = written({
    messages: [ASKED, assistant(call('a', { name })), user(result('a', 'x'))],
    tools: [{ type: 'function', name }],
    toolChoice: { type: 'tool', name },
  });
  const sent = JSON.stringify(body).match(/"(f_2_fast_[0-9a-f]{8})"/g);
  expect(sent).toHaveLength(4);
  expect(new Set(sent)).toHaveProperty('size', 1);
  const long = { type: 'function', name: 'x'.repeat(128) } as const;
  expect(JSON.stringify(written({ tools: [long] }).body)).toContain(`"${long.name}"`);
});

const F = { type: 'function', name: 'f' } as const;
const G = { type: 'function', name: 'g' } as const;

test.each<[string, Partial<ChatCall>, unknown]>([
  ['none', { toolChoice: { type: 'none' } }, { mode: 'NONE' }],
  ['any', { toolChoice: { type: 'required' } }, { mode: 'ANY' }],
  ['one', { toolChoice: { type: 'tool', name: 'g' } }, { mode: 'ANY', allowedFunctionNames: ['g'] }],
  [
    'some',
    { toolChoice: { type: 'allowed', names: ['g'], required: true } },
    { mode: 'ANY', allowedFunctionNames: ['g'] },
  ],
  ['strict', { tools: [{ ...F, strict: true }, G] }, { mode: 'VALIDATED' }],
  ['nothing', {}, undefined],
])('how a call chooses its tools: %s', (_name, more, expected) => {
  const { body } = written({ tools: [F, G], ...more });
  expect((body['toolConfig'] as { functionCallingConfig?: unknown } | undefined)?.functionCallingConfig).toEqual(
    expected,
  );
});

test('of tools that a call may choose from in part, that part is sent', () => {
  const { body } = written({ tools: [F, G], toolChoice: { type: 'allowed', names: ['g'], required: false } });
  expect(body['tools']).toEqual([{ functionDeclarations: [{ name: 'g' }] }]);
});

test.each<[string, string, ChatCall['reasoning'], unknown, string[]]>([
  ['a level', LATER, { effort: 'medium' }, { includeThoughts: true, thinkingLevel: 'MEDIUM' }, []],
  ['the least of a larger model', LATER, { effort: 'minimal' }, { includeThoughts: true, thinkingLevel: 'LOW' }, []],
  ['the least', 'gemini-3-flash', { effort: 'minimal' }, { includeThoughts: true, thinkingLevel: 'MINIMAL' }, []],
  ['nothing', LATER, { effort: 'none' }, { thinkingLevel: 'LOW' }, ['reasoning_effort']],
  ['too much', LATER, { effort: 'max' }, { includeThoughts: true, thinkingLevel: 'HIGH' }, ['reasoning_effort']],
  [
    'a budget as a level',
    LATER,
    { budgetTokens: 4_000 },
    { includeThoughts: true, thinkingLevel: 'MEDIUM' },
    ['reasoning.max_tokens'],
  ],
  ['a budget of an alias', AN_ALIAS, { budgetTokens: 4_000 }, { includeThoughts: true, thinkingBudget: 4_000 }, []],
  [
    'more of an alias than any has',
    AN_ALIAS,
    { budgetTokens: 90_000 },
    { includeThoughts: true, thinkingBudget: 32_768 },
    [],
  ],
  ['no word on how much', LATER, { show: 'none' }, undefined, []],
  ['hidden thoughts', LATER, { effort: 'high', show: 'none' }, { thinkingLevel: 'HIGH' }, []],
  ['any amount', LATER, { mode: 'adaptive' }, { includeThoughts: true }, []],
  ['a budget', FLASH, { budgetTokens: 4_000 }, { includeThoughts: true, thinkingBudget: 4_000 }, []],
  [
    'too large a budget',
    FLASH,
    { budgetTokens: 40_000 },
    { includeThoughts: true, thinkingBudget: 24_576 },
    ['reasoning.max_tokens'],
  ],
  ['an effort as a budget', FLASH, { effort: 'low' }, { includeThoughts: true, thinkingBudget: 2_048 }, []],
  ['no thoughts', FLASH, { mode: 'disabled' }, { thinkingBudget: 0 }, []],
  [
    'no thoughts of one that always thinks',
    'gemini-2.5-pro',
    { effort: 'none' },
    { thinkingBudget: 128 },
    ['reasoning_effort'],
  ],
  ['any amount as a budget', FLASH, { mode: 'enabled' }, { includeThoughts: true, thinkingBudget: -1 }, []],
  ['a model that does not think', OLD, { effort: 'high' }, undefined, ['reasoning_effort']],
  ['no thoughts of it', OLD, { effort: 'none' }, undefined, []],
])('how much to think: %s', (_name, model, reasoning, expected, lost) => {
  const [config, losses] = configOf({ reasoning: reasoning ?? {} }, model);
  expect((config as { thinkingConfig?: unknown } | undefined)?.thinkingConfig).toEqual(expected);
  expect(losses).toEqual(lost);
});

test('thoughts leave room for what is said', () => {
  const [config] = configOf({ reasoning: { effort: 'high' }, outputTokensMax: 1_000 }, FLASH);
  expect(config).toEqual({ maxOutputTokens: 1_000, thinkingConfig: { includeThoughts: true, thinkingBudget: 800 } });
});

test('a model that is known not to think is not asked to', () => {
  expect(configOf({ reasoning: { effort: 'high' } }, LATER, { thinks: false })).toEqual([
    undefined,
    ['reasoning_effort'],
  ]);
});

test('settings have their names here, and what the model refuses is not sent', () => {
  const sampling = {
    temperature: 0.5,
    topP: 0.9,
    topK: 40,
    choices: 2,
    seed: 2 ** 40,
    logprobs: 3,
    stop: ['', 'a', 'b', 'c', 'd', 'e', 'f'],
    frequencyPenalty: 0.5,
    presencePenalty: 0,
  };
  const [config, lost] = configOf({ sampling, outputTokensMax: 9 }, AN_ALIAS);
  expect(config).toEqual({
    temperature: 0.5,
    topP: 0.9,
    topK: 40,
    candidateCount: 2,
    stopSequences: ['a', 'b', 'c', 'd', 'e'],
    seed: 2 ** 40 % 2_147_483_647,
    frequencyPenalty: 0.5,
    presencePenalty: 0,
    responseLogprobs: true,
    logprobs: 3,
    maxOutputTokens: 9,
  });
  expect(lost).toEqual(['stop']);
  const refusedOnes = { frequencyPenalty: 0.5, presencePenalty: 0, logprobs: 1, choices: 2 };
  expect(configOf({ sampling: refusedOnes })).toEqual([{ presencePenalty: 0 }, ['n', 'frequency_penalty', 'logprobs']]);
});

test('an answer of a schema is asked for by the schema as it is, but not of an older model that has tools', () => {
  const schema = { type: 'object', properties: {} };
  const responseFormat = { type: 'json-schema', name: 'n', schema, strict: true } as const;
  expect(configOf({ responseFormat })).toEqual([
    { responseMimeType: 'application/json', responseJsonSchema: schema },
    [],
  ]);
  expect(configOf({ responseFormat, tools: [F] }, FLASH)).toEqual([undefined, ['response_format']]);
  expect(configOf({ responseFormat: { type: 'json' } }, FLASH)).toEqual([{ responseMimeType: 'application/json' }, []]);
});

test('who wants to hear an answer hears it in a voice of this provider', () => {
  expect(configOf({ outputs: ['text', 'audio'], voice: { voice: 'Kore', format: 'wav' } })).toEqual([
    { responseModalities: ['AUDIO'], speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } } } },
    [],
  ]);
  expect(configOf({ outputs: ['text', 'audio'], voice: { voice: 'alloy' } })).toEqual([
    { responseModalities: ['AUDIO'] },
    ['audio.voice'],
  ]);
});

test('what is nowhere said here is named as lost, in the words of the client', () => {
  const marked: ChatMessage = { role: 'user', parts: [{ type: 'text', text: 'hi', cache: {} }] };
  const more = { messages: [marked], metadata: { a: 'b' }, serviceTier: 'scale', cache: {} };
  expect(written(more).losses.map(({ field }) => field)).toEqual([
    'messages[0].content[0].cache_control',
    'cache_control',
    'service_tier',
    'metadata',
  ]);
  expect(written({ metadata: {} })).toMatchObject({ body: { contents: [HI] }, losses: [] });
  expect(written({ metadata: {} }).body).not.toHaveProperty('labels');
  const known: Loss[] = [{ field: 'metadata', reason: 'the table' }];
  writeCall(
    { model: 'm', stream: false, sampling: {}, messages: [ASKED], metadata: { a: 'b' } },
    { model: LATER, maxTokensField: 'max_tokens', streamUsageOption: false },
    known,
  );
  expect(known).toEqual([{ field: 'metadata', reason: 'the table' }]);
});

test('what only this dialect said goes back into the objects that it stood in', () => {
  const rest = {
    dialect: 'gemini',
    fields: { generationConfig: { mediaResolution: 'M' }, safetySettings: [], toolConfig: { retrievalConfig: {} } },
  } as const;
  const film: ContentPart = {
    type: 'video',
    source: { kind: 'url', url: 'https://youtu.be/x' },
    rest: { dialect: 'gemini', fields: { videoMetadata: { fps: 1 } } },
  };
  const { body } = written({
    rest,
    sampling: { temperature: 1 },
    messages: [user(film)],
    tools: [F],
    toolChoice: { type: 'auto' },
  });
  expect(body).toEqual({
    contents: [{ role: 'user', parts: [{ fileData: { fileUri: 'https://youtu.be/x' }, videoMetadata: { fps: 1 } }] }],
    tools: [{ functionDeclarations: [{ name: 'f' }] }],
    toolConfig: { functionCallingConfig: { mode: 'AUTO' }, retrievalConfig: {} },
    generationConfig: { temperature: 1, mediaResolution: 'M' },
    safetySettings: [],
  });
});

test('a refusal names the place, and lets another target try', () => {
  const other: ContentPart = { type: 'other', name: 'zz', source: { dialect: 'openai-chat', fields: {} } };
  let thrown: unknown;
  try {
    written({ messages: [user(other)] });
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({
    code: 'unsupported_parameter',
    retry: 'other-target',
  } satisfies Partial<GatewayError>);
});
