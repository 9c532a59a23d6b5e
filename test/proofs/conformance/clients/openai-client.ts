import OpenAI from 'openai';
import { readChunks, readCompletion } from '../chat-reader.ts';
import type { Json } from '../json.ts';
import type { Reading } from '../reading.ts';
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
  'choices',
  'error',
];

/** The vendor's client: whole answers as they are, streams chunk by chunk. */
export const openAiClient: Client = {
  name: 'openai',
  dialect: 'openai-chat',
  reads: WHOLE,
  asksFor: () => true,
  ask: (call) =>
    outcomeOf(async () => {
      const completions = clientOf(call).chat.completions;
      if (!call.stream) {
        const answer: unknown = await completions.create(call.body as never);
        return readCompletion(answer as Json);
      }
      const chunks: Json[] = [];
      const stream: unknown = await completions.create({ ...call.body, stream: true } as never);
      for await (const chunk of stream as AsyncIterable<Json>) chunks.push(chunk);
      return readChunks(chunks.map((data) => ({ event: undefined, data })));
    }),
};

/** Its helper that puts a stream together; what OpenAI's own answers do not have, it keeps the last piece of. */
export const openAiStreamHelper: Client = {
  name: 'openai .stream()',
  dialect: 'openai-chat',
  reads: ['text', 'refusal', 'toolCalls', 'finish', 'usage', 'choices'],
  asksFor: (stream) => stream,
  knows: (_, reading) => isOneJson(reading),
  ask: (call) =>
    outcomeOf(async () => {
      const { stream: _, ...body } = call.body;
      const stream = clientOf(call).chat.completions.stream(body as never);
      return readCompletion((await stream.finalChatCompletion()) as unknown as Json);
    }),
};

function clientOf({ origin, key }: ClientCall): OpenAI {
  return new OpenAI({ baseURL: `${origin}/v1`, apiKey: key, ...ASK_ONCE });
}
