import { describe, expect, test } from 'vitest';
import { readDocument } from '../config/document-file.ts';
import { nano } from '../kernel/amounts.ts';
import { seededRandom } from '../kernel/random.ts';
import { DEFAULT_TARGET_POLICIES } from '../protocol/policy.ts';
import { latencyMs } from './draws.ts';
import type { ForecastAsked, ForecastSubject } from './forecast-asked.ts';
import { prepareForecast } from './forecast-setup.ts';
import { scaledPolicies } from './policy-scale.ts';
import { shippedFile } from './shipped.ts';
import { callsPerMinute, TRAFFIC } from './traffic-file.ts';
import { weatherKind } from './weather-document.ts';
import type { LatencyProfile, WeatherFile } from './weather-file.ts';

const HOUR = 3_600_000;

function shipped(kind: 'traffic' | 'latency') {
  const file = shippedFile(kind);
  if (file === undefined) throw new Error(`no ${kind} is shipped`);
  return file;
}

const traffic = readDocument('traffic', shipped('traffic').text, TRAFFIC).document;
const { profiles } = readDocument('latency', shipped('latency').text, weatherKind([])).document;

function weather(text: string): WeatherFile {
  return readDocument('weather', text, weatherKind(Object.keys(profiles))).document;
}

const SUBJECT: ForecastSubject = {
  targets: [{ provider: 'openai', model: 'gpt' }],
  models: ['route/writer'],
  localProviders: new Set(),
  budgets: [],
  organisation: 'org',
  house: () => () => {
    throw new Error('only the setup is looked at');
  },
};

function asked(file: WeatherFile, more: Partial<ForecastAsked> = {}): ForecastAsked {
  return {
    traffic,
    weather: file,
    profiles: new Map(Object.entries(profiles)),
    latency: new Map(),
    part: { day: 1, fromMs: 0, untilMs: 24 * HOUR },
    midnightAt: Date.UTC(2026, 0, 16),
    seed: 1,
    sample: 20_000,
    ...more,
  };
}

test('the traffic that is shipped goes from 50 calls a minute at 3 AM to 5,000 at 3 PM and back', () => {
  const at = (hour: number) => Math.round(callsPerMinute(traffic, hour * HOUR));
  expect([at(3), at(9), at(15), at(21), at(27)]).toEqual([50, 2_525, 5_000, 2_525, 50]);
  expect(Math.max(...Array.from({ length: 96 }, (_, quarter) => at(quarter / 4)))).toBe(5_000);
});

/** The p95 of the time to first token of each profile, at its best and at its worst. */
const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  'hosted-api': [600, 1_800],
  'serverless-gpu': [700, 2_000],
  'self-hosted': [150, 800],
  hybrid: [200, 1_400],
  'on-device': [30, 300],
};

test('the latency profiles that are shipped are these', () => {
  expect(Object.keys(profiles)).toEqual(Object.keys(RANGES));
});

test.each(Object.entries(RANGES))('%s has a p95 from %j over the day, as it is drawn', (name, range) => {
  const [calm] = [weather(`name: x\ntargets: { openai: { latency: ${name} } }`)];
  const { firstToken } = prepareForecast(SUBJECT, asked(calm)).setup.providers[0] ?? {};
  const random = seededRandom(1);
  const p95At = (hour: number) => {
    if (typeof firstToken !== 'function') throw new Error('it swings over the day');
    const drawn = Array.from({ length: 20_000 }, () => latencyMs(random, firstToken(hour * HOUR, 'gpt')));
    return drawn.sort((one, other) => one - other)[19_000] ?? 0;
  };
  const byHour = Array.from({ length: 24 }, (_, hour) => p95At(hour));
  expect(Math.min(...byHour) / range[0]).toBeCloseTo(1, 1);
  expect(Math.max(...byHour) / range[1]).toBeCloseTo(1, 1);
  expect(byHour.indexOf(Math.max(...byHour))).toBeGreaterThanOrEqual(13);
  expect(byHour.indexOf(Math.max(...byHour))).toBeLessThanOrEqual(17);
});

