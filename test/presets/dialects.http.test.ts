import { setTimeout as wait } from 'node:timers/promises';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { expect, test } from 'vitest';
import { TestGateway } from '../support/gateway.ts';
import { MESSAGES } from '../support/hand/upstream.ts';
import { answerBytes, httpChunk, LAST_CHUNK, RawUpstream, STREAM_HEAD } from '../support/raw-upstream.ts';
import { presetGateway } from './preset-gateway.ts';

/** Both vendors' own clients before a provider of either dialect, over real sockets. */

const KEY = 'sk-preset-canary-0123456789';
const DELTA = 'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}\n\n';
const FINISH = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
const HELLO = [{ role: 'user' as const, content: 'hello' }];

async function claude() {
  const upstream = await RawUpstream.start((socket) => {
    socket.write(answerBytes(200, 'application/json', MESSAGES.answer));
  });
  const yaml = `providers:\n  anthropic: { base_url: "${upstream.baseUrl}", api_key: "\${env:KEY}" }\n`;
  const { gateway } = await presetGateway(yaml, { KEY });
  return {
    upstream,
    gateway,
    async [Symbol.asyncDispose](): Promise<void> {
      await gateway[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

test('Anthropic is asked in its own way, whichever dialect the client speaks', async () => {
  await using house = await claude();
  const { upstream, gateway } = house;
  const openai = new OpenAI({ apiKey: gateway.key, baseURL: gateway.baseUrl, maxRetries: 0 });
  const headers = { 'openai-beta': 'assistants=v2' };
  const chat = await openai.chat.completions.create(
    { model: 'anthropic/claude-sonnet-4-5', messages: HELLO, max_completion_tokens: 9 },
    { headers },
  );
  const anthropic = new Anthropic({
    apiKey: gateway.key,
    baseURL: gateway.baseUrl.replace(/\/v1$/, ''),
    maxRetries: 0,
    defaultHeaders: { 'anthropic-beta': 'some-beta' },
  });
  const message = await anthropic.messages.create({
    model: 'anthropic/claude-sonnet-4-5',
    messages: HELLO,
    max_tokens: 9,
  });
  expect(chat.choices[0]?.message.content).toBe('hi');
  expect(message.content).toMatchObject([{ type: 'text', text: 'hi' }]);

  const [translated, native] = upstream.seen;
  for (const asked of [translated, native]) {
    expect(asked?.head).toMatch(/^POST \/v1\/messages HTTP/);
    expect(asked?.head).toContain(`x-api-key: ${KEY}`);
    expect(asked?.head.match(/anthropic-version: /g)).toHaveLength(1);
    expect(asked?.head).not.toMatch(/authorization/i);
    expect(asked?.head).not.toContain(gateway.key);
    expect(JSON.parse(asked?.body ?? '')).toMatchObject({ model: 'claude-sonnet-4-5', max_tokens: 9 });
  }
  expect(translated?.head).toContain('anthropic-version: 2023-06-01');
  expect(translated?.head).not.toMatch(/beta/);
  expect(native?.head).toContain('anthropic-beta: some-beta');
});

test('a call across dialects is priced like any other', async () => {
  await using house = await claude();
  const { gateway } = house;
  await gateway.post('/v1/chat/completions', { model: 'anthropic/claude-sonnet-4-5', messages: HELLO, max_tokens: 9 });
  // 4 tokens at $3 and 2 at $15 a million.
  expect(gateway.ends.at(-1)).toMatchObject({ costNanoUsd: String(4 * 3_000 + 2 * 15_000), usageSource: 'provider' });
});

test('Anthropic’s client reads over the pings of a silent stream of another dialect', async () => {
  await using upstream = await RawUpstream.start(async (socket) => {
    socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), httpChunk(DELTA), httpChunk(FINISH.slice(0, 20))]));
    await wait(450);
    socket.write(Buffer.concat([httpChunk(FINISH.slice(20)), Buffer.from(LAST_CHUNK)]));
  });
  await using gateway = await TestGateway.start({ upstreams: { up: upstream.baseUrl }, pingMs: 100 });
  const body = { model: 'up/m', stream: true, max_tokens: 9, messages: HELLO };
  const text = await (await gateway.post('/v1/messages', body)).text();
  expect(text.split('event: ping\ndata: {"type": "ping"}\n\n').length).toBeGreaterThanOrEqual(3);
  expect(text.startsWith('event: message_start\n')).toBe(true);
  expect(text).not.toContain(': ping\n\n:');

  const client = new Anthropic({ apiKey: gateway.key, baseURL: gateway.baseUrl.replace(/\/v1$/, ''), maxRetries: 0 });
  const said = client.messages.stream({ model: 'up/m', max_tokens: 9, messages: HELLO });
  expect((await said.finalMessage()).content).toMatchObject([{ type: 'text', text: 'hi' }]);
});
