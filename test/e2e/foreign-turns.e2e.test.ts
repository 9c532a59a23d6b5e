import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import type { ChatCompletionMessageParam, ChatCompletionTool } from 'openai/resources/chat/completions';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { systemClock } from '../../src/kernel/clock.ts';
import { type ServedSimulator, serveSimulator } from '../../src/sim/server.ts';
import { Simulator } from '../../src/sim/simulator.ts';
import { NO_WEATHER } from '../support/no-weather.ts';
import { ServedGateway } from './served-gateway.ts';

/**
 * A client sends each answer back as it got it. What a model of another maker
 * said there, some providers of the same dialect refuse.
 */

/** An assistant's message as each vendor's own SDK types it (groq-sdk 1.6.0, @cerebras/cerebras_cloud_sdk 1.91.0, @mistralai/mistralai 2.7.0). */
const KNOWN_MEMBERS = {
  groq: ['role', 'content', 'name', 'function_call', 'reasoning', 'tool_calls'],
  cerebras: ['role', 'content', 'name', 'reasoning', 'tool_calls'],
  mistral: ['role', 'content', 'prefix', 'tool_calls'],
} as const;
type Strict = keyof typeof KNOWN_MEMBERS;
const STRICT = Object.keys(KNOWN_MEMBERS) as Strict[];
/** Takes whatever it does not know, and refuses a turn without a thought once tools are called. */
const THOUGHTFUL = 'deepseek';
const CALL_MEMBERS = ['id', 'type', 'function', 'index'];

const TOOLS: ChatCompletionTool[] = ['tide', 'wind'].map((name) => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: { harbour: { type: 'string' } } } },
}));

let simulator: ServedSimulator;
let strict: Server;
let gateway: ServedGateway;
/** What the strict provider was asked last. */
let asked: { readonly messages: Record<string, unknown>[] };

beforeAll(async () => {
  const sim = new Simulator({ seed: 7, clock: systemClock });
  simulator = await serveSimulator({ simulator: sim, host: '127.0.0.1', port: 0, clock: systemClock });
  strict = createServer((req, res) => {
    void answer(req).then(({ status, body }) => {
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((done) => strict.listen(0, '127.0.0.1', done));
  const api_key = 'sk-upstream-0123456789';
  const own = { base_url: `http://127.0.0.1:${simulator.port}/v1`, api_key };
  const { port } = strict.address() as AddressInfo;
  const providers: Record<string, unknown> = {
    claude: { ...own, preset: 'anthropic' },
    google: { ...own, preset: 'gemini', base_url: `http://127.0.0.1:${simulator.port}/v1beta` },
  };
  for (const preset of [...STRICT, THOUGHTFUL])
    providers[preset] = { preset, api_key, base_url: `http://127.0.0.1:${port}/${preset}` };
  gateway = await ServedGateway.start({ config: stringify({ policies: NO_WEATHER, providers }) });
}, 30_000);

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await simulator.close();
  await new Promise((done) => strict.close(done));
});

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function answer(req: IncomingMessage): Promise<Answer> {
  asked = JSON.parse(await text(req));
  const vendor = req.url?.split('/')[1];
  const told = vendor === THOUGHTFUL ? missingThought() : strangeMember(vendor as Strict);
  if (told !== undefined) return { status: 400, body: { error: { message: told, type: 'invalid_request_error' } } };
  const message = { role: 'assistant', content: 'High water at noon.' };
  const usage = { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14 };
  const choices = [{ index: 0, message, finish_reason: 'stop' }];
  return { status: 200, body: { id: 'x', object: 'chat.completion', created: 1, model: 'm', choices, usage } };
}

function missingThought(): string | undefined {
  const turns = asked.messages.filter(({ role }) => role === 'assistant');
  const called = turns.some((turn) => turn['tool_calls'] !== undefined);
  return called && turns.some(({ reasoning_content: thought }) => typeof thought !== 'string' || thought === '')
    ? 'The `reasoning_content` in the thinking mode must be passed back to the API.'
    : undefined;
}

function strangeMember(vendor: Strict): string | undefined {
  for (const [at, message] of asked.messages.entries()) {
    if (message['role'] !== 'assistant') continue;
    const calls = (message['tool_calls'] ?? []) as Record<string, unknown>[];
    const strange = [
      ...Object.keys(message).filter((name) => !(KNOWN_MEMBERS[vendor] as readonly string[]).includes(name)),
      ...calls.flatMap((call) => Object.keys(call).filter((name) => !CALL_MEMBERS.includes(name))),
    ];
    if (strange.length > 0) return `messages.${at}: property '${strange.join(', ')}' is unsupported`;
  }
  return undefined;
}

function openAi(): OpenAI {
  return new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.key, maxRetries: 0 });
}

