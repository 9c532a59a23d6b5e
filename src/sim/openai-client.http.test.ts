import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../kernel/clock.ts';
import { type ServedSimulator, serveSimulator } from './server.ts';
import { Simulator } from './simulator.ts';

let simulator: Simulator;
let served: ServedSimulator;
let client: OpenAI;

beforeAll(async () => {
  simulator = new Simulator({ seed: 5, clock: systemClock, requireKey: ['sk-sim'] });
  served = await serveSimulator({ simulator, host: '127.0.0.1', port: 0, clock: systemClock });
  client = new OpenAI({ apiKey: 'sk-sim', baseURL: `http://127.0.0.1:${served.port}/v1`, maxRetries: 0 });
});

afterAll(async () => {
  await served.close();
  expect(simulator.counts().active).toBe(0);
});

const messages = [{ role: 'user' as const, content: 'What is the weather in Genoa?' }];
const tools = [
  {
    type: 'function' as const,
    function: {
      name: 'get_weather',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  },
];

test('the official client creates, streams and sums up', async () => {
  const whole = await client.chat.completions.create({ model: 'sim-small', messages });
  const content = whole.choices[0]?.message.content;
  expect(content).toContain('weather Genoa');
  const stream = client.chat.completions.stream({
    model: 'sim-small',
    messages,
    stream_options: { include_usage: true },
  });
  const final = await stream.finalChatCompletion();
  expect(final.choices[0]?.message.content).toBe(content);
  expect(final.usage).toEqual(whole.usage);
});

test('the official client runs a tool and gets an answer that mentions its result', async () => {
  const runner = client.chat.completions.runTools({
    model: 'sim-small',
    stream: true,
    messages,
    tools: [
      {
        type: 'function',
        function: {
          ...tools[0]?.function,
          name: 'get_weather',
          parse: JSON.parse,
          function: () => 'sunny, 21 degrees',
        } as never,
      },
    ],
  });
  expect(await runner.finalContent()).toContain('sunny, 21 degrees');
});

test('the official client reads streamed tool calls and embeddings', async () => {
  const called = await client.chat.completions.stream({ model: 'sim-small', messages, tools }).finalChatCompletion();
  const call = called.choices[0]?.message.tool_calls?.[0];
  expect(call?.type === 'function' && JSON.parse(call.function.arguments)).toHaveProperty('city');
  const vectors = await client.embeddings.create({ model: 'sim-embed', input: ['one', 'two'], dimensions: 32 });
  expect(vectors.data.map((item) => item.embedding.length)).toEqual([32, 32]);
  const models = await client.models.list();
  expect(models.data.map((model) => model.id)).toContain('sim-reasoner');
  const legacy = await client.completions.create({ model: 'sim-small', prompt: 'Once' });
  expect(legacy.choices[0]?.finish_reason).toBe('length');
});

test('the official client meets the errors it knows', async () => {
  const stranger = new OpenAI({ apiKey: 'sk-other', baseURL: client.baseURL, maxRetries: 0 });
  await expect(stranger.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  await expect(client.chat.completions.create({ model: 'nope', messages })).rejects.toMatchObject({
    status: 404,
    code: 'model_not_found',
  });
  simulator.setFaults([{ times: 1, fault: { kind: 'status', code: 429 } }]);
  await expect(client.chat.completions.create({ model: 'sim-small', messages })).rejects.toBeInstanceOf(
    OpenAI.RateLimitError,
  );
  simulator.setFaults([{ times: 1, fault: { kind: 'error-event', afterEvents: 3 } }]);
  const stream = await client.chat.completions.create({ model: 'sim-small', messages, stream: true });
  const drain = async () => {
    for await (const chunk of stream) expect(chunk.object).toBe('chat.completion.chunk');
  };
  await expect(drain()).rejects.toBeInstanceOf(OpenAI.APIError);
});
