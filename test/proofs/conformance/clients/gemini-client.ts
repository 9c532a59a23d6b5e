import { GoogleGenAI } from '@google/genai';
import { readGenerated, readGeneratedStream } from '../gemini-reader.ts';
import { type Json, textOf } from '../json.ts';
import type { Reading } from '../reading.ts';
import { ASK_ONCE, type Client, outcomeOf } from './client.ts';

const WHOLE: readonly (keyof Reading)[] = [
  'text',
  'reasoning',
  'toolCalls',
  'signatures',
  'sealed',
  'foreignSeals',
  'textSeals',
  'finish',
  'usage',
  'webCitations',
  'logprobs',
  'choices',
  'hosted',
  'error',
];

/** The vendor's client: whole answers and streams, event by event. The request is put in the place of its own. */
export const geminiClient: Client = {
  name: '@google/genai',
  dialect: 'gemini',
  reads: WHOLE,
  asksFor: () => true,
  ask: ({ origin, key, body, stream }) =>
    outcomeOf(async () => {
      const { model, stream: _, ...extraBody } = body;
      const httpOptions = { baseUrl: origin, apiVersion: 'v1beta', extraBody, timeout: ASK_ONCE.timeout };
      const { models } = new GoogleGenAI({ apiKey: key, httpOptions });
      const asked = { model: textOf(model) ?? 'm', contents: 'x' };
      if (!stream) return readGenerated(plain(await models.generateContent(asked)));
      const events: Json[] = [];
      for await (const event of await models.generateContentStream(asked)) events.push(plain(event));
      return readGeneratedStream(events.map((data) => ({ event: undefined, data })));
    }),
};

/** Without the getters of its class, which warn of what they leave out. */
function plain(answer: object): Json {
  return { ...(answer as unknown as Record<string, unknown>) };
}
