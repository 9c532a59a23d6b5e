import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../kernel/clock.ts';
import { type ServedSimulator, serveSimulator } from '../server.ts';
import { Simulator } from '../simulator.ts';

let simulator: Simulator;
let served: ServedSimulator;
let client: Anthropic;

beforeAll(async () => {
  simulator = new Simulator({ seed: 5, clock: systemClock, requireKey: ['sk-sim'] });
  served = await serveSimulator({ simulator, host: '127.0.0.1', port: 0, clock: systemClock });
  client = new Anthropic({ apiKey: 'sk-sim', baseURL: `http://127.0.0.1:${served.port}`, maxRetries: 0 });
});

afterAll(async () => {
  await served.close();
  expect(simulator.counts().active).toBe(0);
});

const model = 'sim-small';
const question: Anthropic.MessageParam = { role: 'user', content: 'Compare the weather and the harbour of Genoa' };
const tools: Anthropic.Tool[] = ['get_weather', 'find_harbour'].map((name) => ({
  name,
  description: `${name} of a city`,
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}));
const thinking = { type: 'enabled', budget_tokens: 1_024 } as const;

/** A picture of one pixel. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=';

function answerTo(message: Anthropic.Message): Anthropic.MessageParam[] {
  const calls = message.content.filter((block) => block.type === 'tool_use');
  const results = calls.map(
    ({ id }, index): Anthropic.ToolResultBlockParam => ({
      type: 'tool_result',
      tool_use_id: id,
      is_error: index > 0,
      content: [
        { type: 'text', text: `result ${index}` },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL } },
      ],
    }),
  );
  return [question, { role: 'assistant', content: message.content }, { role: 'user', content: results }];
}

test('the official client creates a message, and streams the same one', async () => {
  const whole = await client.messages.create({ model, max_tokens: 500, messages: [question] });
  const [text] = whole.content;
  expect(text).toMatchObject({ type: 'text', text: expect.stringContaining('weather harbour Genoa') });
  expect(whole).toMatchObject({ stop_reason: 'end_turn', stop_sequence: null, model, role: 'assistant' });
  const streamed = await client.messages.stream({ model, max_tokens: 500, messages: [question] }).finalMessage();
  expect(streamed.content).toEqual(whole.content);
  expect(streamed.usage).toMatchObject({ ...whole.usage });
});

test('the official client takes two turns with parallel tools and thoughts whose signatures hold', async () => {
  const settings = { model, max_tokens: 2_000, tools, thinking };
  const first = await client.messages.stream({ ...settings, messages: [question] }).finalMessage();
  expect(first.content.map(({ type }) => type)).toEqual(['thinking', 'text', 'tool_use', 'tool_use']);
  expect(first.stop_reason).toBe('tool_use');
  expect(first.usage.output_tokens_details?.thinking_tokens).toBeGreaterThan(0);
  const second = await client.messages.create({ ...settings, messages: answerTo(first) });
  expect(second.content).toEqual([
    expect.objectContaining({
      text: expect.stringContaining('The tool returned: result 0 [1 file] The tool failed: result 1 [1 file]'),
    }),
  ]);
});

test('a thought that was changed is refused, and so is one that is missing', async () => {
  const settings = { model, max_tokens: 2_000, tools, thinking };
  const first = await client.messages.create({ ...settings, messages: [question] });
  const [thought, ...rest] = first.content;
  if (thought?.type !== 'thinking') throw new Error('the model did not think');
  const again = (content: Anthropic.ContentBlock[]) =>
    client.messages.create({ ...settings, messages: answerTo({ ...first, content }) });
  await expect(again([{ ...thought, thinking: `${thought.thinking}!` }, ...rest])).rejects.toMatchObject({
    status: 400,
    message: expect.stringContaining('messages.1.content.0: Invalid `signature` in `thinking` block'),
  });
  await expect(again([{ ...thought, signature: 'leeward-unsigned' }, ...rest])).rejects.toThrow('Invalid `signature`');
  await expect(again(rest)).rejects.toThrow(
    'messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `text`',
  );
});

test('thoughts that are kept back or redacted come back as they were given', async () => {
  const settings = { model, max_tokens: 2_000, tools };
  const omitted = { type: 'adaptive', display: 'omitted' } as const;
  const hidden = await client.messages.stream({ ...settings, thinking: omitted, messages: [question] }).finalMessage();
  expect(hidden.content[0]).toMatchObject({ type: 'thinking', thinking: '' });
  const next = await client.messages.create({ ...settings, thinking: omitted, messages: answerTo(hidden) });
  // Adaptive thinking thinks between tool calls too.
  expect(next.content.map(({ type }) => type)).toEqual(['thinking', 'text']);
  const plain = await client.messages.create({ ...settings, messages: [question] });
  const between = await client.messages.create({
    ...settings,
    thinking: { type: 'between_tools' },
    messages: answerTo(plain),
  });
  expect([plain, between].map(({ content }) => content[0]?.type)).toEqual(['text', 'thinking']);
  const magic = 'ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_1 and the weather';
  const redacted = await client.messages
    .stream({ ...settings, thinking, messages: [{ role: 'user', content: magic }] })
    .finalMessage();
  expect(redacted.content[0]?.type).toBe('redacted_thinking');
  const third = await client.messages.create({ ...settings, thinking, messages: answerTo(redacted) });
  expect(third.stop_reason).toBe('end_turn');
});

test('a marked beginning is written once and read the second time', async () => {
  const system: Anthropic.TextBlockParam[] = [
    { type: 'text', text: 'Keep the log of the harbor. '.repeat(400), cache_control: { type: 'ephemeral', ttl: '1h' } },
  ];
  const call = { model, max_tokens: 100, system, messages: [question] };
  const first = await client.messages.create(call);
  const written = first.usage.cache_creation_input_tokens ?? 0;
  expect(written).toBeGreaterThan(1_024);
  expect(first.usage.cache_creation).toEqual({ ephemeral_1h_input_tokens: written, ephemeral_5m_input_tokens: 0 });
  const second = await client.messages.create(call);
  expect(second.usage).toMatchObject({ cache_read_input_tokens: written, cache_creation_input_tokens: 0 });
  expect(second.usage.input_tokens).toBe(first.usage.input_tokens);
});

test('tokens are counted as a message is billed, pictures and tools too, and cost nothing', async () => {
  const content: Anthropic.ContentBlockParam[] = [
    { type: 'text', text: 'What is this?' },
    { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL } },
  ];
  const prompt = { model, messages: [{ role: 'user' as const, content }], tools };
  const billed = simulator.bill().length;
  const { input_tokens } = await client.messages.countTokens(prompt);
  expect(simulator.bill()).toHaveLength(billed);
  const message = await client.messages.create({ ...prompt, max_tokens: 100 });
  expect(message.usage.input_tokens).toBe(input_tokens);
  const models = await client.models.list();
  expect(models.data.map(({ id }) => id)).toEqual(expect.arrayContaining(['sim-small', 'sim-reasoner']));
  expect(await client.models.retrieve('sim-small')).toMatchObject({ type: 'model', max_tokens: 16_384 });
});

test('a hosted search brings results, citations and its count, and is taken back', async () => {
  const search = { type: 'web_search_20250305', name: 'web_search' } as const;
  const settings = { model, max_tokens: 500, tools: [search] };
  const first = await client.messages.stream({ ...settings, messages: [question] }).finalMessage();
  expect(first.content.map(({ type }) => type)).toEqual([
    'server_tool_use',
    'web_search_tool_result',
    'text',
    'text',
    'text',
  ]);
  expect(first.content[3]).toMatchObject({ citations: [{ type: 'web_search_result_location' }] });
  expect(first.usage.server_tool_use?.web_search_requests).toBe(1);
  const messages: Anthropic.MessageParam[] = [
    question,
    { role: 'assistant', content: first.content },
    { role: 'user', content: 'Go on' },
  ];
  await client.messages.create({ ...settings, messages });
  const paused: Anthropic.MessageParam = { role: 'user', content: 'SIM_PAUSE_TURN search the harbour' };
  const half = await client.messages.create({ ...settings, messages: [paused] });
  expect(half.stop_reason).toBe('pause_turn');
  const rest = await client.messages.create({
    ...settings,
    messages: [paused, { role: 'assistant', content: half.content }],
  });
  expect(rest).toMatchObject({ stop_reason: 'end_turn', content: [{ type: 'text' }] });
});

test('the official client meets the errors it knows', async () => {
  const call = { model, max_tokens: 100, messages: [question] };
  const stranger = new Anthropic({ apiKey: 'sk-other', baseURL: client.baseURL, maxRetries: 0 });
  await expect(stranger.messages.create(call)).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
  await expect(client.messages.create({ ...call, model: 'nope' })).rejects.toMatchObject({
    status: 404,
    error: { type: 'error', error: { type: 'not_found_error', message: 'model: nope' } },
  });
  simulator.setFaults([{ times: 1, fault: { kind: 'status', code: 529 } }]);
  await expect(client.messages.create(call)).rejects.toMatchObject({ status: 529, type: 'overloaded_error' });
  simulator.setFaults([{ times: 1, fault: { kind: 'error-event', afterEvents: 3, status: 529 } }]);
  await expect(client.messages.stream(call).finalMessage()).rejects.toBeInstanceOf(Anthropic.APIError);
  simulator.setFaults([]);
});
