import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/kernel/clock.ts';
import { type ServedSimulator, serveSimulator } from '../../src/sim/server.ts';
import { Simulator } from '../../src/sim/simulator.ts';
import { ServedGateway } from './served-gateway.ts';

/** A picture of one pixel. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=';
const QUESTION = 'Compare the weather and the harbour of Genoa';

let chat: Upstream;
let messages: Upstream;
let gateway: ServedGateway;
let openai: OpenAI;
let anthropic: Anthropic;

/** Two providers with books of their own: one speaks Chat Completions to the gateway, the other one Messages. */
interface Upstream {
  readonly simulator: Simulator;
  readonly served: ServedSimulator;
}

async function upstream(): Promise<Upstream> {
  const simulator = new Simulator({ seed: 7, clock: systemClock });
  return { simulator, served: await serveSimulator({ simulator, host: '127.0.0.1', port: 0, clock: systemClock }) };
}

beforeAll(async () => {
  [chat, messages] = await Promise.all([upstream(), upstream()]);
  const price = '{ input_usd_per_million: "0.15", output_usd_per_million: "0.60" }';
  gateway = await ServedGateway.start({
    config: `
providers:
  gpt:
    preset: openai-compatible
    base_url: http://127.0.0.1:${chat.served.port}/v1
    api_key: sk-upstream-0123456789
    prices: { sim-small: ${price}, sim-reasoner: ${price} }
  claude:
    preset: anthropic
    base_url: http://127.0.0.1:${messages.served.port}/v1
    api_key: sk-upstream-0123456789
    prices: { sim-small: ${price}, sim-reasoner: ${price} }
routes:
  gpt-then-claude: { targets: [gpt/sim-small, claude/sim-small] }
  claude-then-gpt: { targets: [claude/sim-small, gpt/sim-small] }
`,
  });
  openai = new OpenAI({ apiKey: gateway.key, baseURL: gateway.baseURL, maxRetries: 0 });
  anthropic = new Anthropic({ apiKey: gateway.key, baseURL: gateway.url, maxRetries: 0 });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  for (const { simulator, served } of [chat, messages]) {
    expect(simulator.counts().active).toBe(0);
    await served.close();
  }
});

beforeEach(() => {
  chat.simulator.setFaults([]);
  messages.simulator.setFaults([]);
});

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const names = ['get_weather', 'find_harbour'];
const functions = names.map((name) => ({
  type: 'function' as const,
  function: { name, description: `${name} of a city`, parameters },
}));
const tools = names.map(
  (name): Anthropic.Tool => ({
    name,
    description: `${name} of a city`,
    input_schema: { ...parameters, type: 'object' },
  }),
);

/** What a client keeps of an answer of Chat Completions, thoughts included, and gives back with its next question. */
type Kept = OpenAI.ChatCompletionMessage & {
  readonly reasoning_content?: string;
  readonly reasoning_details?: unknown;
};

