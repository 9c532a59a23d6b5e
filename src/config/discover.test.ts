import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../kernel/clock.ts';
import { checkKey, discoverFromEnvironment, discoverProviders, type Probe } from './discover.ts';
import { loadConfig } from './load-config.ts';
import { presetProvider } from './resolve-config.ts';
import { Secret } from './secret.ts';

const nobody: Probe = () => Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
const list = (...ids: string[]) => JSON.stringify({ object: 'list', data: ids.map((id) => ({ id })) });

describe('discovery', () => {
  test('finds providers by their usual variables, and says which keys it cannot use yet', async () => {
    const clock = new VirtualClock();
    const { found, notices } = await discoverProviders(
      {
        OPENAI_API_KEY: ' sk-1 ',
        MISTRAL_API_KEY: '',
        TOGETHER_AI_API_KEY: 't',
        ANTHROPIC_API_KEY: 'a',
        GEMINI_API_KEY: 'g',
        AWS_BEARER_TOKEN_BEDROCK: 'b',
      },
      nobody,
      clock,
    );
    expect(found.map((one) => [one.provider.name, one.from, one.provider.credentials[0]?.apiKey.reveal()])).toEqual([
      ['openai', 'OPENAI_API_KEY', 'sk-1'],
      ['anthropic', 'ANTHROPIC_API_KEY', 'a'],
      ['gemini', 'GEMINI_API_KEY', 'g'],
      ['together', 'TOGETHER_AI_API_KEY', 't'],
    ]);
    expect(notices).toEqual(['AWS_BEARER_TOKEN_BEDROCK was seen, but the Bedrock Converse dialect is not built yet']);
    expect(clock.pendingTimers).toBe(0);
  });

  test('takes Azure only together with its address', () => {
    const env = { AZURE_OPENAI_API_KEY: 'k' };
    expect(discoverFromEnvironment(env)).toEqual([]);
    const [azure] = discoverFromEnvironment({ ...env, AZURE_OPENAI_ENDPOINT: 'https://me.openai.azure.com/' });
    expect(azure?.provider.baseUrl).toBe('https://me.openai.azure.com/openai/v1');
    expect(azure?.provider.authHeader).toBe('api-key');
  });

  test('counts a local server only when it lists models', async () => {
    const clock = new VirtualClock();
    const probe: Probe = async ({ url }) => {
      if (url === 'http://127.0.0.1:11434/v1/models') return { status: 200, body: list('llama3.3', 'qwen3') };
      if (url === 'http://127.0.0.1:8000/v1/models') return { status: 200, body: '<h1>my blog</h1>' };
      return { status: 404, body: list('x') };
    };
    const { found } = await discoverProviders({}, probe, clock);
    expect(found.map((one) => [one.provider.name, one.from, one.models])).toEqual([
      ['ollama', 'http://127.0.0.1:11434', ['llama3.3', 'qwen3']],
    ]);
    expect(found[0]?.provider.defaultPrice?.inputPicoUsd).toBe(0n);
  });

  test('waits 300 ms for servers that do not answer, all at the same time', async () => {
    const clock = new VirtualClock();
    let aborted = 0;
    const probe: Probe = ({ signal }) => {
      signal.addEventListener('abort', () => aborted++);
      return new Promise(() => undefined);
    };
    let found: unknown;
    const done = discoverProviders({}, probe, clock).then((discovery) => {
      found = discovery.found;
    });
    await clock.advance(299);
    expect(found).toBeUndefined();
    await clock.advance(1);
    await done;
    expect(found).toEqual([]);
    expect(aborted).toBe(3);
    expect(clock.pendingTimers).toBe(0);
  });

  test('gives way to what the file declares, and makes its finds known to routes', () => {
    const found = discoverFromEnvironment({ OPENAI_API_KEY: 'sk-env', GROQ_API_KEY: 'gsk-env' });
    const text = 'providers: { openai: { api_key: sk-file } }\nroutes: { a: { targets: [groq/llama] } }';
    const { config } = loadConfig({
      path: 'leeward.yaml',
      required: true,
      env: {},
      found: found.map((one) => one.provider),
      readText: () => text,
    });
    expect(config.providers.get('openai')?.credentials[0]?.apiKey.reveal()).toBe('sk-file');
    expect(config.providers.get('openai')?.origin).toBe('file');
    expect(config.providers.get('groq')?.origin).toBe('environment');
  });
});

describe('a key check', () => {
  const credential = { name: 'default', apiKey: new Secret('sk-1'), weight: 1 };
  const openai = presetProvider('openai', 'openai', 'environment');
  const clock = new VirtualClock();

  test('asks for the list of models, with the header the provider wants', async () => {
    const asked: unknown[] = [];
    const probe: Probe = async ({ url, headers }) => {
      asked.push([url, headers]);
      return { status: 200, body: list('a', 'b') };
    };
    expect(await checkKey(openai, credential, probe, clock)).toEqual({ kind: 'ok', models: 2 });
    const azure = { ...presetProvider('azure', 'azure', 'file'), baseUrl: 'https://me/openai/v1' };
    expect(await checkKey(azure, credential, probe, clock)).toEqual({ kind: 'ok', models: 2 });
    const anthropic = presetProvider('anthropic', 'anthropic', 'file');
    expect(await checkKey(anthropic, credential, probe, clock)).toEqual({ kind: 'ok', models: 2 });
    expect(asked).toEqual([
      ['https://api.openai.com/v1/models', { authorization: 'Bearer sk-1' }],
      ['https://me/openai/v1/models', { 'api-key': 'sk-1' }],
      ['https://api.anthropic.com/v1/models?limit=1000', { 'anthropic-version': '2023-06-01', 'x-api-key': 'sk-1' }],
    ]);
  });

  test.each([
    [401, { kind: 'refused', status: 401 }],
    [403, { kind: 'refused', status: 403 }],
    [429, { kind: 'unreachable', reason: 'it answered 429' }],
    [503, { kind: 'unreachable', reason: 'it answered 503' }],
  ])('tells a refusal from trouble: %i', async (status, expected) => {
    expect(await checkKey(openai, credential, async () => ({ status, body: 'Bearer sk-1' }), clock)).toEqual(expected);
  });

  test('repeats no message of the network, which could hold the key', async () => {
    const probe: Probe = () => Promise.reject(new TypeError('bad header: Bearer sk-1'));
    expect(await checkKey(openai, credential, probe, clock)).toEqual({ kind: 'unreachable', reason: 'TypeError' });
    expect(await checkKey(openai, credential, nobody, clock)).toEqual({ kind: 'unreachable', reason: 'ECONNREFUSED' });
  });

  test('does not ask where asking would cost money', async () => {
    const perplexity = presetProvider('perplexity', 'perplexity', 'environment');
    expect(await checkKey(perplexity, credential, nobody, clock)).toMatchObject({ kind: 'unchecked' });
    expect(clock.pendingTimers).toBe(0);
  });
});
