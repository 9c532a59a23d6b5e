import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestGateway } from '../support/gateway.ts';
import { presetGateway } from './preset-gateway.ts';

const YAML = `providers:
  openai:
    api_key: sk-unused-0123456789
    prices:
      gpt-4o: { input_usd_per_million: "1", output_usd_per_million: "2.000001" }
      made-up: { input_usd_per_million: "1", output_usd_per_million: "2" }
  openrouter: { api_key: sk-unused-0123456789 }
  az:
    preset: azure
    base_url: https://x.example
    api_key: k
    deployments: { gpt-4o-mini: mini-eu }
  ollama: {}
aliases:
  fast: openai/gpt-4o-mini
routes:
  both: { targets: [openai/gpt-4o, az/gpt-4o-mini] }
`;

let gateway: TestGateway;

beforeAll(async () => {
  ({ gateway } = await presetGateway(YAML));
});
afterAll(() => gateway[Symbol.asyncDispose]());

interface Model {
  readonly id: string;
  readonly provider: string | null;
  readonly operation: string | null;
  readonly prices: Readonly<Record<string, unknown>> | null;
}

async function get(path: string): Promise<{ status: number; body: Record<string, unknown> & { data: Model[] } }> {
  const response = await fetch(`${gateway.baseUrl}${path}`, { headers: { authorization: `Bearer ${gateway.key}` } });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> & { data: Model[] } };
}

const ids = async (query: string) => (await get(`/models${query}`)).body.data.map(({ id }) => id);

test('a model keeps the shape of OpenAI, with what is known beside it', async () => {
  const { body } = await get('/models/openai%2Fgpt-4o-mini');
  expect(body).toMatchObject({
    id: 'openai/gpt-4o-mini',
    object: 'model',
    created: expect.any(Number),
    owned_by: 'openai',
    origin: 'catalog',
    provider: 'openai',
    operation: 'chat',
    context_window: 128_000,
    max_output_tokens: 16_384,
    modalities: { input: ['text', 'image'], output: ['text'] },
    prices: {
      currency: 'USD',
      per_tokens: 1_000_000,
      input: '0.15',
      cached_input: '0.075',
      output: '0.6',
      source: expect.stringContaining('genai-prices-0.1.8'),
    },
    deprecated: false,
    deprecated_at: null,
  });
});

test('what the configuration says wins over the catalogue, and what nobody knows is null', async () => {
  expect((await get('/models/openai/gpt-4o')).body).toMatchObject({
    origin: 'configured',
    context_window: 128_000,
    prices: { input: '1', cached_input: null, output: '2.000001', source: 'configuration' },
  });
  expect((await get('/models/openai/made-up')).body).toMatchObject({
    operation: null,
    context_window: null,
    modalities: { input: null, output: null },
  });
});

test('every model that can be named is listed once: aliases, routes, the simulator, and each provider’s', async () => {
  const all = await ids('');
  expect(new Set(all).size).toBe(all.length);
  expect(all.length).toBeGreaterThan(500);
  expect(all).toEqual(expect.arrayContaining(['fast', 'route/both', 'sim/sim-small', 'openrouter/x-ai/grok-4.3']));
  expect((await get('/models/fast')).body).toMatchObject({
    origin: 'alias',
    owned_by: 'alias',
    context_window: 128_000,
  });
  expect((await get('/models/sim/sim-embed')).body).toMatchObject({ origin: 'simulated', operation: 'embed' });
});

test('of deployments only those that are set up are listed, and of a local server none that it has not named', async () => {
  expect(await ids('?provider=az')).toEqual(['az/gpt-4o-mini']);
  expect((await get('/models/az/gpt-4o-mini')).body).toMatchObject({ prices: { input: '0.15' } });
  expect(await ids('?provider=ollama')).toEqual([]);
});

test('models whose operation cannot be called here are not listed', async () => {
  const operations = new Set((await get('/models?provider=openai')).body.data.map(({ operation }) => operation));
  expect([...operations].toSorted()).toEqual([null, 'chat', 'embed'].toSorted());
});

describe('filters', () => {
  test.each([
    ['?provider=openai&operation=embed', ['openai/text-embedding-3-small']],
    ['?search=GPT-4o-MINI&provider=openai', ['openai/gpt-4o-mini']],
    ['?provider=openai&modality=image', ['openai/gpt-4o']],
    ['?provider=sim&modality=text&search=embed', ['sim/sim-embed']],
  ])('%s keeps what it asks for', async (query, some) => {
    const found = await ids(query);
    expect(found).toEqual(expect.arrayContaining(some));
    expect(found.length).toBeLessThan((await ids('')).length / 4);
  });

  test('an empty filter filters nothing, and nothing found is an empty list', async () => {
    expect((await ids('?search=')).length).toBe((await ids('')).length);
    expect(await ids('?provider=nobody')).toEqual([]);
  });

  test.each(['?provider=a&provider=b', `?search=${'x'.repeat(201)}`])('%s is refused', async (query) => {
    expect((await get(`/models${query}`)).status).toBe(400);
  });
});

describe('one model by its id', () => {
  const client = () => new OpenAI({ apiKey: gateway.key, baseURL: gateway.baseUrl, maxRetries: 0 });

  test('the official SDK retrieves ids with slashes and colons', async () => {
    const listed = await client().models.list();
    const free = listed.data.find(({ id }) => id.startsWith('openrouter/') && id.includes(':'));
    expect(free).toBeDefined();
    expect(await client().models.retrieve(free?.id ?? '')).toEqual(free);
  });

  test.each([
    '/models/openai/gpt-4o-mni',
    '/models/nobody',
    '/models/%zz',
    '/models/..%2f..%2fadmin',
    '/models/openai%2Fgpt-4o%00',
  ])('%s is not found, in words', async (path) => {
    const { status, body } = await get(path);
    expect(status).toBe(404);
    expect(body['error']).toMatchObject({ code: 'not_found' });
  });

  test('a near miss says what was meant', async () => {
    const { body } = await get('/models/openai/gpt-4o-mni');
    expect(body['error']).toMatchObject({ message: expect.stringContaining("Did you mean 'openai/gpt-4o-mini'?") });
  });
});

test('the list is made without stalling other calls', async () => {
  await ids('');
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    const before = performance.now();
    await ids('');
    times.push(performance.now() - before);
  }
  expect(times.sort((one, other) => one - other)[2]).toBeLessThan(60);
});
