import OpenAI from 'openai';
import type { Json } from '../json.ts';
import type { Reading } from '../reading.ts';
import { readResponse, readResponseStream } from '../responses-reader.ts';
import { ASK_ONCE, type Client, type ClientCall, isOneJson, outcomeOf } from './client.ts';

const WHOLE: readonly (keyof Reading)[] = [
  'text',
  'reasoning',
  'refusal',
  'toolCalls',
  'signatures',
  'sealed',
  'foreignSeals',
  'finish',
  'usage',
  'webCitations',
  'logprobs',
  'hosted',
  'error',
];

/** The vendor's client: whole answers as they are, streams event by event. */
export const responsesClient: Client = {
  name: 'openai responses',
  dialect: 'openai-responses',
  reads: WHOLE,
  asksFor: () => true,
  ask: (call) =>
    outcomeOf(async () => {
      const { responses } = clientOf(call);
      if (!call.stream) {
        const answer: unknown = await responses.create(call.body as never);
        return readResponse(answer as Json);
      }
      const events: Json[] = [];
      const stream: unknown = await responses.create({ ...call.body, stream: true } as never);
      for await (const event of stream as AsyncIterable<Json>) events.push(event);
      return readResponseStream(events.map((data) => ({ event: undefined, data })));
    }),
};

/**
 * Its helper that puts a stream together, strict about items and parts that were
 * never added. It hands on the last event's answer, in which OpenAI seals a
 * thought anew.
 */
export const responsesStreamHelper: Client = {
  name: 'openai responses.stream()',
  dialect: 'openai-responses',
  reads: WHOLE.filter((member) => member !== 'foreignSeals'),
  asksFor: (stream) => stream,
  knows: (_, reading) => isOneJson(reading),
  ask: (call) =>
    outcomeOf(async () => {
      const { stream: _, ...body } = call.body;
      const stream = clientOf(call).responses.stream(body as never);
      return readResponse((await stream.finalResponse()) as unknown as Json);
    }),
};

function clientOf({ origin, key }: ClientCall): OpenAI {
  return new OpenAI({ baseURL: `${origin}/v1`, apiKey: key, ...ASK_ONCE });
}
