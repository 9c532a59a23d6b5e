import { describe, expect, test } from 'vitest';
import { DEFAULT_GLOBAL_POLICIES, DEFAULT_ROUTE_POLICIES, DEFAULT_TARGET_POLICIES } from '../protocol/policy.ts';
import type { LoadedConfig } from './config.ts';
import { changeText, configDiff } from './config-diff.ts';
import { ConfigError } from './config-error.ts';
import { effectiveConfig } from './effective-config.ts';
import { loadConfig } from './load-config.ts';

function load(text: string, env: Record<string, string> = {}): LoadedConfig {
  return loadConfig({ path: 'leeward.yaml', required: true, env, readText: () => text });
}

const PROVIDERS = `
providers:
  one: { preset: openai-compatible, base_url: http://127.0.0.1:1/v1 }
  two: { preset: openai-compatible, base_url: http://127.0.0.1:2/v1 }
  many:
    preset: openai-compatible
    base_url: http://127.0.0.1:3/v1
    credentials: [{ name: a, api_key: "\${env:KEY}" }, { name: b, api_key: "\${env:KEY}" }]
`;

const loaded = (rest: string) => load(PROVIDERS + rest, { KEY: 'k' });

function report(rest: string): string {
  try {
    loaded(rest);
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.report;
    throw thrown;
  }
  throw new Error('the file was accepted');
}

