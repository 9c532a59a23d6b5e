import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../kernel/errors.ts';
import type { ChatAnswer, Finish, StreamEvent } from '../../protocol/chat/answer.ts';
import type { ContentPart } from '../../protocol/chat/content.ts';
import { geminiClient } from './codec.ts';

const IDENTITY = { id: 'r1', model: 'asked', at: 0, usageWanted: true };
const STOP: Finish = { reason: 'stop', said: 'end_turn' };
const at = { choice: 0, part: 0 };

type Wire = Record<string, unknown>;
interface Candidate {
  readonly content: { readonly parts: readonly Wire[]; readonly role: string };
  readonly finishReason?: string;
  readonly index: number;
  readonly groundingMetadata?: unknown;
  readonly logprobsResult?: { chosenCandidates: unknown[] };
}

function streamed(events: readonly StreamEvent[], identity: object = {}): string {
  const writer = geminiClient.streamWriter({ ...IDENTITY, ...identity });
  return Buffer.concat([...events.map((event) => writer.write(event)), writer.end()]).toString();
}

function responses(text: string): (Wire & { candidates: Candidate[] })[] {
  expect(text).toMatch(/^(?:data: .*\r\n\r\n)+$/);
  return text
    .split('\r\n\r\n')
    .filter((each) => each !== '')
    .map((each) => JSON.parse(each.slice('data: '.length)) as Wire & { candidates: Candidate[] });
}

const partsOf = (events: readonly StreamEvent[]) =>
  responses(streamed([...events, { type: 'choice-finish', choice: 0, finish: STOP }])).flatMap(
    ({ candidates }) => candidates[0]?.content.parts ?? [],
  );

function whole(
  parts: readonly ContentPart[],
  more: Partial<ChatAnswer> = {},
  finish = STOP,
): Wire & { candidates: Candidate[] } {
  const answer = { choices: [{ index: 0, parts, finish }], ...more };
  return JSON.parse(geminiClient.writeAnswer(answer, IDENTITY).toString()) as Wire & { candidates: Candidate[] };
}

