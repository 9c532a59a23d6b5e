import type { MadeUpModel, MadeUpProvider } from '../src/compose/simulated-house.ts';
import type {
  Condition,
  Failure,
  LatencyShape,
  ProviderProfile,
  RequestShape,
  SimulationSetup,
  Traffic,
} from '../src/forecast/setup.ts';
import { nano } from '../src/kernel/amounts.ts';
import type { Budget } from '../src/money/budget.ts';
import {
  DEFAULT_BREAKER,
  DEFAULT_CONCURRENCY,
  DEFAULT_TARGET_POLICIES,
  type DegradeStep,
  type RoutePolicies,
  type TargetPolicies,
} from '../src/protocol/policy.ts';
import type { RouteRule } from '../src/routing/routing-table.ts';
import type { OnClientGone } from '../src/routing/target.ts';
import { Draw } from './draw.ts';
import { houseOf, targets } from './topology.ts';

const REQUESTS_MAX = 2_000;
const START_AT = Date.UTC(2026, 0, 1);
const FAILURES = ['refuse', 'reset', 'error', 'overloaded', 'hang', 'truncate', 'garbage'] as const satisfies Failure[];
const GONE: readonly ['abort', 'drain'] = ['abort', 'drain'];
const FULL: readonly [429, 503] = [429, 503];
const ORGANISATION = 'org_simulated';
const PROJECT = 'proj_simulated';
const KEYS = ['key_one', 'key_two', 'key_three'] as const;

/** What there is, by the names that calls can use. */
interface Places {
  readonly names: readonly string[];
  readonly providers: readonly MadeUpProvider[];
}

/**
 * Everything about a run, from its seed alone: who the providers are and what
 * befalls them, which policies hold, who calls how often for how much money.
 * Small enough for hundreds, wild enough that what holds in all of them holds.
 */
export function randomSetup(seed: number): SimulationSetup {
  const draw = new Draw(seed);
  const requestsMax = Math.round(draw.scale(60, REQUESTS_MAX));
  const ratePerSecond = draw.scale(0.5, 150);
  const durationMs = Math.min((requestsMax / ratePerSecond) * 1_000, 3_600_000);
  const places = placesOf(draw);
  const totalMs = Math.round(draw.scale(4_000, 180_000));
  const attemptsMax = draw.int(1, 3);
  const routes = routesOf(draw, places);
  const profiles = places.providers.map((provider) => profileOf(draw, provider, durationMs));
  const budgets = budgetsOf(draw, requestsMax);
  const retriesInFlight = draw.chance(0.8) ? { percent: draw.int(5, 40), min: draw.int(1, 5) } : undefined;
  return {
    seed,
    startAt: START_AT,
    durationMs,
    sliceMs: durationMs,
    house: houseOf({
      providers: places.providers,
      routes,
      totalMs,
      attemptsMax,
      target: targetPoliciesOf(draw),
      global: {
        ...(retriesInFlight === undefined ? {} : { retriesInFlight }),
        ...(draw.chance(0.7) ? { pingMs: Math.round(draw.scale(1_000, 15_000)) } : {}),
      },
    }),
    providers: profiles,
    traffic: trafficOf(draw, { routes: Object.keys(routes), durationMs, requestsMax, ratePerSecond }),
    budgets,
    chargePolicy: draw.pick(['winner_only', 'all_attempts']),
    expect: { deadlineMs: totalMs, attemptsMax },
  };
}

function placesOf(draw: Draw): Places {
  const providers: MadeUpProvider[] = [];
  const names: string[] = [];
  for (let index = 0; index < draw.int(1, 4); index++) {
    const name = `p${index + 1}`;
    const models: MadeUpModel[] = [];
    for (let model = 0; model < draw.int(1, 3); model++) {
      models.push(modelOf(draw, `m${model + 1}`));
      names.push(`${name}/m${model + 1}`);
    }
    const credentials = Array.from({ length: draw.pick([0, 0, 1, 2, 3]) }, (_, key) => `k${key + 1}`);
    const onClientGone: OnClientGone = { stream: draw.pick(GONE), answer: draw.pick(GONE) };
    providers.push({ name, models, credentials, onClientGone });
  }
  return { names, providers };
}

function modelOf(draw: Draw, name: string): MadeUpModel {
  const input = BigInt(Math.round(draw.scale(50_000, 5_000_000)));
  return {
    name,
    price: { input, output: input * BigInt(draw.int(2, 6)) },
    contextWindow: 128_000,
    ...(draw.chance(0.7) ? { maxOutputTokens: draw.int(1_000, 8_000) } : {}),
  };
}

