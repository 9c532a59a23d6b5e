import Anthropic from '@anthropic-ai/sdk';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { meaningOf, messagesAnswer, messagesRequest, type Wire } from '../../../test/support/messages-arbitrary.ts';
import { cutAt, eventsOf, streamOf, withoutPings } from '../../../test/support/messages-stream.ts';
import type { StreamEvent } from '../../protocol/chat/answer.ts';
import type { Loss, TargetTraits } from '../../protocol/chat/codec.ts';
import { messagesProvider } from '../../providers/anthropic/codec.ts';
import { messagesClient } from './codec.ts';

const IDENTITY = { id: 'msg_ours', model: 'asked-for', at: 0, usageWanted: true };
const TRAITS: TargetTraits = { model: 'a-model', maxTokensField: 'max_tokens', streamUsageOption: false };

function written(events: readonly StreamEvent[]): Buffer {
  const writer = messagesClient.streamWriter(IDENTITY);
  return Buffer.concat([...events.map((event) => writer.write(event)), writer.end()]);
}

function asJson(value: unknown): Wire {
  return JSON.parse(JSON.stringify(value)) as Wire;
}

describe('what Messages can say survives being read and written', () => {
  test('a request, with nothing lost and nothing named as lost', () => {
    fc.assert(
      fc.property(messagesRequest, (generated) => {
        const request = asJson(generated);
        const losses: Loss[] = [];
        const call = messagesClient.readCall(request);
        const again = asJson(messagesProvider.writeCall(call, TRAITS, losses));
        expect(meaningOf(again)).toEqual(meaningOf(request));
        expect(losses).toEqual([]);
        expect(messagesClient.readCall(again)).toEqual(call);
      }),
      { numRuns: 400 },
    );
  });

  test('an answer', () => {
    fc.assert(
      fc.property(messagesAnswer, (generated) => {
        const message = withCallers(asJson(generated));
        const answer = messagesProvider.readAnswer(Buffer.from(JSON.stringify(message)));
        const again = messagesClient.writeAnswer(answer, IDENTITY);
        expect(meaningOf(JSON.parse(again.toString()))).toEqual(meaningOf(message));
        const { rest: _, ...understood } = answer;
        expect(messagesProvider.readAnswer(again)).toMatchObject(understood);
      }),
      { numRuns: 300 },
    );
  });

  test('the events of a stream', () => {
    fc.assert(
      fc.property(messagesAnswer, fc.integer({ min: 1, max: 9 }), (message, pieceChars) => {
        const events = eventsOf([streamOf(withCallers(asJson(message)), pieceChars)]);
        expect(events.at(-1)).toEqual({ type: 'answer-end' });
        expect(withoutPings(eventsOf([written(events)]))).toEqual(withoutPings(events));
      }),
      { numRuns: 300 },
    );
  });
});

test('a stream gives the same events however its bytes are cut', () => {
  fc.assert(
    fc.property(messagesAnswer, fc.array(fc.nat({ max: 4_000 }), { maxLength: 40 }), (message, places) => {
      const bytes = streamOf(asJson(message), 3);
      expect(eventsOf(cutAt(bytes, places))).toEqual(eventsOf([bytes]));
    }),
    { numRuns: 200 },
  );
});

test('the official client accumulates a written stream to what the written answer says', async () => {
  await fc.assert(
    fc.asyncProperty(messagesAnswer, async (generated) => {
      const message = withCallers(asJson(generated));
      const answer = messagesProvider.readAnswer(Buffer.from(JSON.stringify(message)));
      const whole: unknown = JSON.parse(messagesClient.writeAnswer(answer, IDENTITY).toString());
      const accumulated = await readByOfficialClient(written(eventsOf([streamOf(message, 4)])));
      // The client takes over of the last counts only those that it knows to change.
      expect(meaningOf({ ...accumulated, usage: null })).toEqual(meaningOf({ ...(whole as Wire), usage: null }));
      const { input_tokens, output_tokens } = message['usage'] as Wire;
      expect(accumulated['usage']).toMatchObject({ input_tokens, output_tokens });
    }),
    { numRuns: 60 },
  );
});

/** Each call of a tool says who calls it: where its provider does not, it is the model. */
function withCallers(message: Wire): Wire {
  const content = (message['content'] as Wire[]).map((block) =>
    block['type'] === 'tool_use' ? { caller: { type: 'direct' }, ...block } : block,
  );
  return { ...message, content };
}

async function readByOfficialClient(bytes: Buffer): Promise<Wire> {
  const fetch = () =>
    Promise.resolve(new Response(new Uint8Array(bytes), { headers: { 'content-type': 'text/event-stream' } }));
  const client = new Anthropic({ apiKey: 'none', fetch, maxRetries: 0 });
  const stream = client.beta.messages.stream({
    model: 'm',
    max_tokens: 1,
    messages: [{ role: 'user', content: 'hi' }],
  });
  return asJson(await stream.finalMessage());
}