describe('a sample', () => {
  const file = weather(`
name: x
targets:
  openai:
    capacity: { at_once: 3600, queue: 1800 }
    rate_limit: { calls_per_minute: 36000 }
    reduced: [{ from: "01:00", to: "02:00", at_once: 1800 }]
`);

  test('stands for all calls, with rates, capacities, limits and budgets in proportion', () => {
    const budget = {
      id: 'file.day',
      organisation: 'org',
      scope: { kind: 'organisation', id: 'org' },
      period: 'day',
      timeZone: 'UTC',
      hard: nano(181_800_000_000n),
      credit: false,
    } as const;
    const { setup, scale, expectedCalls, notes } = prepareForecast({ ...SUBJECT, budgets: [budget] }, asked(file));
    // (50 + 5,000) ÷ 2 a minute, over 1,440 minutes.
    expect(expectedCalls / 3_636_000).toBeCloseTo(1, 3);
    expect(scale.standsFor).toBeCloseTo(181.8, 1);
    expect(setup.traffic.ratePerSecond(15 * HOUR) * scale.standsFor * 60).toBeCloseTo(5_000, 3);
    expect(setup.providers[0]).toMatchObject({
      capacity: { concurrent: 20, queue: 10, whenFull: 503 },
      conditions: [{ kind: 'capacity', concurrent: 10, fromMs: HOUR, untilMs: 2 * HOUR }],
    });
    expect(setup.providers[0]?.rateLimit?.requestsPerMinute).toBeCloseTo(198, 0);
    expect(Number(setup.budgets?.[0]?.hard)).toBeCloseTo(1e9, -4);
    expect(notes).toEqual([]);
  });

  test('says so where it is too coarse for a capacity, and is the whole where there are no more calls', () => {
    const { notes } = prepareForecast(SUBJECT, asked(file, { sample: 2_000 }));
    expect(notes).toEqual([expect.stringContaining('the capacity of openai is simulated as 2, which is coarse')]);
    const part = { day: 1, fromMs: 3 * HOUR, untilMs: 3.25 * HOUR };
    const whole = prepareForecast(SUBJECT, asked(file, { part }));
    expect(whole.scale.standsFor).toBe(1);
    expect(whole.setup.providers[0]?.capacity?.concurrent).toBe(3_600);
    expect(whole.notes).toEqual([]);
  });

  test('stretches windows until they hold enough calls to judge by, never beyond what all calls would fill', () => {
    const sparse = scaledPolicies(DEFAULT_TARGET_POLICIES, { standsFor: 100, ratePerSecond: 0.2 });
    // Twice the 20 calls that a share of failures is judged by; 50 that a share of retries is taken of.
    expect(sparse.breaker?.windowMs).toBe(200_000);
    expect(sparse.retryBudget).toMatchObject({ percent: 20, perSecondMin: 0.03, windowMs: 250_000 });
    expect(sparse.breaker?.openMs).toBe(30_000);
    const dense = scaledPolicies(DEFAULT_TARGET_POLICIES, { standsFor: 2, ratePerSecond: 100 });
    expect(dense.breaker).toEqual(DEFAULT_TARGET_POLICIES.breaker);
    const half = scaledPolicies(DEFAULT_TARGET_POLICIES, { standsFor: 2, ratePerSecond: 0.1 });
    expect(half.breaker?.windowMs).toBe(60_000);
    expect(scaledPolicies(DEFAULT_TARGET_POLICIES, { standsFor: 1, ratePerSecond: 0.1 })).toBe(DEFAULT_TARGET_POLICIES);
  });
});

test('a profile that is asked for wins over the weather, and the weather over what a local provider has', () => {
  const file = weather('name: x\ntargets: { "*": { latency: hybrid } }');
  const at3 = (more: Partial<ForecastAsked>, from = SUBJECT) => {
    const { firstToken } = prepareForecast(from, asked(file, more)).setup.providers[0] ?? {};
    return typeof firstToken === 'function' ? firstToken(3 * HOUR, 'gpt').p95Ms : undefined;
  };
  const local = { ...SUBJECT, localProviders: new Set(['openai']) };
  const calm = { weather: weather('name: x') };
  expect(at3({})).toBe(200);
  expect(at3({ latency: new Map([['openai', 'on-device']]) })).toBe(30);
  expect(at3({ latency: new Map([['*', 'self-hosted']]) })).toBe(150);
  expect(at3(calm)).toBe(600);
  expect(at3(calm, local)).toBe(150);
});

test('traffic that names no model calls each route as often as the others, streamed as often as it says', () => {
  const mixed = { ...traffic, calls: [{ ...traffic.calls[0], stream: 0.75 }] } as typeof traffic;
  const { setup } = prepareForecast(
    { ...SUBJECT, models: ['route/a', 'route/b'] },
    asked(weather('name: x'), { traffic: mixed }),
  );
  expect(setup.traffic.shapes.map(({ model, stream, weight }) => [model, stream, weight])).toEqual([
    ['route/a', true, 0.375],
    ['route/a', false, 0.125],
    ['route/b', true, 0.375],
    ['route/b', false, 0.125],
  ]);
});

const OWN: LatencyProfile = {
  first_token: [{ at: 0, p50: 10, p95: 20 }],
  tokens_per_second: 9,
  tail: { share: 0.1, times: 5 },
};

test('a profile of the file with a tail is taken as it is', () => {
  const file = weather('name: x\nprofiles: { own: { first_token: [{ at: "00:00", p50: 10ms, p95: 20ms }] } }');
  const known = new Map([['own', OWN]]);
  const { setup } = prepareForecast(SUBJECT, asked(file, { profiles: known, latency: new Map([['*', 'own']]) }));
  const { firstToken, tokensPerSecond } = setup.providers[0] ?? {};
  expect(tokensPerSecond).toBe(9);
  expect(typeof firstToken === 'function' && firstToken(0, 'gpt')).toEqual({
    p50Ms: 10,
    p95Ms: 20,
    tailShare: 0.1,
    tailTimes: 5,
  });
});
