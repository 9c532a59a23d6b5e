import OpenAI from 'openai';
import { expect, test } from 'vitest';
import { readAnswer } from './answer.ts';
import { textAnswer } from './text-answer.ts';

const SAID = 'Nobody is there now – 再见';

function sdk(stream: boolean): OpenAI {
  const { contentType, body } = textAnswer(SAID, { id: 'call_01ab', model: 'm', at: 5_000, stream });
  return new OpenAI({
    apiKey: 'x',
    baseURL: 'http://127.0.0.1:9',
    fetch: async () => new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }),
  });
}

test('a text of the gateway’s own is the same answer whole and streamed', async () => {
  const whole = await sdk(false).responses.create({ model: 'm', input: 'x' });
  expect(whole).toMatchObject({ id: 'resp_01ab', status: 'completed', output_text: SAID, created_at: 5 });
  const stream = sdk(true).responses.stream({ model: 'm', input: 'x' });
  const numbers: number[] = [];
  for await (const event of stream) numbers.push(event.sequence_number);
  expect(numbers).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  const streamed = await stream.finalResponse();
  expect(streamed).toMatchObject({ id: 'resp_01ab', status: 'completed', output_text: SAID, usage: whole.usage });
});

test('its usage is none', () => {
  const { body } = textAnswer(SAID, { id: 'call_1', model: 'm', at: 0, stream: false });
  const facts = readAnswer(body);
  expect(facts).toMatchObject({ usage: { inputTokens: 0, outputTokens: 0 }, finishReason: 'completed' });
  expect(facts.output?.()).toBe(SAID);
});