/** A turn of a model that calls both tools, and the results: what its client sends next. */
async function turnOf(model: string, thinks = true): Promise<ChatCompletionMessageParam[]> {
  const question: ChatCompletionMessageParam = { role: 'user', content: 'Call tide and wind for Tallinn.' };
  const told = await openAi().chat.completions.create({
    model,
    messages: [question],
    tools: TOOLS,
    ...(thinks ? { reasoning_effort: 'medium' as const } : {}),
  });
  const message = told.choices[0]?.message;
  if (message?.tool_calls === undefined) throw new Error(`${model} called no tool`);
  const results = message.tool_calls.map(
    ({ id }): ChatCompletionMessageParam => ({ role: 'tool', tool_call_id: id, content: 'fine' }),
  );
  return [question, message, ...results];
}

test.each(STRICT.flatMap((vendor) => (['claude', 'google'] as const).map((maker) => ({ vendor, maker }))))(
  'a turn of $maker is gone on with by $vendor, and what it was not told is said',
  async ({ vendor, maker }) => {
    const messages = await turnOf(`${maker}/sim-reasoner`);
    const turn = messages[1] as unknown as Record<string, unknown>;
    expect(JSON.stringify(turn)).toMatch(/reasoning_content|extra_content/);
    const { data, response } = await openAi()
      .chat.completions.create({ model: `${vendor}/m`, messages, tools: TOOLS })
      .withResponse();
    expect(data.choices[0]?.message.content).toBe('High water at noon.');
    expect(response.headers.get('x-leeward-warnings')).toMatch(
      /messages\[1\]\.(reasoning_|tool_calls\[0\]\.extra_content)/,
    );
    const said = asked.messages[1];
    expect(said?.['reasoning']).toBe(vendor === 'cerebras' ? turn['reasoning_content'] : undefined);
    expect(asked.messages.slice(2)).toEqual(messages.slice(2));
  },
);

test('a client that wants nothing lost is told what would be', async () => {
  const messages = await turnOf('claude/sim-reasoner');
  const call = openAi().chat.completions.create(
    { model: 'groq/m', messages, tools: TOOLS },
    { headers: { 'x-leeward-strict': 'true' } },
  );
  await expect(call).rejects.toMatchObject({ status: 400, param: 'messages[1].reasoning_content' });
});

test('a turn of a model that did not think is gone on with by who wants each thought back', async () => {
  const messages = await turnOf('claude/sim-small', false);
  expect(messages[1]).not.toHaveProperty('reasoning_content');
  const told = await openAi().chat.completions.create({ model: `${THOUGHTFUL}/m`, messages, tools: TOOLS });
  expect(told.choices[0]?.message.content).toBe('High water at noon.');
});

test('so is one that a client of another dialect tells', async () => {
  const claude = new Anthropic({ baseURL: gateway.url, apiKey: gateway.key, maxRetries: 0 });
  const told = await claude.messages.create({
    model: `${THOUGHTFUL}/m`,
    max_tokens: 64,
    messages: [
      { role: 'user', content: 'Call tide.' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'tide', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'fine' }] },
    ],
    tools: [{ name: 'tide', input_schema: { type: 'object' } }],
  });
  expect(told.content[0]).toMatchObject({ type: 'text', text: 'High water at noon.' });
});
