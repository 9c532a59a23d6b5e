import type { Budget } from '../money/budget.ts';
import { meanOf, valueAt } from './day-curve.ts';
import type { ForecastAsked, ForecastSubject, SampleScale } from './forecast-asked.ts';
import { profilesOf } from './provider-profiles.ts';
import type { RequestShape, SimulationSetup, TokenShape } from './setup.ts';
import { type TokenCount, type TrafficFile, trafficPoints } from './traffic-file.ts';

export interface PreparedForecast {
  readonly setup: SimulationSetup;
  readonly scale: SampleScale;
  /** Calls that the traffic would be made of. */
  readonly expectedCalls: number;
  /** What the figures must be read with. */
  readonly notes: readonly string[];
}

const MINUTE_MS = 60_000;
/** Slices are as wide as the shortest of these, in minutes, of which so many are enough. */
const SLICE_MINUTES = [1, 2, 5, 10, 15, 30];
const SLICES_MAX = 60;
const ARRIVALS_SPARE = 1.2;
const ARRIVALS_MORE = 1_000;
const LEAVES_WITHIN_MS = 10_000;

/**
 * The simulation that answers a forecast. Where not all calls are simulated,
 * what counts calls counts in proportion: capacities, rate limits and budgets
 * are as many times smaller as there are fewer calls, and what a single call
 * meets (latency, timeouts, how long a breaker stays open) is left as it is.
 */
export function prepareForecast(subject: ForecastSubject, asked: ForecastAsked): PreparedForecast {
  const { traffic, part, seed, midnightAt, sample } = asked;
  const points = trafficPoints(traffic.calls_per_minute);
  const { between } = traffic;
  const durationMs = part.untilMs - part.fromMs;
  const expectedCalls = (meanOf(points, part.fromMs, part.untilMs, between) * durationMs) / MINUTE_MS;
  const standsFor = Math.max(1, expectedCalls / sample);
  const scale = { standsFor, ratePerSecond: (expectedCalls / standsFor / durationMs) * 1_000 };
  const rateOf = (perMinute: number) => perMinute / 60 / standsFor;
  const { providers, notes } = profilesOf(subject, asked, scale);
  const budgets = subject.budgets.map((budget) => scaledBudget(budget, standsFor));
  return {
    scale,
    expectedCalls,
    notes,
    setup: {
      seed,
      startAt: midnightAt + (part.day - 1) * 24 * 60 * MINUTE_MS + part.fromMs,
      durationMs,
      sliceMs: sliceMsOf(durationMs),
      house: subject.house(scale),
      providers,
      traffic: {
        ratePerSecond: (atMs) => rateOf(valueAt(points, part.fromMs + atMs, between)),
        ratePerSecondMax: rateOf(Math.max(...points.map(({ value }) => value))),
        requestsMax: Math.ceil((expectedCalls / standsFor) * ARRIVALS_SPARE) + ARRIVALS_MORE,
        shapes: shapesOf(traffic, subject),
        clients: {
          retriesMax: traffic.clients.retries,
          leavesShare: traffic.clients.leaving,
          leavesWithinMs: LEAVES_WITHIN_MS,
        },
      },
      ...(budgets.length === 0 ? {} : { budgets }),
    },
  };
}

function sliceMsOf(durationMs: number): number {
  const minutes = SLICE_MINUTES.find((width) => durationMs / MINUTE_MS / width <= SLICES_MAX) ?? 30;
  return minutes * MINUTE_MS;
}

function shapesOf({ calls, clients }: TrafficFile, { models, organisation }: ForecastSubject): RequestShape[] {
  const caller = { organisation, project: organisation, keyId: organisation };
  return calls.flatMap((kind) => {
    const asked = kind.model === undefined ? models : [kind.model];
    return asked.flatMap((model) =>
      [true, false].flatMap((stream): RequestShape[] => {
        const weight = (kind.share / asked.length) * (stream ? kind.stream : 1 - kind.stream);
        if (weight <= 0) return [];
        const { max_output_tokens: maxOutputTokens } = kind;
        return [
          {
            weight,
            model,
            stream,
            inputTokens: tokenShape(kind.input_tokens),
            outputTokens: tokenShape(kind.output_tokens),
            timeoutMs: clients.timeout,
            caller,
            ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
          },
        ];
      }),
    );
  });
}

function tokenShape(tokens: TokenCount): TokenShape {
  return typeof tokens === 'number' ? { p50: tokens, p95: tokens } : tokens;
}

const PPM = 1_000_000n;

/** Of amounts a part, rounded up, because a cap of 0 would be another kind of cap. */
function scaledBudget(budget: Budget, standsFor: number): Budget {
  const ppm = BigInt(Math.round(Number(PPM) * standsFor));
  const scaled = <Amount extends bigint>(amount: Amount) => ((amount * PPM + ppm - 1n) / ppm) as Amount;
  return {
    ...budget,
    ...(budget.hard === undefined ? {} : { hard: scaled(budget.hard) }),
    ...(budget.soft === undefined ? {} : { soft: scaled(budget.soft) }),
  };
}