const picture: OpenAI.ChatCompletionContentPart[] = [
  { type: 'text', text: QUESTION },
  { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL}` } },
];

describe.each(['gpt/sim-reasoner', 'claude/sim-small'])('the openai client at %s', (model) => {
  const asked: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: picture }];
  const settings = { model, tools: functions, max_completion_tokens: 4_000, reasoning_effort: 'low' as const };

  test('takes two turns with a picture, thoughts and tools called at once', async () => {
    const first = await openai.chat.completions.create({ ...settings, messages: asked });
    const said = first.choices[0]?.message as Kept;
    const calls = said.tool_calls?.filter((call) => call.type === 'function') ?? [];
    expect(calls.map((call) => call.function.name).sort()).toEqual([...names].sort());
    expect(first.choices[0]?.finish_reason).toBe('tool_calls');
    expect(said.reasoning_content).not.toBe('');
    expect(first.usage?.completion_tokens_details?.reasoning_tokens).toBeGreaterThan(0);
    const results = calls.map(
      (call): OpenAI.ChatCompletionMessageParam => ({
        role: 'tool',
        tool_call_id: call.id,
        content: `result of ${call.function.name}`,
      }),
    );
    const second = await openai.chat.completions.create({ ...settings, messages: [...asked, said, ...results] });
    expect(second.choices[0]?.finish_reason).toBe('stop');
    for (const name of names) expect(second.choices[0]?.message.content).toContain(`result of ${name}`);
  });

  test('reads the same calls in a stream', async () => {
    const stream = openai.chat.completions.stream({
      ...settings,
      messages: asked,
      stream_options: { include_usage: true },
    });
    const streamed = await stream.finalChatCompletion();
    const calls = streamed.choices[0]?.message.tool_calls ?? [];
    expect(calls.map((call) => (call.type === 'function' ? call.function.name : '')).sort()).toEqual([...names].sort());
    for (const call of calls)
      expect(JSON.parse(call.type === 'function' ? call.function.arguments : '')).toBeTypeOf('object');
    expect(streamed.usage?.total_tokens).toBeGreaterThan(0);
  });
});

describe.each(['claude/sim-small', 'gpt/sim-reasoner'])('the Anthropic client at %s', (model) => {
  const content: Anthropic.ContentBlockParam[] = [
    { type: 'text', text: QUESTION },
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL } },
  ];
  const asked: Anthropic.MessageParam[] = [{ role: 'user', content }];
  const settings = { model, max_tokens: 4_000, tools, thinking: { type: 'enabled', budget_tokens: 1_024 } as const };

  test('takes two turns with a picture, signed thoughts and tools called at once', async () => {
    const first = await anthropic.messages.stream({ ...settings, messages: asked }).finalMessage();
    const calls = first.content.filter((block) => block.type === 'tool_use');
    expect(calls.map(({ name }) => name).sort()).toEqual([...names].sort());
    expect(first.stop_reason).toBe('tool_use');
    const thought = first.content.find((block) => block.type === 'thinking');
    expect(thought?.thinking).not.toBe('');
    expect(thought?.signature).not.toBe('');
    const results = calls.map(
      ({ id, name }, index): Anthropic.ToolResultBlockParam => ({
        type: 'tool_result',
        tool_use_id: id,
        is_error: index > 0,
        content: [
          { type: 'text', text: `result of ${name}` },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL } },
        ],
      }),
    );
    const turns: Anthropic.MessageParam[] = [
      ...asked,
      { role: 'assistant', content: first.content },
      { role: 'user', content: results },
    ];
    const second = await anthropic.messages.create({ ...settings, messages: turns });
    expect(second.stop_reason).toBe('end_turn');
    const text = second.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
    for (const name of names) expect(text).toContain(`result of ${name}`);
  });
});

describe('a route falls over to the other dialect before the first byte', () => {
  const down = [{ fault: { kind: 'status', code: 503 } }] as const;

  test.each([true, false])('GPT to Claude, streamed: %s', async (stream) => {
    chat.simulator.setFaults([...down]);
    const call = { model: 'route/gpt-then-claude', messages: [{ role: 'user' as const, content: QUESTION }] };
    if (stream) {
      const { data, response } = await openai.chat.completions.create({ ...call, stream }).withResponse();
      let text = '';
      for await (const chunk of data) text += chunk.choices[0]?.delta.content ?? '';
      expect(text).not.toBe('');
      expect(response.headers.get('x-leeward-provider')).toBe('claude');
      expect(response.headers.get('x-leeward-attempts')).toBe('2');
      return;
    }
    const { data, response } = await openai.chat.completions.create(call).withResponse();
    expect(data).toMatchObject({ object: 'chat.completion', choices: [{ finish_reason: 'stop' }] });
    expect(data.id).toMatch(/^chatcmpl-/);
    expect(response.headers.get('x-leeward-provider')).toBe('claude');
  });

  test.each([true, false])('Claude to GPT, streamed: %s', async (stream) => {
    messages.simulator.setFaults([...down]);
    const call = {
      model: 'route/claude-then-gpt',
      max_tokens: 500,
      messages: [{ role: 'user' as const, content: QUESTION }],
    };
    if (stream) {
      const { data, response } = await anthropic.messages.stream(call).withResponse();
      const message = await data.finalMessage();
      expect(message).toMatchObject({ type: 'message', stop_reason: 'end_turn', content: [{ type: 'text' }] });
      expect(response.headers.get('x-leeward-provider')).toBe('gpt');
      expect(response.headers.get('x-leeward-attempts')).toBe('2');
      return;
    }
    const { data, response } = await anthropic.messages.create(call).withResponse();
    expect(data).toMatchObject({ type: 'message', stop_reason: 'end_turn', content: [{ type: 'text' }] });
    expect(data.id).toMatch(/^msg_/);
    expect(response.headers.get('x-leeward-provider')).toBe('gpt');
  });

  test('when neither answers, each client meets an error of its own vendor', async () => {
    chat.simulator.setFaults([...down]);
    messages.simulator.setFaults([...down]);
    const question = [{ role: 'user' as const, content: QUESTION }];
    await expect(
      openai.chat.completions.create({ model: 'route/gpt-then-claude', messages: question }),
    ).rejects.toBeInstanceOf(OpenAI.InternalServerError);
    await expect(
      anthropic.messages.create({ model: 'route/gpt-then-claude', max_tokens: 100, messages: question }),
    ).rejects.toMatchObject({ error: { type: 'error' } });
  });
});