function routesOf(draw: Draw, { names }: Places): Record<string, Partial<RouteRule> & Pick<RouteRule, 'targets'>> {
  const routes: Record<string, Partial<RouteRule> & Pick<RouteRule, 'targets'>> = {};
  for (let index = 0; index < draw.int(1, 3); index++) {
    const order = draw.shuffled(names);
    const used = order.slice(0, draw.int(1, Math.min(4, order.length)));
    routes[`r${index + 1}`] = {
      strategy: draw.pick(['fallback', 'fallback', 'weighted']),
      targets: targets(...used).map((target) => ({ ...target, weight: draw.int(1, 5) })),
      policies: routePoliciesOf(draw, names, used.length),
    };
  }
  return routes;
}

function routePoliciesOf(draw: Draw, names: readonly string[], used: number): RoutePolicies {
  const some = (share: number) => draw.perhaps(share, () => draw.shuffled(names).slice(0, draw.int(1, 2)));
  const [contextLength, contentPolicy, budget] = [some(0.3), some(0.3), some(0.3)];
  const hedge = draw.perhaps(used > 1 ? 0.3 : 0, () => ({
    afterMs: draw.perhaps(0.5, () => Math.round(draw.scale(50, 5_000))),
    percent: draw.int(1, 20),
  }));
  const firstTokenMs = draw.perhaps(0.2, () => Math.round(draw.scale(200, 10_000)));
  return {
    backoff: { baseMs: draw.int(10, 500), maxMs: draw.int(500, 8_000) },
    ...(hedge === undefined ? {} : { hedge }),
    ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
    on: {
      ...(contextLength === undefined ? {} : { contextLength }),
      ...(contentPolicy === undefined ? {} : { contentPolicy }),
      ...(budget === undefined ? {} : { budget }),
    },
    degrade: degradeOf(draw, names),
  };
}

function degradeOf(draw: Draw, names: readonly string[]): DegradeStep[] {
  const steps: DegradeStep[] = [];
  const [target] = draw.shuffled(names);
  if (target !== undefined && draw.chance(0.3)) {
    steps.push({
      kind: 'target',
      target,
      ...(draw.chance(0.5) ? { keepMessages: draw.int(1, 3) } : {}),
      ...(draw.chance(0.5) ? { outputTokensMax: draw.int(16, 500) } : {}),
    });
  }
  if (draw.chance(0.2)) steps.push({ kind: 'text', text: 'The service is busy; please come back later.' });
  return steps;
}

function targetPoliciesOf(draw: Draw): TargetPolicies {
  const breaker = {
    ...DEFAULT_BREAKER,
    consecutiveMax: draw.int(2, 8),
    openMs: Math.round(draw.scale(1_000, 60_000)),
    returnMs: draw.int(0, 20_000),
    slow: draw.chance(0.7) ? DEFAULT_BREAKER.slow : undefined,
  };
  const concurrency = {
    ...DEFAULT_CONCURRENCY,
    initial: draw.int(4, 40),
    max: draw.int(40, 1_024),
    refuse: draw.chance(0.3),
  };
  const coolDown = {
    unaskedMs: Math.round(draw.scale(1_000, 900_000)),
    retryAfterMsMax: Math.round(draw.scale(1_000, 60_000)),
  };
  return {
    coolDown,
    ...(draw.chance(0.8) ? { retryBudget: { ...DEFAULT_TARGET_POLICIES.retryBudget, percent: draw.int(5, 50) } } : {}),
    ...(draw.chance(0.8) ? { breaker } : {}),
    ...(draw.chance(0.7) ? { headroom: { percentMin: draw.int(1, 20) } } : {}),
    ...(draw.chance(0.7) ? { concurrency } : {}),
  };
}

