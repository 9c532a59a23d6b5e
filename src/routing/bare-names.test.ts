import { expect, test } from 'vitest';
import { seededRandom } from '../kernel/random.ts';
import { type RoutableProvider, Router } from './router.ts';
import type { ProviderHandle } from './target.ts';

/** @param known models that the catalogue has of it, beside those that it lists itself */
function provider(name: string, known: readonly string[], models: readonly string[] = []): [string, RoutableProvider] {
  // Of a provider, the router asks these alone.
  const handle = {
    name,
    dialects: new Set(['openai-chat']),
    limitsOf: (model: string) => (known.includes(model) ? {} : undefined),
  } as unknown as ProviderHandle;
  return [name, { handle, credentials: [], models, answersBareNames: name !== 'sim' }];
}

const table = { aliases: new Map(), routes: new Map(), totalMs: 1_000 };

function providerOf(model: string, ...providers: [string, RoutableProvider][]): string | undefined {
  const router = new Router({ ...table, providers: new Map(providers) }, seededRandom(1));
  return router.plan({ model, dialect: 'openai-chat' }).targets[0]?.provider.name;
}

const openai = provider('openai', ['gpt-5']);
const anthropic = provider('anthropic', ['claude-sonnet-4-5']);
const local = provider('local', [], ['qwen3']);

test('a bare name is the only real provider’s, whatever it is', () => {
  expect(providerOf('no-such-model', provider('sim', ['no-such-model']), openai)).toBe('openai');
});

test('of several providers it is that one’s which is known to have the model', () => {
  expect(providerOf('gpt-5', openai, anthropic, local)).toBe('openai');
  expect(providerOf('claude-sonnet-4-5', openai, anthropic, local)).toBe('anthropic');
  expect(providerOf('qwen3', openai, anthropic, local)).toBe('local');
});

test.each([
  ['nobody is known to have', 'no-such-model'],
  ['two are known to have', 'gpt-5'],
])('a name that %s has no meaning', (_, model) => {
  expect(() => providerOf(model, openai, anthropic, provider('azure', ['gpt-5']))).toThrowError(
    expect.objectContaining({ code: 'no_route' }),
  );
});
