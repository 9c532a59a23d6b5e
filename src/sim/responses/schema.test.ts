import { Response } from '@effect/ai-openai/Generated';
import { ResponseStreamEvent } from '@effect/ai-openai/OpenAiClient';
import { Schema } from 'effect';
import { beforeAll, expect, test } from 'vitest';
import { ready } from '../testing.ts';
import { respond, simulatorWith, streamed } from './testing.ts';

beforeAll(ready);

const look = { type: 'function', name: 'look_harbor', parameters: { type: 'object' } };
const ASKED: readonly (readonly [string, object])[] = [
  ['a text', {}],
  ['thoughts with a summary', { model: 'sim-reasoner', reasoning: { summary: 'detailed' }, store: false }],
  ['a call', { tools: [look] }],
  ['a refusal', { input: 'SIM_REFUSAL' }],
  ['an answer that was cut', { max_output_tokens: 16 }],
  ['a web search', { tools: [{ type: 'web_search' }] }],
  ['a file search', { tools: [{ type: 'file_search', vector_store_ids: ['vs_1'] }] }],
  ['code', { tools: [{ type: 'code_interpreter', container: { type: 'auto' } }] }],
  ['a picture', { tools: [{ type: 'image_generation' }] }],
  ['log probabilities', { include: ['message.output_text.logprobs'], top_logprobs: 1 }],
];

const readResponse = Schema.decodeUnknownSync(Response);
const readEvent = Schema.decodeUnknownSync(ResponseStreamEvent);

test.each(ASKED)('%s is what the published schema says, whole and streamed', (_what, body) => {
  expect(() => readResponse(respond(simulatorWith(), body).json)).not.toThrow();
  const { data } = streamed(simulatorWith(), body);
  expect(data.length).toBeGreaterThan(5);
  for (const event of data) expect(() => readEvent(event), event.type).not.toThrow();
});