describe('a stream', () => {
  test('is responses with what is new, of which the last says why and what was used', () => {
    const told = responses(
      streamed([
        { type: 'answer-start', id: 'msg_1', model: 'claude-x' },
        { type: 'usage-update', usage: { inputTokens: 10 } },
        { type: 'text-start', ...at },
        { type: 'text-delta', ...at, text: 'Hel' },
        { type: 'text-delta', ...at, text: 'lo' },
        { type: 'part-end', ...at },
        { type: 'usage-update', usage: { inputTokens: 10, cachedInputTokens: 4, outputTokens: 7, reasoningTokens: 5 } },
        { type: 'choice-finish', choice: 0, finish: { reason: 'length', said: 'max_tokens' } },
        { type: 'answer-end' },
      ]),
    );
    const head = { modelVersion: 'claude-x', responseId: 'r1' };
    const said = (text: string) => ({
      candidates: [{ content: { parts: [{ text }], role: 'model' }, index: 0 }],
      ...head,
    });
    expect(told).toEqual([
      said('Hel'),
      said('lo'),
      {
        candidates: [{ content: { parts: [{ text: '' }], role: 'model' }, finishReason: 'MAX_TOKENS', index: 0 }],
        usageMetadata: {
          promptTokenCount: 10,
          cachedContentTokenCount: 4,
          candidatesTokenCount: 2,
          thoughtsTokenCount: 5,
          totalTokenCount: 17,
        },
        ...head,
      },
    ]);
  });

  test('is one array for whoever asked for that', () => {
    const events: StreamEvent[] = [
      { type: 'text-start', ...at },
      { type: 'text-delta', ...at, text: 'a' },
      { type: 'choice-finish', choice: 0, finish: STOP },
    ];
    const text = streamed(events, { streamContentType: 'application/json' });
    expect(JSON.parse(text)).toEqual(responses(streamed(events)));
    const writer = geminiClient.streamWriter({ ...IDENTITY, streamContentType: 'application/json' });
    const begun = Buffer.concat(events.slice(0, 2).map((event) => writer.write(event))).toString();
    const error = new GatewayError('stream_truncated', { message: 'cut' });
    const ended = begun + (writer.errorEvent?.(error, 'call_1').toString() ?? '');
    expect(JSON.parse(ended)).toMatchObject([{ candidates: [{}] }, { error: { code: 500 } }]);
  });

  test('tells calls whole, in the order in which they began, and each with its signature', () => {
    const call = (part: number) => ({ choice: 0, part });
    expect(
      partsOf([
        { type: 'tool-call-start', ...call(0), kind: 'function', id: 'a', name: 'f' },
        { type: 'tool-call-start', ...call(1), kind: 'function', id: 'b', name: 'g' },
        { type: 'arguments-delta', ...call(1), text: '' },
        { type: 'arguments-delta', ...call(0), text: '{"x":' },
        { type: 'part-end', ...call(1) },
        { type: 'arguments-delta', ...call(0), text: '1}' },
        { type: 'signature-add', ...call(0), signature: { value: 'c2ln', dialect: 'gemini' } },
        { type: 'part-end', ...call(0) },
      ]),
    ).toEqual([
      { functionCall: { id: 'a', name: 'f', args: { x: 1 } }, thoughtSignature: 'c2ln' },
      { functionCall: { id: 'b', name: 'g', args: {} } },
      { text: '' },
    ]);
  });

  test('ends a thought with its seal, from which it is put together again', () => {
    const signature = { value: 'sig', dialect: 'anthropic-messages' } as const;
    const parts = partsOf([
      { type: 'reasoning-start', ...at },
      { type: 'reasoning-delta', ...at, text: 'h' },
      { type: 'reasoning-delta', ...at, text: 'm' },
      { type: 'signature-add', ...at, signature },
      { type: 'part-end', ...at },
      { type: 'part-add', choice: 0, part: 1, content: { type: 'redacted-reasoning', data: signature } },
      { type: 'text-start', choice: 0, part: 2 },
      { type: 'text-delta', choice: 0, part: 2, text: 'so' },
    ]);
    expect(parts.slice(0, 2)).toEqual([
      { text: 'h', thought: true },
      { text: 'm', thought: true },
    ]);
    const { messages } = geminiClient.readCall({ contents: [{ role: 'model', parts }] });
    expect(messages[0]?.parts).toEqual([
      { type: 'reasoning', text: 'hm', signature },
      { type: 'redacted-reasoning', data: signature },
      { type: 'text', text: 'so' },
    ]);
  });

  test('of several candidates tells each by its number, and ends them together', () => {
    const told = responses(
      streamed([
        { type: 'text-start', choice: 1, part: 0 },
        { type: 'text-delta', choice: 1, part: 0, text: 'b' },
        { type: 'text-start', choice: 0, part: 0 },
        { type: 'text-delta', choice: 0, part: 0, text: 'a' },
        { type: 'choice-finish', choice: 1, finish: STOP },
        { type: 'choice-finish', choice: 0, finish: { reason: 'content-filter' } },
      ]),
    );
    expect(
      told.map(({ candidates }) => candidates.map(({ index, finishReason }) => `${index}${finishReason ?? ''}`)),
    ).toEqual([['1'], ['0'], ['0SAFETY', '1STOP']]);
  });

  test('tells probabilities with the next piece, and none is lost', () => {
    const token = { token: 'a', logprob: -1, top: [{ token: 'b', logprob: -2 }] };
    const told = responses(
      streamed([
        { type: 'text-start', ...at },
        { type: 'text-delta', ...at, text: 'a' },
        { type: 'logprobs-add', choice: 0, of: 'text', logprobs: [token] },
        { type: 'text-delta', ...at, text: 'a' },
        { type: 'logprobs-add', choice: 0, of: 'text', logprobs: [token] },
        { type: 'choice-finish', choice: 0, finish: STOP },
      ]),
    );
    const one = {
      chosenCandidates: [{ token: 'a', logProbability: -1 }],
      topCandidates: [{ candidates: [{ token: 'b', logProbability: -2 }] }],
    };
    expect(told.map(({ candidates }) => candidates[0]?.logprobsResult)).toEqual([undefined, one, one]);
  });

  test('that its provider gave up is an error, unless Google’s clients know the word and something was said', () => {
    const broken: StreamEvent = { type: 'choice-finish', choice: 0, finish: { reason: 'error', said: 'oops' } };
    expect(() => streamed([broken])).toThrow(expect.objectContaining({ code: 'upstream_error' }));
    const malformed: Finish = { reason: 'error', said: 'MALFORMED_FUNCTION_CALL' };
    expect(() => streamed([{ type: 'choice-finish', choice: 0, finish: malformed }])).toThrow();
    expect(whole([{ type: 'text', text: 'x' }], {}, malformed).candidates[0]?.finishReason).toBe(
      'MALFORMED_FUNCTION_CALL',
    );
  });
});

