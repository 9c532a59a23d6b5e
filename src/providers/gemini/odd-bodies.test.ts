import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitraryCall } from '../../../test/support/chat/arbitrary-chat.ts';
import { collectedAnswer } from '../../../test/support/chat/collected-answer.ts';
import { oddJson } from '../../../test/support/chat/odd-json.ts';
import { geminiClient } from '../../edge/gemini/codec.ts';
import { GatewayError } from '../../kernel/errors.ts';
import type { StreamEvent } from '../../protocol/chat/answer.ts';
import { geminiProvider } from './codec.ts';

const TOKEN = { token: 't', logProbability: -1, tokenId: 3 };
const PARTS = [
  { text: 'hm', thought: true },
  { text: 'text' },
  { text: '', thoughtSignature: 'c2ln' },
  { functionCall: { id: 'a', name: 'f', args: { a: [1] } }, thoughtSignature: 'c2ln' },
  { functionCall: { name: 'g', partialArgs: [{ jsonPath: '$.a[0].b', stringValue: 'x' }], willContinue: true } },
  { functionCall: { partialArgs: [{ jsonPath: '$.c', numberValue: 1 }] } },
  { inlineData: { mimeType: 'image/png', data: 'AA' } },
  { fileData: { mimeType: 'video/mp4', fileUri: 'https://x.example/a' } },
  { executableCode: { language: 'PYTHON', code: '1' } },
  { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } },
  { toolCall: { id: 't', toolType: 'URL_CONTEXT', args: {} } },
  { toolResponse: { id: 't', toolType: 'URL_CONTEXT', response: {} } },
];
const CANDIDATE = {
  index: 0,
  content: { role: 'model', parts: PARTS },
  finishReason: 'STOP',
  groundingMetadata: {
    groundingChunks: [{ web: { uri: 'https://a.example', title: 'A' } }],
    groundingSupports: [
      { segment: { partIndex: 1, startIndex: 0, endIndex: 4, text: 'text' }, groundingChunkIndices: [0] },
    ],
  },
  citationMetadata: { citationSources: [{ startIndex: 0, endIndex: 2, uri: 'https://b.example' }] },
  logprobsResult: { chosenCandidates: [TOKEN], topCandidates: [{ candidates: [TOKEN] }] },
};
const ANSWER = {
  candidates: [CANDIDATE],
  promptFeedback: { safetyRatings: [] },
  usageMetadata: { promptTokenCount: 1, promptTokensDetails: [{ modality: 'TEXT', tokenCount: 1 }] },
  modelVersion: 'm',
  responseId: 'r',
  createTime: '2026-11-22T00:00:00Z',
};
/** What only a stream has: a whole answer does not tell a call in pieces. */
const WHOLE = { ...ANSWER, candidates: [{ ...CANDIDATE, content: { parts: PARTS.toSpliced(4, 2) } }] };

/** What is wrong with a provider's answer is told as that, and nothing else ever comes out. */
class Outcomes {
  understood = 0;
  refused = 0;

  of(read: () => void): void {
    try {
      read();
      this.understood++;
    } catch (error) {
      expect(error).toBeInstanceOf(GatewayError);
      this.refused++;
    }
  }

  /** Both happened: a test that only ever sees one of them shows nothing. */
  [Symbol.dispose](): void {
    expect(Math.min(this.understood, this.refused)).toBeGreaterThan(10);
  }
}

test('an odd answer is read or not understood', () => {
  using outcomes = new Outcomes();
  fc.assert(
    fc.property(oddJson(WHOLE), (body) => {
      outcomes.of(() => geminiProvider.readAnswer(Buffer.from(JSON.stringify(body) ?? '')));
    }),
    { numRuns: 600 },
  );
});

test('an odd stream is read or not understood, and what is read of it is in order', () => {
  using outcomes = new Outcomes();
  const events = fc.array(oddJson(ANSWER), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(events, (odd) => {
      const bytes = Buffer.from(odd.map((event) => `data: ${JSON.stringify(event)}\r\n\r\n`).join(''));
      outcomes.of(() => {
        const told = read(bytes);
        inOrder(told);
        const failed = told.find((event) => event.type === 'answer-error');
        if (failed !== undefined) throw failed.error;
      });
    }),
    { numRuns: 600 },
  );
});

function read(bytes: Buffer): StreamEvent[] {
  const reader = geminiProvider.streamReader({ eventBytesMax: 1_000_000 });
  return [...reader.push(bytes), ...reader.finish()];
}

/** Events of a stream without an end come in the same order as those of every other one. */
function inOrder(told: readonly StreamEvent[]): void {
  if (told.some(({ type }) => type === 'answer-end')) return void collectedAnswer(told);
  const end: StreamEvent[] = [{ type: 'choice-finish', choice: 0, finish: { reason: 'stop' } }, { type: 'answer-end' }];
  const fine = told.filter(({ type }) => type !== 'answer-error');
  expect(() => collectedAnswer([...fine, ...end])).not.toThrow(/is not open|begins where|after the end/);
}

test("whatever a call says is said so that Google's dialect is understood, or is refused", () => {
  let written = 0;
  const models = fc.constantFrom('gemini-3-pro-preview', 'gemini-2.5-flash', 'gemini-2.0-flash', 'gemini-flash-latest');
  fc.assert(
    fc.property(arbitraryCall('cache_control', 'm'), models, (call, model) => {
      const traits = { model, maxTokensField: 'max_tokens', streamUsageOption: false } as const;
      let body: Record<string, unknown>;
      try {
        body = geminiProvider.writeCall({ ...call, client: 'openai-chat' }, traits, []);
      } catch (error) {
        expect(error).toMatchObject({ code: 'unsupported_parameter', retry: 'other-target' });
        return;
      }
      written++;
      const sent = JSON.parse(JSON.stringify(body)) as Record<string, unknown>;
      const contents = sent['contents'] as { role: string; parts: object[] }[];
      for (const [at, { role, parts }] of contents.entries()) {
        expect(parts.length).toBeGreaterThan(0);
        expect(role).not.toBe(contents[at - 1]?.role);
      }
      const again = geminiClient.readCall(sent);
      expect(callsIn(again.messages)).toEqual(callsIn(call.messages));
      expect(again.outputTokensMax).toBe(call.outputTokensMax);
    }),
    { numRuns: 300 },
  );
  expect(written).toBeGreaterThan(100);
});

function callsIn(messages: readonly { readonly parts: readonly object[] }[]): unknown[] {
  return messages.flatMap(({ parts }) =>
    parts.flatMap((part) => ('type' in part && part.type === 'tool-call' && 'name' in part ? [part.name] : [])),
  );
}
