import { expect, test } from 'vitest';
import { seededRandom } from '../kernel/random.ts';
import type { Allowance } from '../protocol/allowance.ts';
import { type RoutableProvider, Router } from './router.ts';
import type { ProviderHandle } from './target.ts';

function provider(name: string, models: readonly string[]): [string, RoutableProvider] {
  // Planning reads no more of a handle than these two.
  const handle = { name, dialects: new Set(['openai-chat']) } as unknown as ProviderHandle;
  return [name, { handle, credentials: [], models, answersBareNames: name === 'acme' }];
}

const target = (name: string) => ({ target: name, weight: 1 });
const router = new Router(
  {
    providers: new Map([provider('acme', ['large', 'small']), provider('other', ['large'])]),
    aliases: new Map([
      ['fast', 'acme/small'],
      ['write', 'route/writer'],
    ]),
    routes: new Map([
      [
        'writer',
        {
          strategy: 'fallback',
          targets: [target('acme/large'), target('other/large'), target('acme/small')],
          attemptsMax: 3,
          totalMs: 1_000,
        },
      ],
    ]),
    totalMs: 1_000,
  },
  seededRandom(1),
);

function targets(model: string, ...allowances: Allowance[]): string[] {
  const plan = router.plan({ model, dialect: 'openai-chat', allowances });
  return plan.targets.map((planned) => `${planned.provider.name}/${planned.model}`);
}

function refusal(model: string, ...allowances: Allowance[]): unknown {
  try {
    targets(model, ...allowances);
  } catch (error) {
    return error;
  }
  return undefined;
}

test('a key without rules reaches everything', () => {
  expect(targets('write')).toEqual(['acme/large', 'other/large', 'acme/small']);
});

test('targets that a key may not reach drop out of a route, and the first that stays says so', () => {
  const allowances = [{ models: ['*/small', 'other/*'] }];
  const plan = router.plan({ model: 'route/writer', dialect: 'openai-chat', allowances });
  expect(plan.targets.map(({ provider, model }) => `${provider.name}/${model}`)).toEqual(['other/large', 'acme/small']);
  expect(plan.targets[0]?.reason).toBe('route/writer: fallback 2 of 3, acme/large not allowed for this key');
  expect(plan.targets[1]?.reason).toBe('route/writer: fallback 3 of 3');
});

test.each(['acme/large', 'large', 'ACME/large', 'write', 'route/writer'])(
  'no name gets %s past a rule that fits none of its targets',
  (model) => {
    expect(refusal(model, { models: ['none/*'] })).toMatchObject({
      code: model === 'ACME/large' ? 'no_route' : 'forbidden',
    });
  },
);

test('a refusal names the models that the key has', () => {
  expect(refusal('acme/large', { models: ['acme/small', 'other/*'] })).toMatchObject({
    code: 'forbidden',
    status: 403,
    message: 'This key may not use acme/large. Its models are acme/small, other/*.',
  });
});

test('every level’s rule must hold: a sub-key cannot widen its parent', () => {
  expect(targets('write', { models: ['*'] }, { models: ['acme/*'] })).toEqual(['acme/large', 'acme/small']);
  expect(targets('write', { models: ['acme/*'] }, { models: ['*/small'] })).toEqual(['acme/small']);
  expect(refusal('write', { models: ['acme/*'] }, { models: ['other/*'] })).toMatchObject({ code: 'forbidden' });
});

test('a rule for routes is about the way, whatever the targets', () => {
  const onlyWriter = { routes: ['writer'] };
  expect(targets('route/writer', onlyWriter)).toHaveLength(3);
  expect(targets('write', onlyWriter)).toHaveLength(3);
  expect(refusal('fast', onlyWriter)).toMatchObject({
    code: 'forbidden',
    message: 'This key may not use the route fast. Its routes are writer.',
  });
  expect(refusal('acme/small', onlyWriter)).toMatchObject({ code: 'forbidden' });
  expect(targets('acme/small', { routes: ['direct'] })).toEqual(['acme/small']);
  expect(refusal('write', { routes: ['direct', 'fast'] })).toMatchObject({ code: 'forbidden' });
});

test('a route that is asked for by header is judged by the same rule', () => {
  const asked = () =>
    router.plan({ model: 'acme/small', route: 'writer', dialect: 'openai-chat', allowances: [{ routes: ['fast'] }] });
  expect(asked).toThrow(/may not use the route writer/);
});

test('what a key may not use is not listed for it', () => {
  const listed = (...allowances: Allowance[]) =>
    router
      .models()
      .map(({ id }) => id)
      .filter((id) => router.permits(id, allowances));
  expect(listed()).toEqual(['fast', 'write', 'route/writer', 'acme/large', 'acme/small', 'other/large']);
  expect(listed({ models: ['acme/small'] })).toEqual(['fast', 'write', 'route/writer', 'acme/small']);
  expect(listed({ models: ['other/*'] })).toEqual(['write', 'route/writer', 'other/large']);
  expect(listed({ routes: ['fast'] })).toEqual(['fast']);
});
