import { expect, test } from 'vitest';
import { seededRandom } from '../kernel/random.ts';
import {
  DEFAULT_ROUTE_POLICIES,
  DEFAULT_TARGET_POLICIES,
  type RoutePolicies,
  type TargetPolicies,
} from '../protocol/policy.ts';
import { type RoutableProvider, type RouteRule, Router, type RoutingTable } from './router.ts';
import type { AttemptTimeouts, Credential, PlannedTarget, ProviderHandle } from './target.ts';

const TIMEOUTS: AttemptTimeouts = { streamHeadMs: 1, headMs: 2, firstTokenMs: 3, idleMs: 4 };

function provider(
  name: string,
  credentials: readonly string[] = [],
  dialect = 'openai-chat',
): [string, RoutableProvider] {
  // Planning reads no more of a handle than these.
  const handle = { name, dialects: new Set([dialect]), timeouts: TIMEOUTS } as unknown as ProviderHandle;
  const keys = credentials.map((key) => ({ credential: { name: key } as Credential, weight: 1 }));
  return [name, { handle, credentials: keys, models: [], answersBareNames: false }];
}

function router(table: Partial<RoutingTable>): Router {
  const providers = new Map([
    provider('one'),
    provider('two'),
    provider('keyed', ['a', 'b']),
    provider('mute', [], 'other'),
  ]);
  return new Router({ providers, aliases: new Map(), routes: new Map(), totalMs: 1_000, ...table }, seededRandom(1));
}

const policies = (consecutiveMax: number): TargetPolicies => ({
  ...DEFAULT_TARGET_POLICIES,
  breaker: { ...DEFAULT_TARGET_POLICIES.breaker, consecutiveMax },
});

const rule = (targets: readonly string[], more: Partial<RouteRule> = {}): RouteRule => ({
  strategy: 'fallback',
  targets: targets.map((target) => ({ target, weight: 1 })),
  attemptsMax: 3,
  totalMs: 1_000,
  ...more,
});

const ask = (model: string) => ({ model, dialect: 'openai-chat' as const });
const names = (targets: readonly PlannedTarget[]) =>
  targets.map(
    ({ provider: { name }, model, credential }) => `${name}/${model}${credential ? `#${credential.name}` : ''}`,
  );

test('without a word in the file the defaults hold, for a route and for a model called by its name', () => {
  const plain = router({ routes: new Map([['r', rule(['one/a'])]]) });
  for (const plan of [plain.plan(ask('route/r')), plain.plan(ask('one/a'))]) {
    expect(plan.policies).toBe(DEFAULT_ROUTE_POLICIES);
    expect(plan.targets[0]?.policies).toBe(DEFAULT_TARGET_POLICIES);
    expect(plan.targets[0]?.timeouts).toBe(TIMEOUTS);
    expect(plan.alternatives).toBeUndefined();
  }
});

test('the most specific of table, provider, rule and target decides, as one object for all calls', () => {
  const [everywhere, ofProvider, ofRule, ofTarget] = [policies(1), policies(2), policies(3), policies(4)];
  const routes = new Map<string, RouteRule>([
    ['plain', rule(['one/a', 'two/a'])],
    [
      'said',
      {
        ...rule(['one/a', 'two/a']),
        targets: [
          { target: 'one/a', weight: 1, policies: ofTarget, timeouts: { ...TIMEOUTS, idleMs: 9 } },
          { target: 'one/b', weight: 1 },
          { target: 'two/a', weight: 1 },
        ],
        targetPolicies: new Map([['one', ofRule]]),
      },
    ],
  ]);
  const said = router({ routes, targetPolicies: everywhere, providerPolicies: new Map([['one', ofProvider]]) });
  const held = (model: string) => said.plan(ask(model)).targets.map((target) => target.policies);
  expect(held('route/plain')).toEqual([ofProvider, everywhere]);
  expect(held('one/x')).toEqual([ofProvider]);
  for (const [index, wanted] of [ofTarget, ofRule, everywhere].entries()) {
    expect(held('route/said')[index]).toBe(wanted);
    expect(held('route/said')[index]).toBe(wanted);
  }
  expect(said.plan(ask('route/said')).targets[0]?.timeouts.idleMs).toBe(9);
});

test('a rule without draws gives every call the same targets, and one with draws does not', () => {
  const fixed = router({ routes: new Map([['r', rule(['one/a', 'two/a'])]]) });
  expect(fixed.plan(ask('route/r')).targets).toBe(fixed.plan(ask('route/r')).targets);
  const drawn = router({ routes: new Map([['r', rule(['keyed/a'])]]) });
  const orders = new Set(Array.from({ length: 50 }, () => names(drawn.plan(ask('route/r')).targets).join()));
  expect(orders).toEqual(new Set(['keyed/a#a,keyed/a#b', 'keyed/a#b,keyed/a#a']));
});

const elsewhere: RoutePolicies = {
  ...DEFAULT_ROUTE_POLICIES,
  on: { contextLength: ['two/large', 'keyed/large'], contentPolicy: ['mute/x', 'two/other'], budget: ['one/small'] },
  degrade: [
    { kind: 'target', target: 'two/small', keepMessages: 4, outputTokensMax: 100 },
    { kind: 'target', target: 'mute/x' },
    { kind: 'text', text: 'Later.' },
  ],
};
const withAlternatives = router({ routes: new Map([['r', rule(['one/a'], { policies: elsewhere })]]) });

test('what a route names besides its targets is planned like them, in the dialect of the call', () => {
  const { alternatives } = withAlternatives.plan(ask('route/r'));
  expect(names(alternatives?.contextLength ?? []).sort()).toEqual(['keyed/large#a', 'keyed/large#b', 'two/large']);
  expect(names(alternatives?.contentPolicy ?? [])).toEqual(['two/other']);
  expect(alternatives?.contentPolicy[0]?.reason).toBe('route/r: on content_policy');
  expect(names(alternatives?.budget ?? [])).toEqual(['one/small']);
  expect(alternatives?.degrade).toMatchObject([
    {
      kind: 'target',
      target: { model: 'small', reason: 'route/r: degrade 1 of 3' },
      keepMessages: 4,
      outputTokensMax: 100,
    },
    { kind: 'text', text: 'Later.' },
  ]);
});

test('a key that may not reach an alternative does not get it, and keeps the others', () => {
  const allowances = [{ models: ['one/*', 'two/small'] }];
  const { alternatives } = withAlternatives.plan({ ...ask('route/r'), allowances });
  expect(alternatives).toMatchObject({ contextLength: [], contentPolicy: [] });
  expect(names(alternatives?.budget ?? [])).toEqual(['one/small']);
  expect(alternatives?.degrade.map((step) => step.kind)).toEqual(['target', 'text']);
});

test('alternatives are worked out once for a plan, so that a walk can tell them apart', () => {
  const plan = withAlternatives.plan(ask('route/r'));
  expect(plan.alternatives).toBe(plan.alternatives);
});
