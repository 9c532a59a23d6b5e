import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../kernel/clock.ts';
import { SIM_MODELS } from '../models.ts';
import { Simulator } from '../simulator.ts';
import { ask, ready } from '../testing.ts';

beforeAll(ready);

const user = (...parts: object[]) => ({ role: 'user', parts });
const model = (...parts: object[]) => ({ role: 'model', parts });
const text = (words: string) => ({ text: words });
const call = (name: string, more: object = {}) => ({ functionCall: { name, args: {}, ...more } });
const response = (name: string, more: object = {}) => ({
  functionResponse: { name, response: { output: 'x' }, ...more },
});
const hello = { contents: [user(text('Hello'))] };
const declared = (...names: string[]) => [{ functionDeclarations: names.map((name) => ({ name })) }];
const COUNT =
  'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.';

function refusal(body: object, to = 'sim-small:generateContent') {
  const simulator = new Simulator({ seed: 7, clock: new VirtualClock() });
  const { status, json } = ask(simulator, { ...hello, ...body }, {}, `/v1beta/models/${to}`);
  expect(simulator.bill()).toEqual([]);
  expect(simulator.counts().active).toBe(0);
  expect(json.error).toMatchObject({ code: 400, status: 'INVALID_ARGUMENT' });
  expect(status).toBe(400);
  return json.error;
}

