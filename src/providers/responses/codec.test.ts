import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { collectedAnswer } from '../../../test/support/chat/collected-answer.ts';
import { meaningOf, responsesAnswer, responsesRequest } from '../../../test/support/responses-arbitrary.ts';
import { bytesOf, eventsOf, streamOf, type Wire, withoutPings } from '../../../test/support/responses-stream.ts';
import { responsesClient } from '../../edge/responses/codec.ts';
import type { ChatAnswer } from '../../protocol/chat/answer.ts';
import type { Loss, TargetTraits } from '../../protocol/chat/codec.ts';
import { responsesProvider } from './codec.ts';

const TRAITS: TargetTraits = {
  model: 'a-model',
  maxTokensField: 'max_tokens',
  streamUsageOption: false,
  cacheMarkers: 'prompt_cache_breakpoint',
};

function asJson(value: unknown): Wire {
  return JSON.parse(JSON.stringify(value)) as Wire;
}

function bodyOf(response: Wire): Buffer {
  return Buffer.from(JSON.stringify(response));
}

describe('what the Responses API can say survives being read and written', () => {
  test('a request, with nothing lost and nothing named as lost', () => {
    fc.assert(
      fc.property(responsesRequest, (generated) => {
        const request = asJson(generated);
        const losses: Loss[] = [];
        const call = responsesClient.readCall(request);
        const again = asJson(responsesProvider.writeCall(call, TRAITS, losses));
        expect(meaningOf(again)).toEqual(meaningOf(request));
        expect(losses).toEqual([]);
        expect(responsesClient.readCall(again)).toEqual(call);
      }),
      { numRuns: 400 },
    );
  });

  test('an answer, whole and streamed', () => {
    fc.assert(
      fc.property(responsesAnswer, fc.integer({ min: 1, max: 9 }), (generated, pieceChars) => {
        const response = asJson(generated);
        const whole = responsesProvider.readAnswer(bodyOf(response));
        const events = eventsOf([bytesOf(streamOf(response, pieceChars))]);
        expect(bare(collectedAnswer(events))).toEqual(bare(whole));
      }),
      { numRuns: 300 },
    );
  });

  test('an answer as our own clients are given it', () => {
    fc.assert(
      fc.property(responsesAnswer, (generated) => {
        const answer = known(responsesProvider.readAnswer(bodyOf(asJson(generated))));
        const identity = { id: answer.id ?? '', model: 'm', at: 0, usageWanted: true };
        const again = responsesProvider.readAnswer(responsesClient.writeAnswer(answer, identity));
        expect(bare(again)).toEqual(bare(answer));
      }),
      { numRuns: 200 },
    );
  });
});

/** Without items of types that strict clients would refuse. */
function known({ choices, ...answer }: ChatAnswer): ChatAnswer {
  const parts = (choices[0]?.parts ?? []).filter(({ type }) => type !== 'other');
  return { ...answer, choices: choices.map((choice) => ({ ...choice, parts })) };
}

/** Without what is said of items beside what they hold, and what is the answer's own. */
function bare({ rest: _, serviceTier: __, ...answer }: ChatAnswer): unknown {
  const choices = answer.choices.map(({ rest: ___, ...choice }) => ({
    ...choice,
    parts: choice.parts.map((part) => ('rest' in part ? { ...part, rest: undefined } : part)),
  }));
  return asJson({ ...answer, choices });
}

test('a stream gives the same events however its bytes are cut', () => {
  fc.assert(
    fc.property(responsesAnswer, fc.array(fc.nat({ max: 9_000 }), { maxLength: 40 }), (generated, places) => {
      const bytes = bytesOf(streamOf(asJson(generated)));
      const cuts = [
        0,
        ...places.filter((place) => place < bytes.length).sort((one, other) => one - other),
        bytes.length,
      ];
      const parts = cuts.slice(1).map((end, at) => bytes.subarray(cuts[at], end));
      expect(withoutPings(eventsOf(parts))).toEqual(withoutPings(eventsOf([bytes])));
    }),
    { numRuns: 100 },
  );
});
