import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TestGateway } from '../../../test/support/gateway.ts';
import { geminiProvider } from '../../../test/support/gemini-provider.ts';
import { systemClock } from '../../kernel/clock.ts';
import { type ServedSimulator, serveSimulator } from '../../sim/server.ts';
import { Simulator } from '../../sim/simulator.ts';

/* Clients of other dialects, unmodified, over a provider that speaks Gemini and nothing else. */

const QUESTION = 'Compare the weather and the harbour of Genoa';
const NAMES = ['get_weather', 'find_harbour'];
const MODEL = 'google/sim-reasoner';
const parameters = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] };

let simulator: Simulator;
let served: ServedSimulator;
let gateway: TestGateway;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  simulator = new Simulator({ seed: 7, clock: systemClock });
  served = await serveSimulator({ simulator, host: '127.0.0.1', port: 0, clock: systemClock });
  const baseUrl = `http://127.0.0.1:${served.port}`;
  const google = geminiProvider('google', `${baseUrl}/v1beta`);
  gateway = await TestGateway.start({ upstreams: { chat: `${baseUrl}/v1` }, providers: [google] });
  const address = `http://127.0.0.1:${gateway.port}`;
  openai = new OpenAI({ apiKey: gateway.key, baseURL: `${address}/v1`, maxRetries: 0 });
  anthropic = new Anthropic({ apiKey: gateway.key, baseURL: address, maxRetries: 0 });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  expect(simulator.counts().active).toBe(0);
  await served.close();
});

beforeEach(() => simulator.setFaults([]));

describe('Chat Completions', () => {
  const settings = {
    model: MODEL,
    max_completion_tokens: 4_000,
    reasoning_effort: 'low' as const,
    tools: NAMES.map((name) => ({
      type: 'function' as const,
      function: { name, description: `${name} of a city`, parameters },
    })),
  };
  const asked: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: QUESTION }];

  test('two streamed turns, with signed calls at once', async () => {
    const first = await openai.chat.completions
      .stream({ ...settings, messages: asked, stream_options: { include_usage: true } })
      .finalChatCompletion();
    const said = first.choices[0]?.message;
    const calls = said?.tool_calls ?? [];
    expect(first.choices[0]?.finish_reason).toBe('tool_calls');
    expect(calls.map((call) => (call.type === 'function' ? call.function.name : '')).sort()).toEqual([...NAMES].sort());
    expect(first.usage?.completion_tokens_details?.reasoning_tokens).toBeGreaterThan(0);
    const results = calls.map(({ id }): OpenAI.ChatCompletionMessageParam => {
      return { role: 'tool', tool_call_id: id, content: `result of ${id}` };
    });
    const messages = [...asked, said as OpenAI.ChatCompletionMessageParam, ...results.toReversed()];
    const second = await openai.chat.completions.stream({ ...settings, messages }).finalChatCompletion();
    expect(second.choices[0]?.finish_reason).toBe('stop');
    for (const { id } of calls) expect(second.choices[0]?.message.content).toContain(`result of ${id}`);
  });

  test('an answer that is not streamed, of a schema', async () => {
    const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
    const answer = await openai.chat.completions.create({
      model: MODEL,
      messages: asked,
      response_format: { type: 'json_schema', json_schema: { name: 'n', schema } },
    });
    expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toHaveProperty('city');
    expect(answer.usage?.total_tokens).toBeGreaterThan(0);
  });

  test('an error in the place of an answer is a status, also of a stream', async () => {
    simulator.setFaults([{ fault: { kind: 'error-event', afterEvents: 0, status: 429 } }]);
    await expect(openai.chat.completions.create({ ...settings, messages: asked, stream: true })).rejects.toBeInstanceOf(
      OpenAI.RateLimitError,
    );
  });

  test.each([
    ['an error after the answer began', { kind: 'error-event', afterEvents: 3, status: 500 }],
    ['a stream that is cut', { kind: 'cut', afterEvents: 3, framing: 'clean' }],
  ] as const)("%s ends in the client's own error", async (_, fault) => {
    simulator.setFaults([{ fault }]);
    // On a busy machine all of it may come at once, before anything was passed on: then it is a status.
    const read = async () => {
      const stream = await openai.chat.completions.create({ ...settings, messages: asked, stream: true });
      for await (const chunk of stream) expect(chunk.choices[0]?.finish_reason ?? null).toBeNull();
    };
    await expect(read()).rejects.toBeInstanceOf(OpenAI.APIError);
  });
});

describe('Messages', () => {
  const settings = {
    model: MODEL,
    max_tokens: 4_000,
    thinking: { type: 'enabled', budget_tokens: 1_024 } as const,
    tools: NAMES.map((name): Anthropic.Tool => ({ name, description: `${name} of a city`, input_schema: parameters })),
  };
  const asked: Anthropic.MessageParam[] = [{ role: 'user', content: QUESTION }];

  test('two streamed turns, with signed calls at once', async () => {
    const first = await anthropic.messages.stream({ ...settings, messages: asked }).finalMessage();
    // What Google signed stands in a thought of nothing before the call that it belongs to.
    expect(first.content.map(({ type }) => type)).toEqual(['thinking', 'thinking', 'tool_use', 'tool_use']);
    expect(first.stop_reason).toBe('tool_use');
    const results = first.content.flatMap((block): Anthropic.ToolResultBlockParam[] =>
      block.type === 'tool_use'
        ? [{ type: 'tool_result', tool_use_id: block.id, content: `result of ${block.name}` }]
        : [],
    );
    const messages: Anthropic.MessageParam[] = [
      ...asked,
      { role: 'assistant', content: first.content },
      { role: 'user', content: results.toReversed() },
    ];
    const { data, response } = await anthropic.messages.stream({ ...settings, messages }).withResponse();
    const second = await data.finalMessage();
    expect(second.stop_reason).toBe('end_turn');
    const text = second.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
    for (const name of NAMES) expect(text).toContain(`result of ${name}`);
    expect(response.headers.get('x-leeward-warnings')).toBe('none');
    expect(gateway.records.at(-1)).toMatchObject({ usage: { outputTokens: second.usage.output_tokens } });
  });
});

describe('Responses', () => {
  const settings = {
    model: MODEL,
    store: false,
    reasoning: { effort: 'low', summary: 'auto' } as const,
    tools: NAMES.map((name) => ({ type: 'function' as const, name, parameters, strict: false })),
  };

  test('two streamed turns, with signed calls at once', async () => {
    const asked: OpenAI.Responses.ResponseInput = [{ role: 'user', content: QUESTION }];
    const first = await openai.responses.stream({ ...settings, input: asked }).finalResponse();
    const results = first.output.flatMap((item): OpenAI.Responses.ResponseInputItem[] =>
      item.type === 'function_call'
        ? [{ type: 'function_call_output', call_id: item.call_id, output: `result of ${item.name}` }]
        : [],
    );
    expect(results).toHaveLength(NAMES.length);
    const input = [...asked, ...(first.output as OpenAI.Responses.ResponseInput), ...results.toReversed()];
    const second = await openai.responses.stream({ ...settings, input }).finalResponse();
    expect(second.status).toBe('completed');
    for (const name of NAMES) expect(second.output_text).toContain(`result of ${name}`);
  });
});
