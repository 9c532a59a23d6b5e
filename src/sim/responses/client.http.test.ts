import OpenAI from 'openai';
import type { ResponseInputItem, ResponseStreamEvent } from 'openai/resources/responses/responses';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../kernel/clock.ts';
import { type ServedSimulator, serveSimulator } from '../server.ts';
import { Simulator } from '../simulator.ts';

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

const model = 'sim-reasoner';
const question = 'Compare the weather and the harbour of Genoa';
const tools = ['get_weather', 'find_harbour'].map((name) => ({
  type: 'function' as const,
  name,
  description: `${name} of a city`,
  strict: true,
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
}));

function resultsOf(response: OpenAI.Responses.Response): ResponseInputItem[] {
  return response.output
    .filter((item) => item.type === 'function_call')
    .map(({ call_id }, index) => ({ type: 'function_call_output', call_id, output: `result ${index}` }));
}

test('the official client creates a response, and its stream helper puts the same one together', async () => {
  const whole = await client.responses.create({ model: 'sim-small', input: question });
  expect(whole.output_text).toContain('weather harbour Genoa');
  expect(whole).toMatchObject({ status: 'completed', object: 'response', error: null, incomplete_details: null });
  const names: string[] = [];
  const stream = client.responses.stream({ model: 'sim-small', input: question });
  stream.on('event', ({ type }) => names.push(type));
  const streamed = await stream.finalResponse();
  expect(streamed.output_text).toBe(whole.output_text);
  expect(streamed.usage).toEqual(whole.usage);
  expect(names.filter((name) => !name.endsWith('.delta'))).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.content_part.added',
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.completed',
  ]);
});

test('two turns with parallel tools and thoughts that come back encrypted, with nothing stored', async () => {
  const settings = {
    model,
    tools,
    store: false,
    include: ['reasoning.encrypted_content' as const],
    reasoning: { effort: 'low' as const, summary: 'auto' as const },
  };
  const first = await client.responses.stream({ ...settings, input: question }).finalResponse();
  expect(first.output.map(({ type }) => type)).toEqual(['reasoning', 'function_call', 'function_call']);
  const [thought] = first.output;
  expect(thought).toMatchObject({ encrypted_content: expect.stringMatching(/^gAAAAA/), summary: [{}] });
  expect(first.usage?.output_tokens_details.reasoning_tokens).toBeGreaterThan(0);
  const history = [{ role: 'user' as const, content: question }, ...first.output, ...resultsOf(first)];
  const second = await client.responses.create({ ...settings, input: history as ResponseInputItem[] });
  expect(second.output_text).toContain('The tool returned: result 0 The tool returned: result 1');
});

test('one call alone where parallel ones are off, the one that must be, and those that are allowed', async () => {
  const one = await client.responses.create({ model, input: question, tools, parallel_tool_calls: false });
  expect(one.output.filter(({ type }) => type === 'function_call')).toHaveLength(1);
  const must = { type: 'function' as const, name: 'find_harbour' };
  const named = await client.responses.create({ model, input: question, tools, tool_choice: must });
  expect(named.output.slice(1)).toMatchObject([{ name: 'find_harbour' }]);
  const allowed = { type: 'allowed_tools' as const, mode: 'auto' as const, tools: [must] };
  const only = await client.responses.create({ model, input: question, tools, tool_choice: allowed });
  expect(only.output.slice(1)).toMatchObject([{ name: 'find_harbour' }]);
});

test('a conversation goes on from a stored response, whose input is listed', async () => {
  const first = await client.responses.create({ model, input: question, tools });
  const second = await client.responses.create({
    model,
    previous_response_id: first.id,
    input: resultsOf(first),
    tools,
  });
  expect(second.output_text).toContain('The tool returned: result 0');
  expect(second.usage?.input_tokens).toBeGreaterThan(first.usage?.input_tokens ?? 0);
  expect(await client.responses.retrieve(second.id)).toMatchObject({ output_text: second.output_text });
  const listed = await client.responses.inputItems.list(second.id, { order: 'asc', limit: 1 });
  expect(listed.data).toMatchObject([{ type: 'function_call_output', output: 'result 0' }]);
  expect(listed.has_more).toBe(true);
  const all: unknown[] = [];
  for await (const item of client.responses.inputItems.list(second.id, { limit: 1 })) all.push(item);
  expect(all).toHaveLength(2);
  await client.responses.delete(second.id);
  await expect(client.responses.retrieve(second.id)).rejects.toThrow(`Response with id '${second.id}' not found.`);
});

test('a response in the background is under way, then made, and can be cancelled before', async () => {
  const slow = { model: 'sim-slow', input: question, background: true };
  const queued = await client.responses.create(slow);
  expect(queued.status).toBe('queued');
  expect((await client.responses.retrieve(queued.id)).status).toBe('in_progress');
  expect((await client.responses.cancel(queued.id)).status).toBe('cancelled');
  const fast = await client.responses.create({ ...slow, model: 'sim-small' });
  await expect
    .poll(async () => (await client.responses.retrieve(fast.id)).status, { timeout: 5_000 })
    .toBe('completed');
  const plain = await client.responses.create({ model: 'sim-small', input: question });
  await expect(client.responses.cancel(plain.id)).rejects.toThrow('Cannot cancel a synchronous response.');
});

test('input is counted as it is billed, and folded into an item that only the provider reads', async () => {
  const counted = await client.responses.inputTokens.count({ model: 'sim-small', input: question });
  const answered = await client.responses.create({ model: 'sim-small', input: question });
  expect(counted.input_tokens).toBe(answered.usage?.input_tokens);
  const input = [{ role: 'user' as const, content: question }, ...answered.output] as ResponseInputItem[];
  const folded = await client.responses.compact({ model: 'sim-small', input });
  expect(folded.output.map(({ type }) => type)).toEqual(['message', 'compaction']);
  const more = { role: 'user' as const, content: 'And the lighthouse?' };
  const next = await client.responses.create({
    model: 'sim-small',
    input: [...(folded.output as ResponseInputItem[]), more],
  });
  expect(next.output_text).toContain('lighthouse');
});

test('a schema is kept to, a custom tool gets its text, and a wrong key is refused', async () => {
  const schema = { type: 'object', properties: { port: { type: 'string' } }, required: ['port'] };
  const format = { type: 'json_schema' as const, name: 'port', schema, strict: false };
  const parsed = await client.responses.create({ model: 'sim-small', input: question, text: { format } });
  expect(JSON.parse(parsed.output_text)).toEqual({ port: expect.any(String) });
  const grammar = { type: 'grammar' as const, syntax: 'regex' as const, definition: '[A-Z]{3}-\\d{2}' };
  const custom = [{ type: 'custom' as const, name: 'find_harbour', format: grammar }];
  const events: ResponseStreamEvent[] = [];
  const settings = { model: 'sim-small', input: question, tools: custom, stream: true as const };
  for await (const event of await client.responses.create(settings)) events.push(event);
  const done = events.find(({ type }) => type === 'response.custom_tool_call_input.done');
  expect(done).toMatchObject({ input: expect.stringMatching(/^[A-Z]{3}-\d{2}$/) });
  const stranger = new OpenAI({ apiKey: 'sk-none', baseURL: client.baseURL, maxRetries: 0 });
  await expect(stranger.responses.create({ model, input: question })).rejects.toMatchObject({
    status: 401,
    code: 'invalid_api_key',
  });
});
