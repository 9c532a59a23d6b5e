import { GoogleGenAI } from '@google/genai';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { geminiAnswer, geminiRequest, geminiStreamOf, type Wire } from '../../../test/support/gemini-arbitrary.ts';
import { cutAt, eventsOf, withoutPings } from '../../../test/support/messages-stream.ts';
import { foreignAnswer, overlappingEvents } from '../../../test/support/responses/arbitrary-answer.ts';
import type { ChatAnswer, StreamEvent } from '../../protocol/chat/answer.ts';
import type { Loss, TargetTraits } from '../../protocol/chat/codec.ts';
import type { ContentPart } from '../../protocol/chat/content.ts';
import { geminiProvider } from '../../providers/gemini/codec.ts';
import { geminiClient } from './codec.ts';

const IDENTITY = { id: 'r1', model: 'asked-for', at: 0, usageWanted: true };
const TRAITS: TargetTraits = { model: 'gemini-2.5-flash', maxTokensField: 'max_tokens', streamUsageOption: false };
const reader = () => geminiProvider.streamReader({ eventBytesMax: 1_000_000 });

function written(events: readonly StreamEvent[], identity: object = {}): Buffer {
  const writer = geminiClient.streamWriter({ ...IDENTITY, ...identity });
  return Buffer.concat([...events.map((event) => writer.write(event)), writer.end()]);
}

function asJson(value: unknown): Wire {
  return JSON.parse(JSON.stringify(value)) as Wire;
}

const bytesOf = (value: Wire) => Buffer.from(JSON.stringify(value));

