import Anthropic from '@anthropic-ai/sdk';
import type { Json } from '../json.ts';
import { readMessage, readMessageStream } from '../messages-reader.ts';
import type { Reading } from '../reading.ts';
import { ASK_ONCE, type Client, type ClientCall, outcomeOf } from './client.ts';

const WHOLE: readonly (keyof Reading)[] = [
  'text',
  'reasoning',
  'toolCalls',
  'signatures',
  'sealed',
  'foreignSeals',
  'bareThoughts',
  'finish',
  'usage',
  'webCitations',
  'documentCitations',
  'hosted',
  'error',
  'stopSequence',
];

/** The vendor's client: whole messages as they are, streams event by event. */
export const anthropicClient: Client = {
  name: '@anthropic-ai/sdk',
  dialect: 'anthropic-messages',
  reads: WHOLE,
  asksFor: () => true,
  ask: (call) =>
    outcomeOf(async () => {
      const { messages } = clientOf(call);
      if (!call.stream) {
        const answer: unknown = await messages.create(call.body as never);
        return readMessage(answer as Json);
      }
      const events: Json[] = [];
      const stream: unknown = await messages.create({ ...call.body, stream: true } as never);
      for await (const event of stream as AsyncIterable<Json>) events.push(event);
      return readMessageStream(events.map((data) => ({ event: undefined, data })));
    }),
};

/** Its helper that puts a stream together and is strict about the order of events. */
export const anthropicStreamHelper: Client = {
  name: '@anthropic-ai/sdk .stream()',
  dialect: 'anthropic-messages',
  reads: WHOLE,
  asksFor: (stream) => stream,
  ask: (call) =>
    outcomeOf(async () => {
      const { stream: _, ...body } = call.body;
      const stream = clientOf(call).messages.stream(body as never);
      return readMessage((await stream.finalMessage()) as unknown as Json);
    }),
};

function clientOf({ origin, key }: ClientCall): Anthropic {
  return new Anthropic({ baseURL: origin, apiKey: key, ...ASK_ONCE });
}
