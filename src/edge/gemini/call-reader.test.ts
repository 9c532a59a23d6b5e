import { describe, expect, test } from 'vitest';
import { writeSeal } from '../../protocol/chat/seals.ts';
import { geminiClient } from './codec.ts';

const HI = { role: 'user', parts: [{ text: 'Hi' }] };
const read = (fields: object) => geminiClient.readCall({ contents: [HI], ...fields });
const messagesOf = (...contents: object[]) => geminiClient.readCall({ contents }).messages;
const model = (...parts: object[]) => ({ role: 'model', parts });
const user = (...parts: object[]) => ({ role: 'user', parts });
const sealed = (...args: Parameters<typeof writeSeal>) => Buffer.from(writeSeal(...args)).toString('base64');

describe('what a request says in its own words', () => {
  test('its instruction comes first, and its settings by the call’s names', () => {
    const call = read({
      systemInstruction: { parts: [{ text: 'Be' }] },
      generationConfig: {
        temperature: 2,
        topP: 0.5,
        topK: 40,
        candidateCount: 2,
        maxOutputTokens: 100,
        stopSequences: ['.'],
        seed: 7,
        presencePenalty: 1,
        frequencyPenalty: -1,
        responseLogprobs: true,
        logprobs: 3,
        responseModalities: ['TEXT', 'AUDIO'],
        speechConfig: { languageCode: 'de' },
        mediaResolution: 'MEDIA_RESOLUTION_LOW',
      },
      labels: { team: 'a' },
      safetySettings: [{ category: 'X' }],
    });
    expect(call).toEqual({
      model: '',
      stream: false,
      messages: [
        { role: 'system', parts: [{ type: 'text', text: 'Be' }] },
        { role: 'user', parts: [{ type: 'text', text: 'Hi' }] },
      ],
      sampling: {
        temperature: 2,
        topP: 0.5,
        topK: 40,
        choices: 2,
        stop: ['.'],
        seed: 7,
        presencePenalty: 1,
        frequencyPenalty: -1,
        logprobs: 3,
      },
      outputTokensMax: 100,
      outputs: ['text', 'audio'],
      voice: { languageCode: 'de' },
      metadata: { team: 'a' },
      rest: {
        dialect: 'gemini',
        fields: {
          safetySettings: [{ category: 'X' }],
          generationConfig: { mediaResolution: 'MEDIA_RESOLUTION_LOW' },
        },
      },
    });
  });

  test.each([
    [{ thinkingBudget: 0 }, { mode: 'disabled', show: 'none' }],
    [
      { thinkingBudget: -1, includeThoughts: true },
      { mode: 'adaptive', show: 'summary' },
    ],
    [{ thinkingBudget: 512 }, { mode: 'enabled', budgetTokens: 512, show: 'none' }],
    [
      { thinkingLevel: 'HIGH', includeThoughts: true },
      { effort: 'high', show: 'summary' },
    ],
    [
      { include_thoughts: true, thinking_level: 'low' },
      { effort: 'low', show: 'summary' },
    ],
  ])('how much to think: %j', (thinkingConfig, wish) => {
    const { reasoning } = read({ generation_config: { thinkingConfig } });
    expect(reasoning).toEqual({ ...wish, rest: { dialect: 'gemini', fields: {} } });
  });

  test.each([
    [{ responseMimeType: 'text/plain' }, { type: 'text' }],
    [{ responseMimeType: 'application/json' }, { type: 'json' }],
    [
      { responseMimeType: 'application/json', responseJsonSchema: { type: 'object' } },
      { type: 'json-schema', schema: { type: 'object' } },
    ],
    [
      { responseMimeType: 'application/json', responseSchema: { type: 'OBJECT' } },
      { type: 'json-schema', schema: { type: 'object' } },
    ],
  ])('the form of the answer: %j', (generationConfig, format) => {
    expect(read({ generationConfig }).responseFormat).toEqual(format);
    expect(read({ generationConfig }).rest).toBeUndefined();
  });

  test('a form that has no word elsewhere stays as it was', () => {
    const generationConfig = { responseMimeType: 'text/x.enum', responseSchema: { enum: ['a'] } };
    const { responseFormat, rest } = read({ generationConfig });
    expect(responseFormat).toBeUndefined();
    expect(rest?.fields).toEqual({ generationConfig });
  });

  test.each([
    [{ mode: 'AUTO' }, { type: 'auto' }],
    [{ mode: 'NONE' }, { type: 'none' }],
    [{ mode: 'any' }, { type: 'required' }],
    [
      { mode: 'ANY', allowedFunctionNames: ['f'] },
      { type: 'tool', name: 'f' },
    ],
    [
      { mode: 'ANY', allowed_function_names: ['f', 'g'] },
      { type: 'allowed', names: ['f', 'g'], required: true },
    ],
    [
      { mode: 'VALIDATED', allowedFunctionNames: ['f'] },
      { type: 'allowed', names: ['f'], required: false },
    ],
  ])('which functions to call: %j', (functionCallingConfig, choice) => {
    expect(read({ toolConfig: { functionCallingConfig } }).toolChoice).toEqual(choice);
  });

  test('functions, whose schemas are JSON Schema from here on, and Google’s own tools', () => {
    const { tools } = read({
      tools: [
        {
          functionDeclarations: [
            {
              name: 'f',
              description: 'does',
              parameters: {
                type: 'OBJECT',
                properties: { type: { type: 'STRING', nullable: true, format: 'enum', enum: ['a'] } },
                propertyOrdering: ['type'],
                required: ['type'],
              },
            },
            { name: 'g', parametersJsonSchema: { type: 'object', propertyOrdering: 1 }, behavior: 'BLOCKING' },
          ],
          codeExecution: {},
        },
        { googleSearch: { excludeDomains: ['x.org'] } },
        { googleMaps: {} },
      ],
    });
    expect(tools).toEqual([
      {
        type: 'function',
        name: 'f',
        description: 'does',
        parameters: {
          type: 'object',
          properties: { type: { type: ['string', 'null'], enum: ['a', null] } },
          required: ['type'],
        },
      },
      {
        type: 'function',
        name: 'g',
        parameters: { type: 'object', propertyOrdering: 1 },
        rest: { dialect: 'gemini', fields: { behavior: 'BLOCKING' } },
      },
      { type: 'hosted', tool: 'code-execution', source: { dialect: 'gemini', fields: { codeExecution: {} } } },
      {
        type: 'hosted',
        tool: 'web-search',
        blockedDomains: ['x.org'],
        source: { dialect: 'gemini', fields: { googleSearch: { excludeDomains: ['x.org'] } } },
      },
      { type: 'hosted', tool: 'other', source: { dialect: 'gemini', fields: { googleMaps: {} } } },
    ]);
  });
});

