import type { Condition, ProviderProfile, RequestShape, SimulationSetup, Traffic } from '../../src/forecast/setup.ts';
import type { SimulationReport, Slice } from '../../src/forecast/simulation-report.ts';
import { START_AT, type Stage } from '../scenario.ts';
import { houseOf, MODEL, TOTAL_MS, type Topology, targets } from '../topology.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const FOREVER = Number.MAX_SAFE_INTEGER;

/** A short streamed chat to the route that every scenario has. */
export const CHAT: RequestShape = {
  weight: 1,
  model: 'route/main',
  stream: true,
  inputTokens: { p50: 200, p95: 600 },
  outputTokens: { p50: 20, p95: 60 },
  maxOutputTokens: 500,
};

/** OpenAI's SDK: two tries of its own after the first. */
export const SDK = { retriesMax: 2 } as const;

/** Two providers with one model each, the first before the second. */
export const TWO: Topology = {
  providers: [
    { name: 'one', models: [MODEL] },
    { name: 'two', models: [MODEL] },
  ],
  routes: { main: { targets: targets('one/large', 'two/large') } },
};

export const ALONE: Topology = {
  providers: [{ name: 'one', models: [MODEL] }],
  routes: { main: { targets: targets('one/large') } },
};

export function profile(name: string, more: Partial<ProviderProfile> = {}): ProviderProfile {
  return { name, firstToken: { p50Ms: 400, p95Ms: 900 }, tokensPerSecond: 100, conditions: [], ...more };
}

export function outage(
  fromMs: number,
  untilMs: number,
  failure: 'refuse' | 'reset' | 'error' | 'hang' = 'error',
  share = 1,
): Condition {
  return { kind: 'outage', fromMs, untilMs, failure, share };
}

export function steady(ratePerSecond: number): Pick<Traffic, 'ratePerSecond' | 'ratePerSecondMax'> {
  return { ratePerSecond: () => ratePerSecond, ratePerSecondMax: ratePerSecond };
}

export interface ScenarioSetup extends Partial<Omit<SimulationSetup, 'traffic' | 'house'>> {
  readonly topology: Topology;
  readonly durationMs: number;
  readonly providers: readonly ProviderProfile[];
  readonly traffic: Partial<Traffic> & Pick<Traffic, 'ratePerSecond' | 'ratePerSecondMax'>;
}

export function setupOf({ seed }: Stage, { topology, traffic, ...more }: ScenarioSetup): SimulationSetup {
  return {
    seed,
    startAt: START_AT,
    sliceMs: SECOND,
    house: houseOf(topology),
    traffic: { requestsMax: Number.MAX_SAFE_INTEGER, shapes: [CHAT], ...traffic },
    expect: { deadlineMs: topology.totalMs ?? TOTAL_MS, ...more.expect },
    ...more,
  };
}

/** Slices of an interval, whole ones. */
export function between({ slices }: SimulationReport, fromMs: number, untilMs: number): readonly Slice[] {
  return slices.filter((slice) => slice.fromMs >= fromMs && slice.fromMs + SECOND <= untilMs);
}

type Counted = 'requests' | 'requestsAnswered' | 'calls' | 'attempts' | 'ok' | 'failed';

export function sumOf(slices: readonly Slice[], what: Counted): number {
  return slices.reduce((sum, slice) => sum + slice[what], 0);
}

/** Of requests that applications made, the share that was answered in the end. */
export function answeredShare(report: SimulationReport): number {
  const { requests, requestsAnswered, left } = report.totals;
  return requestsAnswered / (requests - left);
}

export function attemptsTo(report: SimulationReport, provider: string): number {
  return report.targets
    .filter((target) => target.provider === provider)
    .reduce((sum, { attempts }) => sum + attempts, 0);
}

/** How often breakers have opened, over all targets. */
export function openings({ weather }: SimulationReport): number {
  return weather.reduce((sum, { breaker, slow }) => sum + (breaker?.openings ?? 0) + (slow?.openings ?? 0), 0);
}