describe('a wrong request is refused as Google refuses it, and costs nothing', () => {
  test.each<[what: string, body: object, message: string]>([
    ['no contents', { contents: undefined }, '* GenerateContentRequest.contents: contents is not specified\n'],
    [
      'no parts',
      { contents: [user()] },
      '* GenerateContentRequest.contents[0].parts: contents.parts must not be empty.',
    ],
    [
      'another role',
      { contents: [{ role: 'assistant', parts: [text('Hi')] }] },
      'Please use a valid role: user, model.',
    ],
    ['an unknown field', { top_k: 1 }, 'Invalid JSON payload received. Unknown name "top_k": Cannot find field.'],
    [
      'an unknown field inside',
      { contents: [user({ ...text('Hi'), type: 'text' })] },
      'Invalid JSON payload received. Unknown name "type" at \'contents[0].parts[0]\': Cannot find field.',
    ],
    [
      'a part without data',
      { contents: [user({ thought: true })] },
      "* GenerateContentRequest.contents[0].parts[0].data: required oneof field 'data' must have one initialized field",
    ],
    [
      'a part with two data',
      { contents: [user({ ...text('Hi'), ...call('x') })] },
      "Invalid value at 'contents[0].parts[0]' (oneof), oneof field 'data' is already set.",
    ],
    [
      'a text that is none',
      { contents: [user({ text: 5 })] },
      "Invalid value at 'contents[0].parts[0].text' (TYPE_STRING), 5",
    ],
    [
      'bytes that are not base64',
      { contents: [user({ inlineData: { mimeType: 'image/png', data: '*' } })] },
      "Invalid value at 'contents[0].parts[0].inline_data.data' (TYPE_BYTES), Base64 decoding failed",
    ],
    [
      'a picture that is none',
      { contents: [user({ inlineData: { mimeType: 'image/png', data: 'AAAA' } })] },
      'Unable to process input image.',
    ],
    [
      'a file nobody reads',
      { contents: [user({ inlineData: { mimeType: 'application/zip', data: 'AAAA' } })] },
      'Unsupported MIME type: application/zip',
    ],
    [
      'pictures in the system instruction',
      { systemInstruction: { parts: [{ fileData: { fileUri: 'gs://a/b.png', mimeType: 'image/png' } }] } },
      'only text is supported in system instructions',
    ],
  ])('%s', (_what, body, message) => {
    expect(refusal(body).message).toContain(message);
  });

  test.each<[what: string, config: object, message: string]>([
    [
      'a temperature above 2',
      { temperature: 2.5 },
      'generation_config.temperature: temperature must be in the range [0, 2].',
    ],
    ['a temperature in words', { temperature: 'hot' }, "Invalid value at 'generation_config.temperature' (TYPE_FLOAT)"],
    ['no tokens', { maxOutputTokens: 0 }, 'max_output_tokens must be positive.'],
    ['too many tokens', { maxOutputTokens: 20_000 }, 'it has a maxOutputTokens value of 20000'],
    ['nine candidates', { candidateCount: 9 }, 'candidate_count must be in the range [1, 8].'],
    ['six stop sequences', { stopSequences: [...'abcdef'] }, 'stop_sequences: at most 5'],
    ['a budget of -2', { thinkingConfig: { thinkingBudget: -2 } }, 'The thinking budget -2 is invalid.'],
    [
      'a level of its own',
      { thinkingConfig: { thinkingLevel: 'deep' } },
      'Invalid value at \'generation_config.thinking_config.thinking_level\' (type.googleapis.com/google.ai.generativelanguage.v1beta.ThinkingConfig.ThinkingLevel), "deep"',
    ],
    ['sound', { responseModalities: ['AUDIO'] }, 'Model does not support the requested response modalities: audio'],
    ['a schema for plain text', { responseJsonSchema: {} }, 'a response schema needs a response_mime_type'],
    [
      'a schema with fields of JSON Schema',
      { responseMimeType: 'application/json', responseSchema: { type: 'OBJECT', additionalProperties: false } },
      'Unknown name "additionalProperties" at \'generation_config.response_schema\': Cannot find field.',
    ],
    ['an unknown field', { max_tokens: 5 }, 'Unknown name "max_tokens" at \'generation_config\': Cannot find field.'],
  ])('%s in the configuration', (_what, generationConfig, message) => {
    expect(refusal({ generationConfig }).message).toContain(message);
  });

  test('how much to think, for a model that does not', () => {
    const [small] = SIM_MODELS.filter((known) => known.kind === 'chat');
    if (small === undefined) throw new Error('there is no chat model');
    const models = [{ ...small, id: 'old', thinks: false as const }];
    const simulator = new Simulator({ seed: 7, clock: new VirtualClock(), models });
    const said = (thinkingConfig: object) =>
      ask(simulator, { ...hello, generationConfig: { thinkingConfig } }, {}, '/v1beta/models/old:generateContent').json;
    expect(said({ thinkingLevel: 'low' }).error.message).toBe('Thinking level is not supported for this model.');
    expect(said({ thinkingBudget: 512 }).error.message).toBe('Thinking budget is not supported for this model.');
    expect(said({ thinkingBudget: 0 }).usageMetadata).not.toHaveProperty('thoughtsTokenCount');
    expect(said({ includeThoughts: true }).usageMetadata).not.toHaveProperty('thoughtsTokenCount');
  });

  test('both ways to say how much to think', () => {
    const generationConfig = { thinkingConfig: { thinkingLevel: 'LOW', thinkingBudget: 512 } };
    expect(refusal({ generationConfig }, 'sim-reasoner:generateContent').message).toContain('only set one of');
  });

  test.each<[what: string, body: object, message: string]>([
    ['a call that nobody answers', { contents: [user(text('Hi')), model(call('a'))] }, COUNT],
    [
      'one answer to two calls',
      { contents: [user(text('Hi')), model(call('a'), call('b')), user(response('a'))] },
      COUNT,
    ],
    [
      'an answer to no call',
      { contents: [user(text('Hi')), model(text('Ho')), user(response('a'))] },
      'Please ensure that function response turn comes immediately after a function call turn.',
    ],
    [
      'a call at the beginning',
      { contents: [model(call('a')), user(response('a'))] },
      'Please ensure that function call turn comes immediately after a user turn or after a function response turn.',
    ],
    [
      'an answer of another name',
      { contents: [user(text('Hi')), model(call('a')), user(response('b'))] },
      'The function response "b" answers none of the function calls before it.',
    ],
    [
      'an answer of another id',
      { contents: [user(text('Hi')), model(call('a', { id: '1' })), user(response('a', { id: '2' }))] },
      'The function response "a" with id "2" answers none',
    ],
    [
      'an answer without a name',
      { contents: [user(text('Hi')), model(call('a')), user(response(''))] },
      'contents[2].parts[0].function_response.name: Name cannot be empty.',
    ],
    [
      'a signature of somebody else',
      { contents: [user(text('Hi')), model({ ...text('Ho'), thoughtSignature: 'AAAA' })] },
      'Corrupted thought signature.',
    ],
    ['a name that is none', { tools: declared('get weather') }, 'Invalid function name.'],
    ['two tools of one name', { tools: declared('a', 'a') }, 'Duplicate function declaration found: a'],
    [
      'a call wanted without tools',
      { toolConfig: { functionCallingConfig: { mode: 'ANY' } } },
      'Function calling config is set without function_declarations.',
    ],
    [
      'a tool allowed that is not there',
      { tools: declared('a'), toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['b'] } } },
      'no function declaration is named b',
    ],
    [
      'names without ANY',
      { tools: declared('a'), toolConfig: { functionCallingConfig: { mode: 'AUTO', allowedFunctionNames: ['a'] } } },
      'allowed_function_names should only be set when the function calling mode is ANY.',
    ],
  ])('%s', (_what, body, message) => {
    expect(refusal(body).message).toContain(message);
  });

  test('what is beyond the window, and what the reader of JSON says with its place', () => {
    const long = [user(text('wind '.repeat(130_000)))];
    expect(refusal({ contents: long }).message).toMatch(/^The input token count \(1\d{5}\) exceeds the maximum/);
    expect(refusal({ labelz: {} }).details).toEqual([
      { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [{ description: expect.any(String) }] },
    ]);
  });
});