describe('calls and responses find each other', () => {
  const calls = (messages: ReturnType<typeof messagesOf>) =>
    messages.flatMap(({ parts }) =>
      parts.flatMap((part) =>
        part.type === 'tool-call'
          ? `${part.name}>${part.id}`
          : part.type === 'tool-result'
            ? `${part.name}<${part.callId}`
            : [],
      ),
    );
  const call = (name: string, id?: string) => ({
    functionCall: { name, args: {}, ...(id === undefined ? {} : { id }) },
  });
  const response = (name?: string, id?: string) => ({
    functionResponse: { ...(name === undefined ? {} : { name }), response: {}, ...(id === undefined ? {} : { id }) },
  });

  test.each([
    [
      'by their ids, in any order',
      [call('f', 'a'), call('f', 'b')],
      [response('f', 'b'), response('f', 'a')],
      ['f>a', 'f>b', 'f<b', 'f<a'],
    ],
    [
      'by their names and order, where they have none',
      [call('f'), call('g'), call('f')],
      [response('g'), response('f'), response('f')],
      ['f>call_gm_0', 'g>call_gm_1', 'f>call_gm_2', 'g<call_gm_1', 'f<call_gm_0', 'f<call_gm_2'],
    ],
    [
      'where only the calls have ids',
      [call('f', 'a'), call('g', 'b')],
      [response('g'), response('f')],
      ['f>a', 'g>b', 'g<b', 'f<a'],
    ],
    [
      'where only the responses have ids',
      [call('f'), call('g')],
      [response('g', 'y'), response('f', 'x')],
      ['f>call_gm_0', 'g>call_gm_1', 'g<call_gm_1', 'f<call_gm_0'],
    ],
    ['where a response has an id alone', [call('f', 'a')], [response(undefined, 'a')], ['f>a', 'f<a']],
  ] as [string, object[], object[], string[]][])('%s', (_how, asked, answered, found) => {
    expect(calls(messagesOf(HI, model(...asked), user(...answered)))).toEqual(found);
    expect(calls(messagesOf(HI, model(...asked), { role: 'function', parts: answered }))).toEqual(found);
  });

  test('each round has ids of its own', () => {
    const twice = [model(call('f')), user(response('f')), model(call('f')), user(response('f'))];
    expect(calls(messagesOf(HI, ...twice))).toEqual(['f>call_gm_0', 'f<call_gm_0', 'f>call_gm_1', 'f<call_gm_1']);
  });

  test('what a function said is its text, its error or its JSON', () => {
    const said = (reply: object) => {
      const part = messagesOf(user({ functionResponse: { name: 'f', id: 'a', response: reply } }))[0]?.parts[0];
      return part?.type === 'tool-result' ? [part.isError ?? false, part.parts] : [];
    };
    expect(said({ output: 'it is' })).toEqual([false, [{ type: 'text', text: 'it is' }]]);
    expect(said({ error: 'no' })).toEqual([true, [{ type: 'text', text: 'no' }]]);
    expect(said({ output: 'x', more: 1 })).toEqual([false, [{ type: 'text', text: '{"output":"x","more":1}' }]]);
    expect(said({ error: { code: 1 } })).toEqual([false, [{ type: 'text', text: '{"error":{"code":1}}' }]]);
  });
});

