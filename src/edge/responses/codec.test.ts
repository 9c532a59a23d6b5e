import fc from 'fast-check';
import { expect, test } from 'vitest';
import { collectedAnswer } from '../../../test/support/chat/collected-answer.ts';
import { foreignAnswer, overlappingEvents } from '../../../test/support/responses/arbitrary-answer.ts';
import type { ChatAnswer, StreamEvent } from '../../protocol/chat/answer.ts';
import { responsesProvider } from '../../providers/responses/codec.ts';
import { responsesClient } from './codec.ts';

const IDENTITY = { id: 'resp_7', model: 'm', at: 1_700_000_000_000, usageWanted: true };

function written(events: readonly StreamEvent[]): Buffer {
  const writer = responsesClient.streamWriter(IDENTITY);
  return Buffer.concat([...events.map((event) => writer.write(event)), writer.end()]);
}

function read(bytes: Buffer, cuts: readonly number[]): ChatAnswer {
  const reader = responsesProvider.streamReader({ eventBytesMax: 1_000_000 });
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((one, other) => one - other);
  const events: StreamEvent[] = [];
  let start = 0;
  for (const end of [...ends, bytes.length]) {
    events.push(...reader.push(bytes.subarray(start, end)));
    start = end;
  }
  return collectedAnswer([...events, ...reader.finish()]);
}

/** What is said of the answer beside what it says. */
function bare({ rest: _, serviceTier: ___, ...answer }: ChatAnswer): unknown {
  const choices = answer.choices.map(({ rest: __, ...choice }) => ({
    ...choice,
    parts: choice.parts.map(({ ...part }) => ('rest' in part ? { ...part, rest: undefined } : part)),
  }));
  return JSON.parse(JSON.stringify({ ...answer, choices }));
}

test("another vendor's answer is the same answer to whoever reads it here, whole or streamed and however cut", () => {
  fc.assert(
    fc.property(foreignAnswer, fc.integer({ min: 1, max: 5 }), fc.array(fc.nat()), (answer, pieceChars, cuts) => {
      const whole = responsesProvider.readAnswer(responsesClient.writeAnswer(answer, IDENTITY));
      const streamed = read(written(overlappingEvents(answer, pieceChars)), cuts);
      expect(bare(streamed)).toEqual(bare(whole));
      expect(whole.usage).toMatchObject(answer.usage ?? {});
      const calls = (parts: ChatAnswer) =>
        parts.choices[0]?.parts.flatMap((part) => (part.type === 'tool-call' ? [[part.id, part.name]] : []));
      expect(calls(whole)).toEqual(calls(answer));
      const texts = ({ choices }: ChatAnswer) =>
        (choices[0]?.parts ?? []).map((part) => (part.type === 'text' || part.type === 'refusal' ? part.text : ''));
      expect(texts(whole).join('')).toBe(texts(answer).join(''));
    }),
    { numRuns: 200 },
  );
});