function profileOf(draw: Draw, { name, models }: MadeUpProvider, durationMs: number): ProviderProfile {
  const p50Ms = draw.scale(20, 2_000);
  const firstToken: LatencyShape = {
    p50Ms,
    p95Ms: p50Ms * draw.float(1.2, 5),
    ...(draw.chance(0.3) ? { tailShare: draw.float(0, 0.1), tailTimes: draw.float(2, 50) } : {}),
  };
  const conditions = Array.from({ length: draw.int(0, 4) }, () => conditionOf(draw, models, durationMs));
  const capacity = draw.perhaps(0.5, () => ({
    concurrent: Math.round(draw.scale(1, 200)),
    queue: draw.int(0, 200),
    whenFull: draw.pick(FULL),
    finishesAbandoned: draw.chance(0.3),
  }));
  const rateLimit = draw.perhaps(0.3, () => ({
    requestsPerMinute: Math.round(draw.scale(10, 5_000)),
    ...(draw.chance(0.5) ? { tokensPerMinute: Math.round(draw.scale(20_000, 5_000_000)) } : {}),
    retryAfter: draw.chance(0.7),
    headers: draw.chance(0.7),
  }));
  return {
    name,
    firstToken,
    tokensPerSecond: draw.scale(20, 2_000),
    conditions,
    outputTokensMaxOf: (model) => models.find((known) => known.name === model)?.maxOutputTokens,
    ...(capacity === undefined ? {} : { capacity }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
    ...(draw.chance(0.2) ? { contextTokensMax: draw.int(500, 4_000) } : {}),
    ...(draw.chance(0.15) ? { overrunShare: draw.float(0, 0.2) } : {}),
  };
}

function conditionOf(draw: Draw, models: readonly MadeUpModel[], durationMs: number): Condition {
  const fromMs = draw.float(-0.3, 0.9) * durationMs;
  const span = { fromMs, untilMs: fromMs + draw.scale(0.01, 1) * durationMs };
  const one = draw.chance(0.3) ? models[0]?.name : undefined;
  const place = one === undefined ? span : { ...span, model: one };
  const share = draw.chance(0.4) ? 1 : draw.float(0.01, 1);
  switch (draw.int(0, 6)) {
    case 0:
      return { ...place, kind: 'latency', times: draw.scale(1.5, 60) };
    case 1:
      return { ...place, kind: 'capacity', concurrent: draw.int(1, 20) };
    case 2:
      return {
        ...place,
        kind: 'throttle',
        share,
        ...(draw.chance(0.6) ? { retryAfterMs: Math.round(draw.scale(100, 200_000)) } : {}),
        ...(draw.chance(0.2) ? { exhausted: true } : {}),
      };
    case 3:
      return { ...place, kind: 'refusal', share: share / 3, reason: draw.pick(['context-length', 'content-policy']) };
    default:
      return { ...place, kind: 'outage', share, failure: draw.pick(FAILURES) };
  }
}

interface TrafficFacts {
  readonly routes: readonly string[];
  readonly durationMs: number;
  readonly requestsMax: number;
  readonly ratePerSecond: number;
}

function trafficOf(draw: Draw, { routes, durationMs, requestsMax, ratePerSecond }: TrafficFacts): Traffic {
  const shapes = routes.flatMap((route) =>
    Array.from({ length: draw.int(1, 3) }, (): RequestShape => {
      const input = draw.scale(10, 2_000);
      const output = draw.scale(5, 400);
      return {
        weight: draw.int(1, 5),
        model: `route/${route}`,
        stream: draw.chance(0.6),
        inputTokens: { p50: input, p95: input * draw.float(1.1, 6) },
        outputTokens: { p50: output, p95: output * draw.float(1.1, 6) },
        ...(draw.chance(0.6) ? { maxOutputTokens: draw.int(16, 2_000) } : {}),
        ...(draw.chance(0.2) ? { timeoutMs: Math.round(draw.scale(500, 60_000)) } : {}),
        caller: { organisation: ORGANISATION, project: PROJECT, keyId: draw.pick(KEYS) },
      };
    }),
  );
  const bursts = draw.perhaps(0.3, () => [
    { atMs: draw.float(0, 0.8) * durationMs, requests: Math.round(draw.scale(5, requestsMax / 2)) },
  ]);
  const wave = draw.perhaps(0.4, () => draw.scale(1_000, durationMs + 1_000));
  return {
    ratePerSecond: (atMs) =>
      wave === undefined ? ratePerSecond : ratePerSecond * (0.55 + 0.45 * Math.sin((2 * Math.PI * atMs) / wave)),
    ratePerSecondMax: ratePerSecond,
    requestsMax,
    shapes,
    ...(bursts === undefined ? {} : { bursts }),
    clients: {
      retriesMax: draw.pick([0, 2]),
      leavesShare: draw.chance(0.5) ? draw.float(0, 0.3) : 0,
      leavesWithinMs: draw.scale(10, 20_000),
      slowShare: draw.chance(0.4) ? draw.float(0, 0.3) : 0,
      slowMs: draw.scale(10, 90_000),
    },
  };
}

/** From caps that nobody reaches to such that most calls cannot be paid. */
function budgetsOf(draw: Draw, requests: number): Budget[] {
  const budgets: Budget[] = [];
  const add = (id: string, scope: Budget['scope']) => {
    const hard = nano(BigInt(Math.round(requests * draw.scale(50_000, 50_000_000))));
    budgets.push({
      id,
      organisation: ORGANISATION,
      scope,
      period: draw.pick(['lifetime', 'hour', 'day']),
      timeZone: 'UTC',
      credit: false,
      ...(draw.chance(0.8) ? { hard } : {}),
      ...(draw.chance(0.3) ? { soft: nano(hard / 2n) } : {}),
    });
  };
  if (draw.chance(0.4)) add('bud_project', { kind: 'project', id: PROJECT });
  if (draw.chance(0.2)) add('bud_organisation', { kind: 'organisation', id: ORGANISATION });
  for (const key of KEYS) if (draw.chance(0.2)) add(`bud_${key}`, { kind: 'key', id: key });
  return budgets;
}
