import Anthropic from '@anthropic-ai/sdk';
import { expect, test } from 'vitest';
import { readAnswer } from './answer.ts';
import { textAnswer } from './text-answer.ts';

const SAID = 'Nobody is there now – 再见';

function sdk(stream: boolean): Anthropic {
  const { contentType, body } = textAnswer(SAID, { id: 'call_01ab', model: 'm', at: 0, stream });
  return new Anthropic({
    apiKey: 'x',
    baseURL: 'http://127.0.0.1:9',
    fetch: async () => new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }),
  });
}

const QUESTION = { model: 'm', max_tokens: 1, messages: [] };

test('a text of the gateway’s own is the same message whole and streamed', async () => {
  const whole = await sdk(false).messages.create(QUESTION);
  expect(whole).toMatchObject({
    id: 'msg_01ab',
    role: 'assistant',
    content: [{ type: 'text', text: SAID }],
    stop_reason: 'end_turn',
  });
  const streamed = await sdk(true).messages.stream(QUESTION).finalMessage();
  // The SDK adds what it may have parsed.
  expect(streamed).toEqual({ ...whole, parsed_output: null });
});

test('its usage is none', () => {
  const { body } = textAnswer(SAID, { id: 'call_1', model: 'm', at: 0, stream: false });
  expect(readAnswer(body)).toMatchObject({ usage: { inputTokens: 0, outputTokens: 0 }, finishReason: 'end_turn' });
});