describe('what Gemini can say survives being read and written', () => {
  test('a request, with nothing lost and nothing named as lost', () => {
    fc.assert(
      fc.property(geminiRequest, (generated) => {
        const request = asJson(generated);
        const losses: Loss[] = [];
        const call = { ...geminiClient.readCall(request), client: 'gemini' } as const;
        const again = asJson(geminiProvider.writeCall(call, TRAITS, losses));
        expect(again).toEqual(request);
        expect(losses).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  test('an answer', () => {
    fc.assert(
      fc.property(geminiAnswer, (generated) => {
        const answer = asJson(generated);
        const again = geminiClient.writeAnswer(geminiProvider.readAnswer(bytesOf(answer)), IDENTITY);
        expect(JSON.parse(again.toString(), unmarked)).toEqual(answer);
      }),
      { numRuns: 300 },
    );
  });

  test('the events of a stream', () => {
    fc.assert(
      fc.property(geminiAnswer, fc.integer({ min: 1, max: 9 }), (answer, pieceChars) => {
        const events = eventsOf([geminiStreamOf(asJson(answer), pieceChars)], reader());
        expect(events.at(-1)).toEqual({ type: 'answer-end' });
        expect(said(eventsOf([written(events)], reader()))).toEqual(said(events));
      }),
      { numRuns: 300 },
    );
  });
});

/** Stands as the signature of an answer's first call where nobody has signed it. */
const NOTHING_SEALED = Buffer.from('leeward-unsigned').toString('base64');

function unmarked(_: string, value: unknown): unknown {
  return value === NOTHING_SEALED ? undefined : value;
}

/** What is told, but for how often what is known of the counts is repeated, and for the order among candidates. */
function said(events: readonly StreamEvent[]): unknown[] {
  const counts = events.findLast(({ type }) => type === 'usage-update');
  const others = withoutPings(events).filter(
    (event) =>
      event.type !== 'usage-update' &&
      event.type !== 'logprobs-add' &&
      !(event.type === 'signature-add' && event.signature.value === NOTHING_SEALED),
  );
  return [counts, ...others.toSorted((one, other) => choiceOf(one) - choiceOf(other))];
}

function choiceOf(event: StreamEvent): number {
  if (event.type === 'answer-end') return Number.MAX_SAFE_INTEGER;
  return 'choice' in event ? event.choice : -1;
}

test('a stream gives the same events however its bytes are cut', () => {
  fc.assert(
    fc.property(geminiAnswer, fc.array(fc.nat({ max: 4_000 }), { maxLength: 40 }), (answer, places) => {
      const bytes = geminiStreamOf(asJson(answer), 3);
      expect(eventsOf(cutAt(bytes, places), reader())).toEqual(eventsOf([bytes], reader()));
    }),
    { numRuns: 200 },
  );
});

test('the official client accumulates a written stream to what the written answer says', async () => {
  await fc.assert(
    fc.asyncProperty(geminiAnswer, async (generated) => {
      const answer = asJson(generated);
      const whole = asJson(
        JSON.parse(geminiClient.writeAnswer(geminiProvider.readAnswer(bytesOf(answer)), IDENTITY).toString()),
      );
      const stream = written(eventsOf([geminiStreamOf(answer, 4)], reader()));
      const accumulated = accumulate(await readByOfficialClient(stream));
      const candidates = (whole['candidates'] as Wire[]).map(({ content }) =>
        mergedParts((content as Wire)['parts'] as Wire[]),
      );
      expect(accumulated).toEqual(candidates);
    }),
    { numRuns: 60 },
  );
});

async function readByOfficialClient(bytes: Buffer): Promise<Wire[]> {
  const fetch = () =>
    Promise.resolve(new Response(new Uint8Array(bytes), { headers: { 'content-type': 'text/event-stream' } }));
  const client = new GoogleGenAI({ apiKey: 'none', httpOptions: { fetch } as object });
  const before = globalThis.fetch;
  globalThis.fetch = fetch;
  try {
    const chunks: Wire[] = [];
    for await (const chunk of await client.models.generateContentStream({ model: 'm', contents: 'hi' })) {
      chunks.push(asJson(chunk));
    }
    return chunks;
  } finally {
    globalThis.fetch = before;
  }
}

function accumulate(chunks: readonly Wire[]): Wire[][] {
  const parts: Wire[][] = [];
  for (const { candidates } of chunks) {
    for (const { index = 0, content } of candidates as Wire[]) {
      const at = index as number;
      parts[at] = [...(parts[at] ?? []), ...((content as Wire)['parts'] as Wire[])];
    }
  }
  return parts.map(mergedParts);
}

/** Pieces of one text or thought as one part, and its signature on it. */
function mergedParts(parts: readonly Wire[]): Wire[] {
  const merged: Wire[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    const goesOn =
      typeof part['text'] === 'string' && typeof last?.['text'] === 'string' && last['thoughtSignature'] === undefined;
    const seal = part['text'] === '' && part['thoughtSignature'] !== undefined;
    if (last !== undefined && goesOn && last['thought'] === part['thought']) {
      merged[merged.length - 1] = { ...part, ...last, text: `${String(last['text'])}${String(part['text'])}` };
    } else if (part['text'] !== '' || seal) merged.push(part);
  }
  return merged;
}

describe('another vendor’s answer', () => {
  /** What Google signed is not foreign here, and a summary that nobody sealed looks like Google's. */
  const anothers = foreignAnswer.map((answer) => {
    const told = JSON.parse(JSON.stringify(answer).replaceAll('"gemini"', '"openai-responses"')) as ChatAnswer;
    const choices = told.choices.map((choice) => ({ ...choice, parts: choice.parts.map(withoutBareSummary) }));
    return { ...told, choices };
  });

  test('is the same answer to whoever reads it here, whole or streamed', () => {
    fc.assert(
      fc.property(anothers, fc.integer({ min: 1, max: 5 }), (answer, pieceChars) => {
        const whole = JSON.parse(geminiClient.writeAnswer(answer, IDENTITY).toString()) as Wire;
        const events = overlappingEvents(answer, pieceChars);
        const stream = written(events).toString().split('\r\n\r\n').filter(Boolean);
        const chunks = stream.map((each) => JSON.parse(each.slice('data: '.length)) as Wire);
        const candidates = (whole['candidates'] as Wire[]).map(({ content }) =>
          mergedParts((content as Wire)['parts'] as Wire[]),
        );
        expect(accumulate(chunks)).toEqual(candidates);
        const ends = (list: Wire[]) => list.map(({ content: _, logprobsResult: __, ...end }) => end);
        expect(ends(chunks.at(-1)?.['candidates'] as Wire[])).toEqual(ends(whole['candidates'] as Wire[]));
        expect(chunks.at(-1)?.['usageMetadata']).toEqual(whole['usageMetadata']);
      }),
      { numRuns: 300 },
    );
  });

  test('comes back with the next turn as it was, with what its maker wants back', () => {
    fc.assert(
      fc.property(anothers, fc.integer({ min: 1, max: 5 }), (answer, pieceChars) => {
        const stream = written(overlappingEvents(answer, pieceChars)).toString().split('\r\n\r\n').filter(Boolean);
        const chunks = stream.map((each) => JSON.parse(each.slice('data: '.length)) as Wire);
        const contents = chunks.map(({ candidates }) => (candidates as Wire[])[0]?.['content']);
        const [message] = geminiClient.readCall({ contents }).messages;
        const wanted = (parts: readonly ContentPart[]) =>
          parts.flatMap((part) => {
            if (part.type === 'reasoning') return [[part.text ?? '', part.signature, part.encrypted]];
            if (part.type === 'redacted-reasoning') return [part.data];
            return part.type === 'tool-call' ? [[part.id, part.name, part.signature]] : [];
          });
        const saidBefore = wanted(answer.choices[0]?.parts ?? []).filter(
          (each) => !Array.isArray(each) || each.some((one) => one !== undefined && one !== ''),
        );
        expect(wanted(message?.parts ?? [])).toEqual(saidBefore);
      }),
      { numRuns: 300 },
    );
  });
});

function withoutBareSummary(part: ContentPart): ContentPart {
  if (part.type !== 'reasoning' || (part.signature ?? part.encrypted) !== undefined) return part;
  const { summary: _, ...others } = part;
  return others;
}
