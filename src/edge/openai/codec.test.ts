import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventsOf } from '../../../test/support/chat/answer-events.ts';
import { arbitraryAnswer, arbitraryCall, type Markers } from '../../../test/support/chat/arbitrary-chat.ts';
import { collectedAnswer } from '../../../test/support/chat/collected-answer.ts';
import type { ChatAnswer, StreamEvent } from '../../protocol/chat/answer.ts';
import type { Loss, TargetTraits } from '../../protocol/chat/codec.ts';
import { chatProvider } from '../../providers/openai/codec.ts';
import { chatClient } from './codec.ts';

const MODEL = 'vendor/model';
const ID = 'chatcmpl-7';
const identity = { id: ID, model: MODEL, at: 1_700_000_000_000, usageWanted: true };

function traits(cacheMarkers: Markers, stream: boolean): TargetTraits {
  return {
    model: MODEL,
    maxTokensField: 'max_completion_tokens',
    streamUsageOption: stream,
    cacheMarkers,
    reasoningField: 'reasoning_details',
  };
}

function written(events: readonly StreamEvent[]): Buffer {
  const writer = chatClient.streamWriter(identity);
  return Buffer.concat([...events.map((event) => writer.write(event)), writer.end()]);
}

function read(bytes: Buffer, cuts: readonly number[] = []): StreamEvent[] {
  const reader = chatProvider.streamReader({ eventBytesMax: 1_000_000 });
  const events: StreamEvent[] = [];
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((one, other) => one - other);
  let start = 0;
  for (const end of [...ends, bytes.length]) {
    events.push(...reader.push(bytes.subarray(start, end)));
    start = end;
  }
  return [...events, ...reader.finish()];
}

describe('what this dialect can say survives being written and read', () => {
  test.each<Markers>(['cache_control', 'prompt_cache_breakpoint'])('a call whose markers are %s', (form) => {
    fc.assert(
      fc.property(arbitraryCall(form, MODEL), fc.boolean(), (call, usageOption) => {
        const losses: Loss[] = [];
        const body = chatProvider.writeCall(call, traits(form, usageOption), losses);
        expect(losses).toEqual([]);
        expect(chatClient.readCall(JSON.parse(JSON.stringify(body)))).toEqual(call);
      }),
      { numRuns: 300 },
    );
  });

  test('a whole answer', () => {
    fc.assert(
      fc.property(arbitraryAnswer(ID, MODEL), (answer) => {
        const body = chatClient.writeAnswer(answer, identity);
        const { rest, ...back } = chatProvider.readAnswer(body);
        expect(rest?.fields).toEqual({ system_fingerprint: null });
        expect(back).toEqual(answer);
      }),
      { numRuns: 300 },
    );
  });

  test('a streamed answer, however its bytes are cut', () => {
    fc.assert(
      fc.property(arbitraryAnswer(ID, MODEL), fc.array(fc.nat(), { maxLength: 5 }), (answer, cuts) => {
        const bytes = written(eventsOf(answer));
        expect(comparable(collectedAnswer(read(bytes, cuts)))).toEqual(comparable(answer));
      }),
      { numRuns: 300 },
    );
  });
});

/** A reader tells the fingerprint that is not there as nothing, and a choice's order among the others by its index. */
function comparable({ rest: _, ...answer }: ChatAnswer): ChatAnswer {
  return answer;
}