describe('what a text rests on', () => {
  const page = (url: string, more: object = {}) =>
    ({ kind: 'web', url, title: 'T', source: { dialect: 'anthropic-messages', fields: {} }, ...more }) as const;

  test('is told at the end, each page once, in bytes of the text', () => {
    const citations = [page('https://a', { textStart: 2, textEnd: 5 })];
    const parts: ContentPart[] = [
      { type: 'text', text: 'né 🌊', citations },
      { type: 'text', text: ' so', citations: [page('https://a'), page('https://b')] },
    ];
    const grounding = {
      groundingChunks: [{ web: { uri: 'https://a', title: 'T' } }, { web: { uri: 'https://b', title: 'T' } }],
      groundingSupports: [
        { segment: { startIndex: 3, endIndex: 8, text: ' 🌊' }, groundingChunkIndices: [0] },
        { segment: { startIndex: 8, endIndex: 11, text: ' so' }, groundingChunkIndices: [0] },
        { segment: { startIndex: 8, endIndex: 11, text: ' so' }, groundingChunkIndices: [1] },
      ],
    };
    const [candidate] = whole(parts).candidates;
    expect(candidate).toMatchObject({ content: { parts: [{ text: 'né 🌊 so' }] }, groundingMetadata: grounding });
    const events = parts.flatMap((part, index): StreamEvent[] => {
      const place = { choice: 0, part: index };
      if (part.type !== 'text') return [];
      return [
        { type: 'text-start', ...place },
        { type: 'text-delta', ...place, text: part.text },
        ...(part.citations ?? []).map((citation) => ({ type: 'citation-add', ...place, citation }) as const),
        { type: 'part-end', ...place },
      ];
    });
    const last = responses(streamed([...events, { type: 'choice-finish', choice: 0, finish: STOP }])).at(-1);
    expect(last?.candidates[0]?.groundingMetadata).toEqual(grounding);
  });
});

describe('a whole answer', () => {
  test('has numbers as they came, however long', () => {
    const call = {
      type: 'tool-call',
      kind: 'function',
      id: 'a',
      name: 'f',
      arguments: '{"x":12345678901234567890}',
    } as const;
    const answer = { choices: [{ index: 0, parts: [call], finish: STOP }] };
    expect(geminiClient.writeAnswer(answer, IDENTITY).toString()).toContain('"args":{"x":12345678901234567890}');
  });

  test('has pictures, sound and files as data or addresses, and a refusal as text', () => {
    expect(
      whole([
        { type: 'image', source: { kind: 'bytes', mediaType: 'image/png', base64: 'AA==' } },
        { type: 'audio', source: { kind: 'bytes', mediaType: undefined, base64: 'AA==' }, format: 'wav' },
        { type: 'file', source: { kind: 'url', url: 'https://x/y.pdf', mediaType: 'application/pdf' } },
        { type: 'audio', source: { kind: 'stored', id: 'a1', dialect: 'openai-chat' }, transcript: 'la' },
        { type: 'refusal', text: 'No.' },
      ]).candidates[0]?.content.parts,
    ).toEqual([
      { inlineData: { mimeType: 'image/png', data: 'AA==' } },
      { inlineData: { mimeType: 'audio/wav', data: 'AA==' } },
      { fileData: { mimeType: 'application/pdf', fileUri: 'https://x/y.pdf' } },
      { text: 'laNo.' },
    ]);
  });

  test('tells usage by modality', () => {
    const { usageMetadata } = whole([], {
      usage: { inputTokens: 100, inputImageTokens: 60, outputTokens: 9, outputAudioTokens: 9 },
    });
    expect(usageMetadata).toEqual({
      promptTokenCount: 100,
      candidatesTokenCount: 9,
      totalTokenCount: 109,
      promptTokensDetails: [
        { modality: 'TEXT', tokenCount: 40 },
        { modality: 'IMAGE', tokenCount: 60 },
      ],
      candidatesTokensDetails: [{ modality: 'AUDIO', tokenCount: 9 }],
    });
    expect(whole([])).not.toHaveProperty('usageMetadata');
  });

  test('without any choice is none', () => {
    expect(() => geminiClient.writeAnswer({ choices: [] }, IDENTITY)).toThrow(/without any choice/);
  });
});