describe('what a file says of policies', () => {
  test('is nothing at first, and then the defaults hold', () => {
    const { policies, routes, providers } = loaded('routes: { r: { targets: [one/a] } }').config;
    expect(policies).toEqual({
      global: {
        retriesInFlight: DEFAULT_GLOBAL_POLICIES.retriesInFlight,
        pingMs: 15_000,
        shed: DEFAULT_GLOBAL_POLICIES.shed,
      },
      target: DEFAULT_TARGET_POLICIES,
      route: DEFAULT_ROUTE_POLICIES,
    });
    expect(routes.get('r')?.policies).toEqual(DEFAULT_ROUTE_POLICIES);
    expect(routes.get('r')?.targetPolicies).toBeUndefined();
    expect(routes.get('r')?.targets).toEqual([{ provider: 'one', model: 'a', weight: 1 }]);
    expect(providers.get('one')?.policies).toBeUndefined();
  });

  test('of encrypted state is said at the top or at a route', () => {
    const { routes, policies } = loaded(
      'policies: { encrypted_state: refuse }\nroutes: { r: { targets: [one/a] }, s: { targets: [one/a], policies: { encrypted_state: drop } } }',
    ).config;
    expect(policies.route.encryptedState).toBe('refuse');
    expect(routes.get('r')?.policies.encryptedState).toBe('refuse');
    expect(routes.get('s')?.policies.encryptedState).toBeUndefined();
    expect(report('policies: { encrypted_state: keep }')).toContain('encrypted_state');
  });

  test('is said at four places, of which the most specific wins member by member', () => {
    const { config } = load(`
policies: { breaker: { consecutive: 7, open: 10s, slow: { times: 4 } }, retry_budget: { percent: 10 } }
providers:
  one:
    preset: openai-compatible
    base_url: http://127.0.0.1:1/v1
    policies: { breaker: { open: 20s, slow: { calls: 30 } } }
  two: { preset: openai-compatible, base_url: http://127.0.0.1:2/v1 }
routes:
  r:
    policies: { breaker: { window: 40s }, backoff: { base: 1s } }
    targets:
      - { target: one/a, policies: { breaker: { consecutive: 9 }, headroom: off }, timeouts: { first_token: 9s } }
      - one/b
      - two/a
`);
    const route = config.routes.get('r');
    const breaker = DEFAULT_TARGET_POLICIES.breaker;
    const slow = breaker.slow;
    expect(config.policies.target.breaker).toEqual({
      ...breaker,
      consecutiveMax: 7,
      openMs: 10_000,
      slow: { ...slow, times: 4 },
    });
    expect(config.providers.get('one')?.policies?.breaker).toEqual({
      ...breaker,
      consecutiveMax: 7,
      openMs: 20_000,
      slow: { ...slow, times: 4, calls: 30 },
    });
    expect(route?.targets[0]?.policies).toEqual({
      ...DEFAULT_TARGET_POLICIES,
      retryBudget: { ...DEFAULT_TARGET_POLICIES.retryBudget, percent: 10 },
      breaker: {
        ...breaker,
        consecutiveMax: 9,
        openMs: 20_000,
        windowMs: 40_000,
        slow: { ...slow, times: 4, calls: 30 },
      },
      headroom: undefined,
    });
    expect(route?.targets[0]?.policies).not.toHaveProperty('headroom');
    expect(route?.targets[0]?.timeouts).toEqual({ firstTokenMs: 9_000 });
    expect(route?.targets[1]?.policies).toBeUndefined();
    expect(route?.targetPolicies?.get('one')?.breaker).toMatchObject({
      consecutiveMax: 7,
      openMs: 20_000,
      windowMs: 40_000,
    });
    expect(route?.targetPolicies?.get('two')?.breaker).toMatchObject({
      consecutiveMax: 7,
      openMs: 10_000,
      windowMs: 40_000,
    });
    expect(route?.policies.backoff).toEqual({ baseMs: 1_000, maxMs: 8_000 });
  });

  test('is switched off and on again, however the reader of YAML takes those words', () => {
    const { config } = loaded(`
policies: { breaker: off, concurrency: false, retries_in_flight: off, keep_alive: off, shed: "off", hedge: on, backoff: off }
routes:
  r: { targets: [one/a, two/a], policies: { breaker: on, hedge: off, backoff: { max: 2s }, first_token_target: 3s } }
  s: { targets: [one/a, two/a], policies: { breaker: { slow: off } } }
`);
    expect(config.policies.global).toEqual({});
    expect(config.policies.target).not.toHaveProperty('breaker');
    expect(config.policies.target).not.toHaveProperty('concurrency');
    expect(config.policies.route).toEqual({ hedge: { afterMs: undefined, percent: 5 }, on: {}, degrade: [] });
    expect(config.routes.get('r')?.policies).toEqual({
      backoff: { baseMs: 250, maxMs: 2_000 },
      firstTokenMs: 3_000,
      on: {},
      degrade: [],
    });
    expect(config.routes.get('r')?.targetPolicies?.get('one')?.breaker).toEqual(DEFAULT_TARGET_POLICIES.breaker);
    expect(config.routes.get('s')?.targetPolicies?.get('one')?.breaker?.slow).toBeUndefined();
  });

  test('may name one bound alone: the default on its other side gives way', () => {
    const { target, route } = loaded(
      'policies: { concurrency: { max: 10 }, breaker: { open_max: 5s }, backoff: { base: 20s } }',
    ).config.policies;
    expect(target.concurrency).toMatchObject({ min: 4, initial: 10, max: 10 });
    expect(target.breaker).toMatchObject({ openMs: 5_000, openMsMax: 5_000 });
    expect(route.backoff).toEqual({ baseMs: 20_000, maxMs: 20_000 });
  });

  test('goes along with the targets of a nested route, where it stands at one of them', () => {
    const { routes } = loaded(`
routes:
  inner: { targets: [{ target: one/a, policies: { breaker: off } }], policies: { headroom: off } }
  outer: { targets: [{ target: route/inner, timeouts: { idle: 20s } }, two/a] }
`).config;
    const [first] = routes.get('outer')?.targets ?? [];
    expect(first?.policies).not.toHaveProperty('breaker');
    expect(first?.policies).toHaveProperty('headroom');
    expect(first?.timeouts).toEqual({ idleMs: 20_000 });
  });

  test('names where else a call may go, as targets', () => {
    const { policies } = loaded(`
aliases: { spare: two/small }
routes:
  big: { targets: [two/huge, many/huge] }
  r:
    targets: [one/a]
    on: { context_length: [route/big], content_policy: two/other, budget: spare }
    degrade:
      - { target: route/big, keep_messages: 6, output_tokens_max: 500 }
      - spare
      - { text: We are busy. }
`).config.routes.get('r') ?? { policies: undefined };
    expect(policies).toMatchObject({
      on: { contextLength: ['two/huge', 'many/huge'], contentPolicy: ['two/other'], budget: ['two/small'] },
      degrade: [
        { kind: 'target', target: 'two/huge', keepMessages: 6, outputTokensMax: 500 },
        { kind: 'target', target: 'many/huge', keepMessages: 6, outputTokensMax: 500 },
        { kind: 'target', target: 'two/small' },
        { kind: 'text', text: 'We are busy.' },
      ],
    });
  });

  test('changes the version, and a comparison says where', () => {
    const before = loaded('routes: { r: { targets: [one/a, two/a] } }');
    const after = loaded(`
policies: { cool_down: { unasked: 1m } }
routes: { r: { targets: [one/a, two/a], policies: { hedge: { after: 2s } }, on: { budget: two/b } } }
`);
    expect(after.version).not.toBe(before.version);
    expect(configDiff(effectiveConfig(before), effectiveConfig(after)).map(changeText)).toEqual([
      '~ routes.r.policies.hedge: "off" → {"after":"2s","percent":5}',
      '+ routes.r.on.budget: ["two/b"]',
      '~ policies.cool_down.unasked: "15m" → "1m"',
    ]);
  });

  test('is printed in the words in which it can be said again', () => {
    const text = `
policies: { concurrency: { refuse: true, max: 50 }, headroom: off, keep_alive: 20s, shed: { in_flight_max: 500 }, hedge: { after: 1.5s }, breaker: { probes: [1, 2, 4], slow: off } }
routes: { r: { targets: [{ target: one/a, policies: { breaker: { open: 3s } } }, two/a], degrade: [{ text: Later. }] } }
`;
    const first = loaded(text);
    const { policies, routes } = effectiveConfig(first);
    const { origin: _, ...route } = routes['r'] as Record<string, unknown>;
    const targets = (route['targets'] as { provider: string; model: string }[]).map(({ provider, model, ...more }) => ({
      target: `${provider}/${model}`,
      ...more,
    }));
    const again = loaded(
      `policies: ${JSON.stringify(policies)}\nroutes: ${JSON.stringify({ r: { ...route, targets } })}`,
    );
    expect(again.config.policies).toEqual(first.config.policies);
    expect(again.config.routes).toEqual(first.config.routes);
  });
});