describe('what came as a stream is put together again', () => {
  const signature = Buffer.from('sig').toString('base64');

  test('texts and thoughts in pieces, with the signature last, over several turns of the SDK’s', () => {
    expect(
      messagesOf(
        HI,
        model({ text: 'a', thought: true }),
        model({ text: 'b', thought: true }),
        model({ text: '', thought: true, thoughtSignature: signature }),
        model({ text: 'Hel' }, { text: 'lo' }),
        model({ text: '' }),
      )[1],
    ).toEqual({
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'ab', summary: true, signature: { value: signature, dialect: 'gemini' } },
        { type: 'text', text: 'Hello' },
      ],
    });
  });

  test('a seal of another maker’s comes back as what it was', () => {
    const other = { value: 'sig', dialect: 'anthropic-messages' } as const;
    expect(
      messagesOf(
        model({ text: 'a', thought: true }, { text: 'b', thought: true }),
        model({ text: '', thought: true, thoughtSignature: sealed('gemini', other, 'signature') }),
        model({ text: '', thought: true, thoughtSignature: sealed('gemini', other, 'redacted') }),
        model({ functionCall: { name: 'f', id: 'x' }, thoughtSignature: sealed('gemini', other, 'signature') }),
      )[0]?.parts,
    ).toEqual([
      { type: 'reasoning', text: 'ab', signature: other },
      { type: 'redacted-reasoning', data: other },
      { type: 'tool-call', kind: 'function', id: 'x', name: 'f', arguments: '{}', signature: other },
    ]);
    const item = { id: 'rs_1', summary: true, rest: { dialect: 'openai-responses', fields: { a: 1 } } } as const;
    const encrypted = { value: 'enc', dialect: 'openai-responses' } as const;
    expect(
      messagesOf(
        model(
          { text: 'a', thought: true },
          { text: '', thought: true, thoughtSignature: sealed('gemini', encrypted, 'encrypted', item) },
        ),
      )[0]?.parts,
    ).toEqual([{ type: 'reasoning', text: 'a', ...item, encrypted }]);
  });

  test('what the user says stays apart', () => {
    expect(messagesOf(user({ text: 'a' }, { text: 'b' }), user({ text: 'c' }))).toMatchObject([
      { parts: [{ text: 'a' }, { text: 'b' }] },
      { parts: [{ text: 'c' }] },
    ]);
  });
});

test.each([
  [{ contents: [{ role: 'assistant', parts: [] }] }, 'contents[0].role'],
  [{ contents: [1] }, 'contents[0]'],
  [{ contents: [{ parts: [1] }] }, 'contents[0].parts[0]'],
  [{ contents: [user({ inlineData: { mimeType: 'image/png' } })] }, 'contents[0].parts[0].inlineData.data'],
  [{ contents: [user({ functionResponse: { response: 'x' } })] }, 'contents[0].parts[0].functionResponse.response'],
  [{ generationConfig: { temperature: 3 } }, 'generationConfig.temperature'],
  [{ generationConfig: { candidateCount: 0 } }, 'generationConfig.candidateCount'],
  [{ generationConfig: { stopSequences: [1] } }, 'generationConfig.stopSequences[0]'],
  [{ generationConfig: { responseModalities: ['SMELL'] } }, 'generationConfig.responseModalities[0]'],
  [{ tools: [{ functionDeclarations: [{}] }] }, 'tools[0].functionDeclarations[0].name'],
  [{ toolConfig: { functionCallingConfig: { mode: 'MAYBE' } } }, 'toolConfig.functionCallingConfig.mode'],
])('what Google would refuse is refused with its place: %j', (fields, param) => {
  expect(() => read(fields)).toThrow(expect.objectContaining({ code: 'invalid_request', param }));
});