test.each([
  ['POST', '/v1beta/models/nope:generateContent', 404, 'models/nope is not found for API version v1beta'],
  ['POST', '/v1beta/models/sim-embed:generateContent', 404, 'is not supported for generateContent'],
  ['POST', '/v1beta/models/sim-small:embedContent', 404, 'is not supported for embedContent'],
  ['GET', '/v1beta/models/nope', 404, 'models/nope is not found'],
  ['GET', '/v1beta/models/sim%ZZ', 404, 'models/sim%ZZ is not found'],
  ['GET', '/v1beta/elsewhere', 404, 'Nothing is found at GET /v1beta/elsewhere.'],
])('%s %s is a %i in the wire format', (method, path, status, message) => {
  const simulator = new Simulator({ seed: 7, clock: new VirtualClock() });
  const asked = ask(simulator, method === 'GET' ? undefined : hello, {}, path);
  expect(asked.status).toBe(status);
  expect(asked.json.error).toMatchObject({ code: status, status: 'NOT_FOUND' });
  expect(asked.json.error.message).toContain(message);
});

test('a tuned model of OpenAI stays with OpenAI, and the list is told in the dialect of its key', () => {
  const simulator = new Simulator({ seed: 7, clock: new VirtualClock() });
  const asked = (path: string, headers: Record<string, string> = {}) => ask(simulator, undefined, headers, path).json;
  expect(asked('/v1/models/ft:sim-small:harbor::1').error.code).toBe('model_not_found');
  expect(asked('/v1/models').object).toBe('list');
  expect(asked('/v1/models', { 'x-goog-api-key': 'any' }).models[0].name).toBe('models/sim-small');
  expect(asked('/v1beta/models?pageSize=1').nextPageToken).toBe('sim-large');
});

test('a key is taken from its header, the query or a bearer, and missed where there is none', () => {
  const simulator = new Simulator({ seed: 7, clock: new VirtualClock(), requireKey: ['good'] });
  const path = '/v1/models/sim-small:countTokens';
  const asked = (headers: Record<string, string>, query = '') => ask(simulator, hello, headers, path + query).status;
  expect([
    asked({ 'x-goog-api-key': 'good' }),
    asked({}, '?key=good'),
    asked({ authorization: 'Bearer good' }),
    asked({ 'x-goog-api-key': 'bad' }),
    asked({}),
  ]).toEqual([200, 200, 200, 400, 403]);
});

const FIELDS = [
  'contents',
  'tools',
  'toolConfig',
  'generationConfig',
  'systemInstruction',
  'safetySettings',
  'requests',
  'content',
];

test('whatever JSON is sent, the answer is a body or a refusal in the wire format, and the books close', () => {
  const simulator = new Simulator({ seed: 1, clock: new VirtualClock() });
  const part = fc.oneof(
    { weight: 4, arbitrary: fc.record({ text: fc.string() }) },
    fc.constantFrom<object>(text('a'), call('f'), response('f'), {
      inlineData: { mimeType: 'text/plain', data: 'YQ==' },
    }),
    fc.dictionary(fc.constantFrom('text', 'inlineData', 'functionCall', 'thought', 'fileData'), fc.jsonValue()),
  );
  const contents = fc.array(fc.record({ role: fc.constantFrom('user', 'model'), parts: fc.array(part) }), {
    maxLength: 4,
  });
  const value = fc.oneof(fc.jsonValue(), contents, fc.constant(declared('f')), fc.record({ parts: fc.array(part) }));
  const anything = fc.record(
    {
      contents: fc.oneof(contents, fc.jsonValue()),
      ...Object.fromEntries(FIELDS.slice(1).map((name) => [name, value])),
    },
    { requiredKeys: [] },
  );
  const content = fc.record({ parts: fc.array(part, { maxLength: 3 }) });
  const likely = fc.oneof(fc.record({ contents }), fc.record({ contents: fc.tuple(content) }), fc.record({ content }));
  const body = fc.oneof(anything, likely);
  const to = fc.constantFrom(
    'sim-small:generateContent',
    'sim-reasoner:streamGenerateContent?alt=sse',
    'sim-small:countTokens',
    'sim-embed:embedContent',
    'sim-embed:batchEmbedContents',
  );
  let answered = 0;
  fc.assert(
    fc.property(body, to, (sent, path) => {
      const { status, json } = ask(simulator, { ...sent }, {}, `/v1beta/models/${path}`);
      if (status === 200) answered++;
      else expect(json.error).toMatchObject({ code: status, message: expect.any(String), status: expect.any(String) });
    }),
    { numRuns: 1_500, seed: 1 },
  );
  expect(answered).toBeGreaterThan(100);
  const { calls, active, complete, error } = simulator.counts();
  expect(active).toBe(0);
  expect(complete + error).toBe(calls);
});