describe('what cannot work is refused with its line', () => {
  const route = (more: string) => `routes: { r: { targets: [one/a, two/a], ${more} } }\n`;
  test.each([
    [
      'a retry budget above all calls',
      'policies: { retry_budget: { percent: 120 } }',
      'percent must be a number from 0 to 100',
      '120',
    ],
    [
      'a hedge without a second target',
      'routes: { r: { targets: [one/a], policies: { hedge: on } } }',
      'a hedge needs a second target to ask: this route leads to one only',
      'hedge',
    ],
    [
      'a hedge without a second attempt',
      route('attempts_max: 1, policies: { hedge: { percent: 3 } }'),
      'a hedge is a second attempt, and attempts_max is 1',
      'hedge',
    ],
    [
      'a hedge after a word',
      route('policies: { hedge: { after: p99 } }'),
      'after must be p95, or look like 500ms, 30s or 2m',
      'p99',
    ],
    [
      'a first token after the end',
      'routes: { r: { targets: [{ target: one/a, timeouts: { first_token: 30s, total: 20s } }] } }',
      'first_token must not be above total (20s)',
      '30s',
    ],
    [
      'a timeout beyond its route',
      'routes: { r: { timeout: 1m, targets: [{ target: one/a, timeouts: { total: 2m } }] } }',
      "total must not be above the route's timeout (1m)",
      '2m',
    ],
    [
      'a timeout beyond the default of its route',
      'routes: { r: { targets: [{ target: one/a, timeouts: { idle: 11m } }] } }',
      "idle must not be above the route's timeout (10m)",
      '11m',
    ],
    [
      'an aim beyond its route',
      route('timeout: 2s, policies: { first_token_target: 3s }'),
      "first_token_target must not be above the route's timeout (2s)",
      '3s',
    ],
    [
      'bounds in the wrong order',
      'policies: { concurrency: { min: 9, max: 8 } }',
      'min must not be above max (8)',
      '9',
    ],
    [
      'a start outside its bounds',
      'policies: { concurrency: { initial: 3, min: 4 } }',
      'min must not be above initial (3)',
      '4',
    ],
    [
      'an order broken by a more specific place',
      `policies: { breaker: { open_max: 1m } }\n${route('policies: { breaker: { open: 2m } }')}`,
      'open must not be above open_max (1m)',
      '2m',
    ],
    [
      'an order broken from the other side',
      `policies: { backoff: { base: 5s } }\n${route('policies: { backoff: { max: 1s } }')}`,
      'max must not be below base (5s)',
      '1s',
    ],
    ['an unknown provider in on', route('on: { budget: three/a }'), '"three/a" names an unknown provider', 'three/a'],
    [
      'an unknown route in degrade',
      route('degrade: [{ target: route/x }]'),
      '"route/x" names an unknown route',
      'route/x',
    ],
    ['a way back', route('degrade: [route/r]'), 'this leads back to route/r itself', 'route/r'],
    [
      'a way back by a nested route',
      `routes: { r: { targets: [one/a], on: { context_length: route/s } }, s: { targets: [two/a, route/r] } }`,
      'this leads back to route/r itself',
      'route/s',
    ],
    [
      'a cheaper target that is the only one',
      'routes: { r: { targets: [one/a], on: { budget: one/a } } }',
      "one/a is the route's only target already: name another one",
      'one/a }',
    ],
    [
      'a weighted route as an alternative',
      `routes: { r: { targets: [one/a], on: { budget: route/w } }, w: { strategy: weighted, targets: [two/a, two/b] } }`,
      'a weighted route has no order to go by here: name its targets',
      'route/w',
    ],
    ['an empty text', route('degrade: [{ text: "" }]'), 'text must not be empty', '""'],
    ['a text of spaces', route('degrade: [{ text: "  " }]'), 'text must not be empty', '"  "'],
    [
      'a step after a text',
      route('degrade: [{ text: Later. }, two/b]'),
      'a text always answers: what comes after it is never reached',
      '{ text: Later. }',
    ],
    [
      'a step of two kinds',
      route('degrade: [{ target: two/b, text: Later. }]'),
      'a target answers by itself: give each a step of its own',
      'text',
    ],
    [
      'a step of no kind',
      route('degrade: [{ keep_messages: 3 }]'),
      'this needs a target or a text',
      '{ keep_messages: 3 }',
    ],
    ['a cached answer', route('degrade: [{ cached: true }]'), 'cached is not built yet: use target or text', 'cached'],
    ['a job', route('degrade: [{ job: true }]'), 'job is not built yet: use target or text', 'job'],
    ['a switch in another word', 'policies: { breaker: never }', 'breaker must be off, on or a mapping', 'never'],
    [
      'a policy of routes at a provider',
      'routes: { r: { targets: [{ target: one/a, policies: { hedge: on } }] } }',
      'unknown key "hedge"',
      'hedge',
    ],
    [
      'a misspelled member',
      'policies: { breaker: { consecutve: 4 } }',
      'unknown key "consecutve", did you mean "consecutive"?',
      'consecutve',
    ],
  ])('%s', (_, rest, message, at) => {
    const lines = report(rest).split('\n');
    const line = (PROVIDERS + rest).split('\n').findIndex((text) => text.includes(at)) + 1;
    expect(lines[0]).toMatch(new RegExp(`^leeward\\.yaml:${line}:\\d+  error  `));
    expect(lines[0]).toContain(message);
    expect(lines[2]).toMatch(/\^+$/);
    expect(lines.filter((text) => text.startsWith('leeward.yaml:'))).toHaveLength(1);
  });

  test('two keys to a provider are two targets, and can hedge', () => {
    const { routes } = loaded('routes: { r: { targets: [many/a], policies: { hedge: on } } }').config;
    expect(routes.get('r')?.policies.hedge).toEqual({ afterMs: undefined, percent: 5 });
  });

  test('two routes may be the resort of each other', () => {
    const { routes } = loaded(
      'routes: { r: { targets: [one/a], degrade: [route/s] }, s: { targets: [two/a], degrade: [route/r] } }',
    ).config;
    expect(routes.get('r')?.policies.degrade).toEqual([{ kind: 'target', target: 'two/a' }]);
    expect(routes.get('s')?.policies.degrade).toEqual([{ kind: 'target', target: 'one/a' }]);
  });

  test('what is odd and works is a warning', () => {
    const { warnings } = loaded(`
routes:
  r:
    attempts_max: 1
    targets: [{ target: one/a, timeouts: { first_token: 2s } }, two/a]
    policies: { first_token_target: 5s }
    degrade: [two/b]
`);
    expect(warnings).toEqual([
      "leeward.yaml:14:37  warning  first_token_target is above a target's timeout for it (2s)",
      'leeward.yaml:15:15  warning  attempts_max is 1: this target is used only where no other could be asked',
    ]);
  });
});
