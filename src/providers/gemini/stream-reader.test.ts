import fc from 'fast-check';
import { expect, test } from 'vitest';
import { collectedAnswer } from '../../../test/support/chat/collected-answer.ts';
import { geminiAnswer, geminiStreamOf } from '../../../test/support/gemini-arbitrary.ts';
import type { StreamEvent } from '../../protocol/chat/answer.ts';
import type { AskedTools } from '../../protocol/chat/codec.ts';
import type { ContentPart } from '../../protocol/chat/content.ts';
import { readAnswer } from './answer-reader.ts';
import { functionName } from './function-names.ts';
import { GeminiStreamReader } from './stream-reader.ts';

function read(chunks: readonly Buffer[], asked: AskedTools = {}, eventBytesMax = 100_000): StreamEvent[] {
  const reader = new GeminiStreamReader({ eventBytesMax, ...asked });
  const events = [...chunks.flatMap((chunk) => reader.push(chunk)), ...reader.finish()];
  expect(reader.heldBytes).toBe(0);
  return events;
}

function sse(...responses: readonly object[]): Buffer {
  return Buffer.from(responses.map((each) => `data: ${JSON.stringify(each)}\r\n\r\n`).join(''));
}

/** An event with parts of the first candidate. */
function said(parts: readonly unknown[], candidate: object = {}, more: object = {}) {
  return {
    responseId: 'r1',
    modelVersion: 'gemini-3',
    candidates: [{ content: { role: 'model', parts }, ...candidate }],
    ...more,
  };
}

const STOP = { finishReason: 'STOP' };
const SIGNATURE = { value: 'c2ln', dialect: 'gemini' };

function partsOf(...responses: readonly object[]) {
  return collectedAnswer(read([sse(...responses)])).choices[0]?.parts;
}

const WHOLE = sse(
  { usageMetadata: { promptTokenCount: 9 } },
  said([{ text: 'thinking ', thought: true }], {}, { usageMetadata: { promptTokenCount: 9, thoughtsTokenCount: 2 } }),
  said([{ text: 'hard', thought: true }, { text: 'Grüß ' }]),
  said([{ text: 'Gött' }]),
  said([{ functionCall: { name: 'f', args: { a: 'ä' } }, thoughtSignature: 'c2ln' }, { functionCall: { name: 'g' } }]),
  said([{ text: '' }], STOP, {
    usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 5, thoughtsTokenCount: 2 },
  }),
);

test('a stream is the answer that it tells, with thoughts, texts, calls and the last counts', () => {
  const call = { type: 'tool-call', kind: 'function' };
  expect(collectedAnswer(read([WHOLE]))).toEqual({
    id: 'r1',
    model: 'gemini-3',
    choices: [
      {
        index: 0,
        parts: [
          { type: 'reasoning', summary: true, text: 'thinking hard' },
          { type: 'text', text: 'Grüß Gött' },
          { ...call, id: 'call_gm_r1_0', name: 'f', arguments: '{"a":"ä"}', signature: SIGNATURE },
          { ...call, id: 'call_gm_r1_1', name: 'g', arguments: '{}' },
        ],
        finish: { reason: 'tool-calls', said: 'STOP' },
      },
    ],
    usage: { inputTokens: 9, outputTokens: 7, reasoningTokens: 2 },
  });
});

test('a stream tells the same wherever its bytes are cut', () => {
  const whole = read([WHOLE]);
  for (let at = 1; at < WHOLE.length; at++) expect(read([WHOLE.subarray(0, at), WHOLE.subarray(at)])).toEqual(whole);
  expect(read([...WHOLE].map((byte) => Buffer.from([byte])))).toEqual(whole);
});

test('a stream in one event reads as the whole answer does', () => {
  const response = said(
    [
      { text: 'hm', thought: true },
      { text: 'a' },
      { text: '', thoughtSignature: 'c2ln' },
      { functionCall: { name: 'f' } },
    ],
    STOP,
    { usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 2 } },
  );
  const { rest: _, ...whole } = readAnswer(Buffer.from(JSON.stringify(response)));
  expect(collectedAnswer(read([sse(response)]))).toEqual(whole);
});

test('whatever answer is streamed, it adds up to what is read of it whole', () => {
  const chunks = (bytes: Buffer, size: number) =>
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
  fc.assert(
    fc.property(geminiAnswer, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 99 }), (given, piece, size) => {
      const answer = JSON.parse(JSON.stringify(given)) as Record<string, unknown>;
      const { choices, usage } = readAnswer(Buffer.from(JSON.stringify(answer)));
      const streamed = collectedAnswer(read(chunks(geminiStreamOf(answer, piece), size)));
      expect(streamed.usage).toEqual(usage);
      expect(streamed.choices).toEqual(choices.map((choice) => ({ ...choice, parts: citedAtTheEnd(choice.parts) })));
    }),
    { numRuns: 300 },
  );
});

