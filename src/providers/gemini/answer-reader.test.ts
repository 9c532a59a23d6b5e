import { expect, test } from 'vitest';
import type { AskedTools } from '../../protocol/chat/codec.ts';
import { readAnswer } from './answer-reader.ts';

function read(body: unknown, asked?: AskedTools) {
  return readAnswer(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), asked);
}

function answer(parts: readonly unknown[], more: object = {}, candidate: object = {}) {
  return { responseId: 'r1', candidates: [{ content: { role: 'model', parts }, ...candidate }], ...more };
}

function partsOf(parts: readonly unknown[], candidate: object = {}) {
  return read(answer(parts, {}, { finishReason: 'STOP', ...candidate })).choices[0]?.parts;
}

const SIGNATURE = { value: 'c2ln', dialect: 'gemini' };

test('an answer is read with its thoughts, calls, names and counts', () => {
  const usageMetadata = { promptTokenCount: 3, candidatesTokenCount: 2, thoughtsTokenCount: 4, serviceTier: 'flex' };
  const body = answer(
    [
      { text: 'hm', thought: true },
      { text: 'hello' },
      { functionCall: { name: 'f', args: { a: 1 } }, thoughtSignature: 'c2ln' },
      { functionCall: { id: 'own', name: 'g' } },
    ],
    { modelVersion: 'gemini-3', createTime: '2026-11-22T00:00:00.5Z', usageMetadata },
    { finishReason: 'STOP', index: 0, avgLogprobs: -0.5 },
  );
  const call = { type: 'tool-call', kind: 'function' };
  expect(read(body)).toEqual({
    id: 'r1',
    model: 'gemini-3',
    createdAt: Date.UTC(2026, 10, 22) / 1_000,
    serviceTier: 'flex',
    choices: [
      {
        index: 0,
        parts: [
          { type: 'reasoning', text: 'hm', summary: true },
          { type: 'text', text: 'hello' },
          { ...call, id: 'call_gm_r1_0', name: 'f', arguments: '{"a":1}', signature: SIGNATURE },
          { ...call, id: 'own', name: 'g', arguments: '{}' },
        ],
        finish: { reason: 'tool-calls', said: 'STOP' },
        rest: { dialect: 'gemini', fields: { avgLogprobs: -0.5 } },
      },
    ],
    usage: { inputTokens: 3, outputTokens: 6, reasoningTokens: 4, serviceTier: 'flex' },
    rest: { dialect: 'gemini', fields: { usageMetadata } },
  });
});

test('the signature of a text or of a thought may follow it alone', () => {
  const signature = { text: '', thoughtSignature: 'c2ln' };
  expect(partsOf([{ text: 'a' }, signature])).toEqual([{ type: 'text', text: 'a', signature: SIGNATURE }]);
  expect(partsOf([{ text: 'a', thought: true }, signature])).toMatchObject([{ text: 'a', signature: SIGNATURE }]);
  expect(partsOf([signature, { text: 'a' }])).toEqual([
    { type: 'reasoning', signature: SIGNATURE },
    { type: 'text', text: 'a' },
  ]);
});

test('pictures, sounds and files are parts by their types', () => {
  const inline = (mimeType: string) => ({ inlineData: { mimeType, data: 'AA' } });
  const parts = [inline('image/png'), inline('audio/L16;rate=24000'), inline('text/csv')];
  expect(partsOf([...parts, { fileData: { mimeType: 'video/mp4', fileUri: 'gs://b/f' } }])).toEqual([
    { type: 'image', source: { kind: 'bytes', mediaType: 'image/png', base64: 'AA' } },
    { type: 'audio', source: { kind: 'bytes', mediaType: 'audio/L16;rate=24000', base64: 'AA' }, format: 'pcm16' },
    { type: 'file', source: { kind: 'bytes', mediaType: 'text/csv', base64: 'AA' } },
    { type: 'video', source: { kind: 'stored', id: 'gs://b/f', dialect: 'gemini', mediaType: 'video/mp4' } },
  ]);
});

test('code that ran and tools that the provider asked are told with what they answered', () => {
  const code = { executableCode: { language: 'PYTHON', code: '1+1' } };
  const ran = { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '2' } };
  const asked = { toolCall: { id: 't', toolType: 'GOOGLE_SEARCH_WEB', args: { q: 'x' } } };
  const answered = { toolResponse: { id: 't', toolType: 'GOOGLE_SEARCH_WEB', response: {} } };
  const source = (fields: object) => ({ dialect: 'gemini', fields });
  expect(partsOf([code, ran, asked, answered, { zz: 1 }])).toEqual([
    {
      type: 'hosted-call',
      tool: 'code-execution',
      id: 'call_gm_r1_0',
      name: 'code_execution',
      arguments: '{"language":"PYTHON","code":"1+1"}',
      source: source(code),
    },
    { type: 'hosted-result', tool: 'code-execution', callId: 'call_gm_r1_0', source: source(ran) },
    {
      type: 'hosted-call',
      tool: 'web-search',
      id: 't',
      name: 'GOOGLE_SEARCH_WEB',
      arguments: '{"q":"x"}',
      source: source(asked),
    },
    { type: 'hosted-result', tool: 'web-search', callId: 't', source: source(answered) },
    { type: 'other', name: 'zz', source: source({ zz: 1 }) },
  ]);
});

