import { expect, test } from 'vitest';
import { loadConfig } from '../config/load-config.ts';
import { seededRandom } from '../kernel/random.ts';
import { type RoutableProvider, Router } from '../routing/router.ts';
import type { ProviderHandle } from '../routing/target.ts';
import { rulesOf } from './from-config.ts';
import { timeoutsOf } from './providers.ts';

const TEXT = `
policies: { breaker: { consecutive: 7 } }
providers:
  one:
    preset: openai-compatible
    base_url: http://127.0.0.1:1/v1
    timeouts: { first_byte: 90s, idle: 20s }
    policies: { headroom: off }
  two: { preset: openai-compatible, base_url: http://127.0.0.1:2/v1 }
routes:
  plain: { targets: [one/a, two/a] }
  said:
    policies: { hedge: on, first_token_target: 2s }
    targets: [{ target: one/a, timeouts: { idle: 30s } }, { target: two/a, policies: { breaker: off }, timeouts: { first_byte: 2m } }]
    on: { budget: two/small }
`;

const loaded = loadConfig({ path: 'leeward.yaml', required: true, env: {}, readText: () => TEXT });

function routable(name: string): [string, RoutableProvider] {
  const timeouts = timeoutsOf({ timeouts: loaded.config.providers.get(name)?.timeouts ?? {} });
  // Planning reads no more of a handle than these.
  const handle = { name, dialects: new Set(['openai-chat']), timeouts } as unknown as ProviderHandle;
  return [name, { handle, credentials: [], models: [], answersBareNames: true }];
}

const router = new Router(
  { providers: new Map(['one', 'two'].map(routable)), aliases: new Map(), totalMs: 1_000, ...rulesOf(loaded) },
  seededRandom(1),
);
const planOf = (model: string) => router.plan({ model, dialect: 'openai-chat' });

test('what the file says of policies is what calls are planned with', () => {
  const [one, two] = planOf('route/plain').targets;
  expect(one?.policies).toMatchObject({ breaker: { consecutiveMax: 7 } });
  expect(one?.policies).not.toHaveProperty('headroom');
  expect(two?.policies).toMatchObject({ breaker: { consecutiveMax: 7 }, headroom: { percentMin: 2 } });
  expect(planOf('two/a').targets[0]?.policies).toBe(two?.policies);
  const said = planOf('route/said');
  expect(said.policies).toMatchObject({ hedge: { afterMs: undefined, percent: 5 }, firstTokenMs: 2_000 });
  expect(said.targets[0]?.policies).toBe(one?.policies);
  expect(said.targets[1]?.policies).not.toHaveProperty('breaker');
  expect(said.alternatives?.budget[0]).toMatchObject({ model: 'small', reason: 'route/said: on budget' });
});

test('a target’s own timeouts stand over its provider’s, and who waits for the head waits for the first token too', () => {
  const [one, two] = planOf('route/said').targets;
  expect(one?.timeouts).toEqual({ streamHeadMs: 90_000, headMs: 90_000, firstTokenMs: 90_000, idleMs: 30_000 });
  expect(two?.timeouts).toEqual({ streamHeadMs: 120_000, headMs: 120_000, firstTokenMs: 120_000, idleMs: 300_000 });
  expect(planOf('route/plain').targets[1]?.timeouts).toEqual({
    streamHeadMs: 60_000,
    headMs: 600_000,
    firstTokenMs: 60_000,
    idleMs: 300_000,
  });
});