/** What a text rests on comes last in a stream, when a text that others followed is over. */
function citedAtTheEnd(parts: readonly ContentPart[]): ContentPart[] {
  return parts.map((part, at) => {
    if (part.type !== 'text' || at === parts.length - 1) return part;
    const { citations: _, ...text } = part;
    return text;
  });
}

test('a stream that stops before its reason, or inside its last event, is not complete', () => {
  const first = sse(said([{ text: 'a' }]));
  const last = sse(said([{ text: 'b' }], STOP));
  const whole = Buffer.concat([first, last]);
  const ended = (bytes: Buffer) => read([bytes]).some(({ type }) => type === 'answer-end');
  // The blank line after the last event adds nothing to it.
  const blank = '\r\n\r\n'.length;
  for (let at = 0; at <= whole.length; at++) {
    expect(ended(whole.subarray(0, at)), `cut at ${at}`).toBe(at >= whole.length - blank);
  }
});

test('one candidate of two that says nothing of its end leaves the stream open', () => {
  const both = { candidates: [{ index: 0, content: { parts: [{ text: 'a' }] }, ...STOP }, { index: 1 }] };
  expect(read([sse(both)]).some(({ type }) => type === 'answer-end')).toBe(false);
  const ended = collectedAnswer(read([sse(both, { candidates: [{ index: 1, ...STOP }] })]));
  expect(ended.choices.map(({ index, parts }) => [index, parts.length])).toEqual([
    [0, 1],
    [1, 0],
  ]);
});

test('a signature stands on the text or thought that it follows, and another text begins behind it', () => {
  const signature = { text: '', thoughtSignature: 'c2ln' };
  expect(partsOf(said([{ text: 'a' }]), said([signature], STOP))).toEqual([
    { type: 'text', text: 'a', signature: SIGNATURE },
  ]);
  expect(partsOf(said([{ text: 'a', thoughtSignature: 'c2ln' }, { text: 'b' }], STOP))).toEqual([
    { type: 'text', text: 'a', signature: SIGNATURE },
    { type: 'text', text: 'b' },
  ]);
  expect(partsOf(said([{ functionCall: { name: 'f' } }, signature], STOP))).toMatchObject([
    { name: 'f' },
    { type: 'reasoning', signature: SIGNATURE },
  ]);
});

test('parts in which there is nothing are none', () => {
  const nothing = [{ text: '' }, { thought: true }, {}];
  expect(partsOf(said([...nothing, { text: 'a' }, ...nothing, { text: 'b' }], STOP))).toEqual([
    { type: 'text', text: 'ab' },
  ]);
  const whole = readAnswer(Buffer.from(JSON.stringify(said([...nothing, { text: 'a' }, ...nothing], STOP))));
  expect(whole.choices[0]?.parts).toEqual([{ type: 'text', text: 'a' }]);
});

test('arguments that come value by value are told when the call is whole', () => {
  const piece = (functionCall: object) => said([{ functionCall }]);
  const value = (jsonPath: string, more: object) => ({ partialArgs: [{ jsonPath, ...more }], willContinue: true });
  const parts = partsOf(
    said([{ functionCall: { name: 'f', willContinue: true }, thoughtSignature: 'c2ln' }]),
    piece(value('$.place', { stringValue: 'New ', willContinue: true })),
    piece(value('$.place', { stringValue: 'York', willContinue: true })),
    piece(value('$.place', { stringValue: '' })),
    piece(value('$.list[1].n', { numberValue: 2.5 })),
    piece(value("$['odd name']", { boolValue: true })),
    piece(value('$.__proto__', { stringValue: 'x' })),
    piece(value('$.none', { nullValue: 'NULL_VALUE' })),
    piece({}),
    piece({}),
    said([{ functionCall: { name: 'g', args: {} } }], STOP),
  );
  expect(parts).toEqual([
    {
      type: 'tool-call',
      kind: 'function',
      id: 'call_gm_r1_0',
      name: 'f',
      arguments: '{"place":"New York","list":[null,{"n":2.5}],"odd name":true,"__proto__":"x","none":null}',
      signature: SIGNATURE,
    },
    { type: 'tool-call', kind: 'function', id: 'call_gm_r1_1', name: 'g', arguments: '{}' },
  ]);
  expect(() => partsOf(piece({ willContinue: true }))).toThrow('functionCall.name must be a text');
  expect(() => partsOf(said([{ functionCall: { name: 'f', ...value('$.a[999999]', {}) } }]))).toThrow('element 999999');
  expect(() => partsOf(said([{ functionCall: { name: 'f', ...value('a..b', {}) } }]))).toThrow('the path of a value');
});

