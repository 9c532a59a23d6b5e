import { expect, test } from 'vitest';
import { seededRandom } from '../kernel/random.ts';
import { type RoutableProvider, Router } from './router.ts';
import type { WeightedCredential } from './routing-table.ts';
import type { ProviderHandle } from './target.ts';

const credential = (name: string) => ({ credential: { name }, weight: 1 }) as unknown as WeightedCredential;

function provider(name: string, credentials: readonly string[], models: string[] = []): [string, RoutableProvider] {
  const handle = { name, dialects: new Set(['openai-chat', 'anthropic-messages']), limitsOf: () => undefined };
  return [
    name,
    {
      handle: handle as unknown as ProviderHandle,
      credentials: credentials.map(credential),
      models,
      answersBareNames: true,
    },
  ];
}

const growing: string[] = [];
const router = new Router(
  {
    providers: new Map([provider('one', ['k']), provider('two', ['a', 'b']), provider('three', ['k'], growing)]),
    aliases: new Map([['fast', 'one/small']]),
    routes: new Map(),
    totalMs: 1_000,
  },
  seededRandom(1),
);
const asked = (model: string, dialect: 'openai-chat' | 'anthropic-messages' = 'openai-chat') =>
  router.plan({ model, dialect }).targets;

test('a name leads where it led before, and is told apart from an alias of it', () => {
  const first = asked('one/small');
  expect(asked('one/small')).toBe(first);
  expect(first).toMatchObject([{ model: 'small', reason: 'asked for one/small' }]);
  expect(asked('fast')).toMatchObject([{ model: 'small', reason: 'alias fast is one/small' }]);
  expect(asked('one/small')).toBe(first);
  expect(asked('one/small', 'anthropic-messages')).toMatchObject([{ model: 'small' }]);
});

test('one of several credentials is drawn for each call', () => {
  const firsts = Array.from({ length: 50 }, () => asked('two/small')[0]?.credential?.name);
  expect(new Set(firsts)).toEqual(new Set(['a', 'b']));
});

test('whose a bare name is is found out at each call', () => {
  expect(() => asked('new-model')).toThrow();
  growing.push('new-model');
  expect(asked('new-model')).toMatchObject([{ model: 'new-model', provider: { name: 'three' } }]);
  growing.pop();
  expect(() => asked('new-model')).toThrow();
});

test('names that nobody configured are not kept for ever', () => {
  const first = asked('one/small');
  for (let index = 0; index < 1_000; index++) asked(`one/made-up-${index}`);
  const again = asked('one/small');
  expect(again).toEqual(first);
  expect(again).not.toBe(first);
});