test('what a search found is cited where its sentence stands, in characters', () => {
  const text = 'Ünïcode is old. Rüby is 4.';
  const [, second = ''] = text.split(/(?<=\.) /);
  const start = Buffer.byteLength(text) - Buffer.byteLength(second);
  const groundingMetadata = {
    groundingChunks: [
      { web: { uri: 'https://a.example', title: 'A' } },
      { web: { uri: 'https://b.example', title: 'B' } },
    ],
    groundingSupports: [
      {
        segment: { startIndex: start, endIndex: Buffer.byteLength(text), text: second },
        groundingChunkIndices: [1, 0],
      },
      { segment: { startIndex: 0, endIndex: 3, text: 'not there' }, groundingChunkIndices: [0] },
    ],
  };
  const at = { textStart: text.indexOf(second), textEnd: text.length };
  expect(partsOf([{ text }], { groundingMetadata })).toMatchObject([
    {
      citations: [
        { kind: 'web', url: 'https://b.example', title: 'B', ...at },
        { kind: 'web', url: 'https://a.example', title: 'A', ...at },
        { kind: 'web', url: 'https://a.example', title: 'A' },
      ],
    },
  ]);
});

test('a segment counts from its own part, or from the first text of several', () => {
  const chunk = { web: { uri: 'https://a.example' } };
  const support = (segment: object) => ({
    groundingMetadata: { groundingChunks: [chunk], groundingSupports: [{ segment, groundingChunkIndices: [0] }] },
  });
  const parts = [{ text: 'think', thought: true }, { text: 'one ' }, { text: 'two' }];
  const cited = (segment: object) =>
    partsOf(parts, support(segment))?.map((part) => (part.type === 'text' ? part.citations?.[0]?.textStart : 'no'));
  expect(cited({ partIndex: 2, startIndex: 1, endIndex: 3, text: 'wo' })).toEqual(['no', undefined, 1]);
  expect(cited({ startIndex: 5, endIndex: 7, text: 'wo' })).toEqual(['no', undefined, 1]);
  expect(cited({ startIndex: 90, endIndex: 99, text: 'two' })).toEqual(['no', undefined, 0]);
});

test('pages that no sentence rests on, and what was recited, stand for the whole text', () => {
  const groundingMetadata = { groundingChunks: [{ web: { uri: 'https://a.example' } }] };
  const citationMetadata = { citationSources: [{ startIndex: 0, endIndex: 2, uri: 'https://c.example' }] };
  expect(partsOf([{ text: 'abc' }], { groundingMetadata, citationMetadata })).toMatchObject([
    { citations: [{ url: 'https://a.example' }, { url: 'https://c.example', textStart: 0, textEnd: 2 }] },
  ]);
});

test('probabilities come with what else was likely', () => {
  const token = (name: string, logProbability?: number) => ({ token: name, logProbability });
  const logprobsResult = {
    chosenCandidates: [token('a', -0.5), token('b')],
    topCandidates: [{ candidates: [token('a', -0.5), token('c', -1)] }],
  };
  expect(read(answer([{ text: 'ab' }], {}, { finishReason: 'STOP', logprobsResult })).choices[0]?.logprobs).toEqual([
    {
      token: 'a',
      logprob: -0.5,
      top: [
        { token: 'a', logprob: -0.5 },
        { token: 'c', logprob: -1 },
      ],
    },
    { token: 'b', logprob: 0 },
  ]);
});

test.each([
  ['STOP', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['SAFETY', 'content-filter'],
  ['IMAGE_RECITATION', 'content-filter'],
  ['MALFORMED_FUNCTION_CALL', 'error'],
  ['CONTINUATION', 'pause'],
  ['NEW_ONE', 'other'],
])('an answer ends with %s for %s', (finishReason, reason) => {
  expect(read(answer([{ text: 'x' }], {}, { finishReason })).choices[0]?.finish).toEqual({
    reason,
    said: finishReason,
  });
});

test('a prompt that was blocked is a choice of nothing; a call that went wrong and left nothing is an error', () => {
  const promptFeedback = { blockReason: 'PROHIBITED_CONTENT' };
  expect(read({ promptFeedback }).choices).toEqual([
    {
      index: 0,
      parts: [],
      finish: {
        reason: 'content-filter',
        said: 'PROHIBITED_CONTENT',
        rest: { dialect: 'gemini', fields: { promptFeedback } },
      },
    },
  ]);
  expect(() => read({ candidates: [{ finishReason: 'MALFORMED_FUNCTION_CALL' }] })).toThrow(
    'The provider ended an answer without content with MALFORMED_FUNCTION_CALL.',
  );
  expect(read({ candidates: [{ finishReason: 'SAFETY' }] }).choices[0]).toMatchObject({ parts: [] });
});

test('a tool of plain text gets the text that its function was called with; numbers stay as they were written', () => {
  const call = { functionCall: { name: 'c', args: { input: 'plain' } } };
  expect(read(answer([call]), { customTools: new Set(['c']) }).choices[0]?.parts).toMatchObject([
    { kind: 'custom', arguments: 'plain' },
  ]);
  const long =
    '{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"id":12345678901234567890}}}]}}]}';
  expect(read(long).choices[0]?.parts).toMatchObject([{ arguments: '{"id":12345678901234567890}' }]);
});

test.each([
  ['{', 'it is not JSON'],
  ['[]', 'it is no JSON object'],
  ['{}', 'it has no candidates'],
  [JSON.stringify(answer([{ functionCall: {} }])), 'candidates[0].content.parts[0].functionCall.name must be a text'],
  [JSON.stringify(answer([{ text: 1 }])), 'candidates[0].content.parts[0].text must be a text'],
])('what is no answer is said to be none: %s', (body, problem) => {
  expect(() => read(body)).toThrow(`The provider's answer was not understood: ${problem}.`);
});

test('an error in the place of an answer is thrown as what it is', () => {
  expect(() => read([{ error: { code: 429, message: 'slow down', status: 'RESOURCE_EXHAUSTED' } }])).toThrow(
    expect.objectContaining({ code: 'rate_limited' }),
  );
});