test('a tool of plain text gets its text', () => {
  const events = read([sse(said([{ functionCall: { name: 'c', args: { input: 'plain' } } }], STOP))], {
    customTools: new Set(['c']),
  });
  expect(collectedAnswer(events).choices[0]?.parts).toMatchObject([{ kind: 'custom', arguments: 'plain' }]);
});

test('a function that was sent by another name comes back by its own', () => {
  const name = '2 fast';
  const sent = functionName(name);
  const response = said([{ functionCall: { name: sent, args: {} } }], STOP);
  const asked = { longNames: new Set([name]), customTools: new Set([name]) };
  const told = { kind: 'custom', name, arguments: '{}' };
  expect(sent).toMatch(/^[a-z_][\w.:-]+$/);
  expect(collectedAnswer(read([sse(response)], asked)).choices[0]?.parts).toMatchObject([told]);
  expect(readAnswer(Buffer.from(JSON.stringify(response)), asked).choices[0]?.parts).toMatchObject([told]);
});

test('code, pictures and what is not known come as parts of their own', () => {
  const code = { executableCode: { language: 'PYTHON', code: '1' } };
  const picture = { inlineData: { mimeType: 'image/png', data: 'AA' } };
  const response = said([{ text: 'a' }, code, { codeExecutionResult: { output: '1' } }, picture, { zz: 1 }], STOP);
  const { rest: _, ...whole } = readAnswer(Buffer.from(JSON.stringify(response)));
  expect(collectedAnswer(read([sse(response)]))).toEqual(whole);
});

test('what the text rests on is told before it ends, in its own characters', () => {
  const groundingMetadata = {
    groundingChunks: [{ web: { uri: 'https://a.example', title: 'A' } }],
    groundingSupports: [{ segment: { startIndex: 7, endIndex: 10, text: 'zwö' }, groundingChunkIndices: [0] }],
  };
  expect(partsOf(said([{ text: 'öne ' }]), said([{ text: '- zwö' }], { ...STOP, groundingMetadata }))).toMatchObject([
    { text: 'öne - zwö', citations: [{ url: 'https://a.example', textStart: 6, textEnd: 9 }] },
  ]);
});

test('a prompt that was blocked is a stream that is complete', () => {
  const blocked = { promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: { promptTokenCount: 4 } };
  expect(collectedAnswer(read([sse(blocked)]))).toMatchObject({
    choices: [{ parts: [], finish: { reason: 'content-filter', said: 'SAFETY' } }],
    usage: { inputTokens: 4 },
  });
  expect(collectedAnswer(read([sse(said([{ text: 'a' }]), blocked)])).choices[0]).toMatchObject({
    parts: [{ text: 'a' }],
    finish: { reason: 'content-filter', said: 'SAFETY' },
  });
});

test.each([
  ['as an event', 'data: {"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}}\r\n\r\n'],
  ['as it stands alone', '{\n  "error": {\n    "code": 503,\n    "message": "overloaded"\n  }\n}\n'],
  ['in a list', '[{\n  "error": {\n    "code": 503,\n    "message": "overloaded"\n  }\n}\n]\n'],
])('an error in the midst of a stream ends it: %s', (_how, error) => {
  const events = read([sse(said([{ text: 'a' }])), Buffer.from(error)]);
  expect(events.map(({ type }) => type)).toEqual(['answer-start', 'text-start', 'text-delta', 'answer-error']);
  expect(events.at(-1)).toMatchObject({ error: { code: 'upstream_error', retry: 'other-target' } });
});

test('a call that went wrong and left nothing is an error, after what it used', () => {
  const events = read([
    sse({ candidates: [{ finishReason: 'MALFORMED_FUNCTION_CALL' }], usageMetadata: { promptTokenCount: 4 } }),
  ]);
  expect(events.map(({ type }) => type)).toEqual(['answer-start', 'usage-update', 'answer-error']);
});

test('comments are signs of life, and what is not understood follows what was', () => {
  expect(read([Buffer.from(': keep\r\n\r\n')])).toEqual([{ type: 'ping' }]);
  const nonsense = Buffer.from('data: nonsense\r\n\r\n');
  const events = read([Buffer.concat([sse(said([{ text: 'a' }])), nonsense, sse(said([{ text: 'b' }], STOP))])]);
  expect(events.map(({ type }) => type)).toEqual(['answer-start', 'text-start', 'text-delta', 'answer-error']);
  expect(() => read([nonsense])).toThrow('an event of its stream is not JSON');
});

test('an event that never ends is not held for ever', () => {
  const reader = new GeminiStreamReader({ eventBytesMax: 100 });
  expect(() => reader.push(Buffer.alloc(101, 'x'))).toThrow('a single event of more than 100 bytes');
});
