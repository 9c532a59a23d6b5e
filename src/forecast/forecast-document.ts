import { type NanoUsd, nano } from '../kernel/amounts.ts';
import { usdText } from '../kernel/usd-text.ts';
import type { ForecastAsked } from './forecast-asked.ts';
import type { PreparedForecast } from './forecast-setup.ts';
import type { Condition, ProviderProfile } from './setup.ts';
import type { Quantiles, SimulationReport, Slice, Tally, TargetTally } from './simulation-report.ts';

/** Stands in the place of a target where a route answered by itself. */
export const OWN_TEXT = 'a text of the route';

/** An amount twice, as the administrative API gives it. */
export interface MoneyJson {
  readonly nano_usd: string;
  readonly usd: string;
}

/** A forecast as `leeward forecast --json` prints it. Shares are 0 to 1, durations milliseconds, times of day `HH:MM`. */
export interface ForecastDocument {
  readonly config: { readonly path: string | null; readonly version: string };
  readonly traffic: { readonly name: string; readonly about: string | null };
  readonly weather: { readonly name: string; readonly about: string | null };
  readonly day: number;
  readonly from: string;
  readonly to: string;
  readonly seed: number;
  readonly calls: {
    /** That the traffic is made of. */
    readonly expected: number;
    readonly simulated: number;
    /** Each simulated call stands for so many; 1: all were simulated. */
    readonly each_stands_for: number;
  };
  readonly gateway: SideJson;
  /** The same calls to the first target of each route alone, with one attempt each and no policies. */
  readonly alone: SideJson;
  readonly weather_windows: readonly WindowJson[];
  readonly slice_minutes: number;
  /** What the figures must be read with. */
  readonly notes: readonly string[];
  /** What must never happen in a gateway and did: a fault of Leeward. */
  readonly violations: readonly string[];
}

export interface SideJson {
  /** Calls that applications made, each counted once however often its client tried. */
  readonly calls: number;
  readonly answered: number;
  /** Of the calls whose client stayed and that no provider's rules forbid. Null without any. */
  readonly availability: number | null;
  /** Where it would be 95 times of 100 with other calls of the same kind through the same weather. */
  readonly availability_between: readonly [number, number] | null;
  /** Answered, but by what the route does when its targets are spent. */
  readonly degraded: number;
  /** What clients sent, their own retries included, by how it ended; all but the first two are not answers. */
  readonly requests: {
    readonly total: number;
    readonly ok: number;
    readonly degraded: number;
    readonly refused: number;
    readonly declined: number;
    readonly failed: number;
    readonly left: number;
  };
  readonly attempts: number;
  /** Attempts upstream for each call of an application. */
  readonly attempts_per_call: number | null;
  readonly client_tries_per_call: number | null;
  readonly first_token_ms: Quantiles | null;
  readonly total_ms: Quantiles | null;
  /** Of the calls that were simulated. Null: unknown. */
  readonly cost: MoneyJson | null;
  /** Of all calls, in proportion. */
  readonly cost_of_all: MoneyJson | null;
  readonly cost_per_answer: MoneyJson | null;
  /** Requests that did not end well, by the code that their client saw, most first. */
  readonly errors: readonly { readonly code: string; readonly requests: number }[];
  readonly targets: readonly TargetJson[];
  /** Requests that were answered by a text of the route's own. */
  readonly answered_by_text: number;
  readonly tiers: readonly TierJson[];
  readonly slices: readonly SliceJson[];
}

export interface TargetJson {
  readonly target: string;
  readonly tier: string | null;
  readonly attempts: number;
  readonly answered: number;
  readonly share_of_answers: number | null;
  readonly cost: MoneyJson | null;
}

export interface TierJson {
  readonly tier: string | null;
  readonly answered: number;
  readonly share_of_answers: number | null;
  readonly cost: MoneyJson | null;
}

export interface SliceJson {
  readonly from: string;
  readonly calls: number;
  readonly availability: number | null;
  readonly attempts_per_call: number | null;
  readonly first_token_ms: Quantiles | null;
  readonly total_ms: Quantiles | null;
  /** Requests, by the target that answered them. */
  readonly answered_by: Readonly<Record<string, number>>;
}

export interface WindowJson {
  readonly provider: string;
  readonly model: string | null;
  readonly kind: Condition['kind'];
  /** In words, as in `60 % overloaded`. */
  readonly what: string;
  readonly from: string;
  readonly to: string;
}

/** One run, and by slice who answered in it. */
export interface SideRun {
  readonly report: SimulationReport;
  readonly answeredBy: readonly Readonly<Record<string, number>>[];
}

export interface ForecastRuns {
  readonly asked: ForecastAsked;
  readonly prepared: PreparedForecast;
  readonly gateway: SideRun;
  readonly alone: SideRun;
  readonly config: ForecastDocument['config'];
  readonly notes: readonly string[];
  tierOf(target: { readonly provider: string; readonly model: string }): string | undefined;
}

/** What two runs of the same traffic through the same weather say. */
export function forecastDocument(runs: ForecastRuns): ForecastDocument {
  const { asked, prepared, gateway, alone, config, notes } = runs;
  const { traffic, weather, part, seed } = asked;
  const { standsFor } = prepared.scale;
  return {
    config,
    traffic: { name: traffic.name, about: traffic.about ?? null },
    weather: { name: weather.name, about: weather.about ?? null },
    day: part.day,
    from: timeText(part.fromMs),
    to: timeText(part.untilMs),
    seed,
    calls: {
      expected: Math.round(prepared.expectedCalls),
      simulated: gateway.report.totals.requests,
      each_stands_for: Number(standsFor.toPrecision(4)),
    },
    gateway: sideJson(gateway, runs),
    alone: sideJson(alone, runs),
    weather_windows: prepared.setup.providers.flatMap((provider) => windowsOf(provider, runs)),
    slice_minutes: prepared.setup.sliceMs / 60_000,
    notes: [...prepared.notes, ...notes],
    violations: [...gateway.report.violations, ...alone.report.violations],
  };
}

function sideJson({ report, answeredBy }: SideRun, runs: ForecastRuns): SideJson {
  const { totals, slices, targets } = report;
  const { asked, prepared } = runs;
  const { requests, requestsAnswered: answered, calls, attempts, costNanoUsd: cost } = totals;
  const able = ableOf(totals);
  const answers = totals.ok + totals.degraded;
  const named = targets
    .map((target) => targetJson(target, answers, runs.tierOf(target)))
    .sort((one, other) => other.answered - one.answered || (one.target < other.target ? -1 : 1));
  return {
    calls: requests,
    answered,
    availability: ratio(answered, able),
    availability_between: able > 0 ? wilson(answered, able) : null,
    degraded: totals.degraded,
    requests: {
      total: calls,
      ok: totals.ok,
      degraded: totals.degraded,
      refused: totals.refused,
      declined: totals.declined,
      failed: totals.failed,
      left: totals.left,
    },
    attempts,
    attempts_per_call: ratio(attempts, requests),
    client_tries_per_call: ratio(calls, requests),
    first_token_ms: totals.firstTokenMs ?? null,
    total_ms: totals.totalMs ?? null,
    cost: moneyJson(cost),
    cost_of_all: moneyJson(cost === undefined ? undefined : scaledUp(cost, prepared.scale.standsFor)),
    cost_per_answer: moneyJson(cost === undefined || answered === 0 ? undefined : nano(cost / BigInt(answered))),
    errors: Object.entries(totals.errors)
      .map(([code, count]) => ({ code, requests: count }))
      .sort((one, other) => other.requests - one.requests || (one.code < other.code ? -1 : 1)),
    targets: named,
    answered_by_text: Math.max(0, answers - targets.reduce((sum, target) => sum + target.answered, 0)),
    tiers: tiersOf(named, answers),
    slices: slices
      .filter(({ fromMs }) => fromMs < prepared.setup.durationMs)
      .map((slice, index) => sliceJson(slice, asked.part.fromMs, answeredBy[index] ?? {})),
  };
}

/** Who leaves, and who asks for what a provider's rules forbid, says nothing of whether a gateway is there. */
function ableOf({ requests, left, declined }: Tally): number {
  return Math.max(0, requests - left - declined);
}

function sliceJson(slice: Slice, dayMs: number, answeredBy: SliceJson['answered_by']): SliceJson {
  const { fromMs, requests, requestsAnswered, attempts, firstTokenMs, totalMs } = slice;
  return {
    from: timeText(dayMs + fromMs),
    calls: requests,
    availability: ratio(requestsAnswered, ableOf(slice)),
    attempts_per_call: ratio(attempts, requests),
    first_token_ms: firstTokenMs ?? null,
    total_ms: totalMs ?? null,
    answered_by: answeredBy,
  };
}

function targetJson(target: TargetTally, answers: number, tier: string | undefined): TargetJson {
  const { provider, model, attempts, answered, costNanoUsd } = target;
  return {
    target: `${provider}/${model}`,
    tier: tier ?? null,
    attempts,
    answered,
    share_of_answers: ratio(answered, answers),
    cost: moneyJson(costNanoUsd),
  };
}

const TIERS = ['frontier', 'middle', 'cheap', null];

function tiersOf(targets: readonly TargetJson[], answers: number): TierJson[] {
  return TIERS.flatMap((tier) => {
    const own = targets.filter((target) => target.tier === tier);
    if (own.length === 0) return [];
    const answered = own.reduce((sum, target) => sum + target.answered, 0);
    const costs = own.map(({ cost }) => cost);
    const sum = costs.reduce<bigint | undefined>(
      (total, cost) => (total === undefined || cost === null ? undefined : total + BigInt(cost.nano_usd)),
      0n,
    );
    return [
      {
        tier,
        answered,
        share_of_answers: ratio(answered, answers),
        cost: moneyJson(sum === undefined ? undefined : nano(sum)),
      },
    ];
  });
}

/** What is written or drawn for a provider; noise that holds all day is no window. */
function windowsOf({ name, conditions }: ProviderProfile, { asked: { part }, prepared }: ForecastRuns): WindowJson[] {
  const { standsFor } = prepared.scale;
  const whole = part.untilMs - part.fromMs;
  return conditions
    .filter(({ fromMs, untilMs }) => fromMs > 0 || untilMs < whole)
    .map((condition) => ({
      provider: name,
      model: condition.model ?? null,
      kind: condition.kind,
      what: wordsOf(condition, standsFor),
      from: timeText(part.fromMs + condition.fromMs),
      to: timeText(part.fromMs + condition.untilMs),
    }))
    .sort((one, other) => (one.from < other.from ? -1 : one.from > other.from ? 1 : 0));
}

const FAILURE_WORDS = {
  refuse: 'connections refused',
  reset: 'connections reset',
  error: 'server errors',
  overloaded: 'overloaded',
  hang: 'silent',
  truncate: 'answers broken off',
  garbage: 'unreadable answers',
} as const;

function wordsOf(condition: Condition, standsFor: number): string {
  switch (condition.kind) {
    case 'outage':
      return `${percentOf(condition.share)}${FAILURE_WORDS[condition.failure]}`;
    case 'latency':
      return `${condition.times} times as slow`;
    case 'capacity':
      return `about ${Math.round(condition.concurrent * standsFor)} calls at once`;
    case 'throttle':
      return `${percentOf(condition.share)}${condition.exhausted === true ? 'quota used up' : 'throttled'}`;
    default:
      return `${percentOf(condition.share)}refused by ${condition.reason.replace('-', ' ')}`;
  }
}

function percentOf(share: number): string {
  return share === 1 ? '' : `${Number((share * 100).toFixed(2))} % `;
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** Wilson's interval for a share: unlike the usual one it never leaves 0 to 1, and has a width at either end. */
function wilson(hits: number, of: number): readonly [number, number] {
  const z = 1.96;
  const share = hits / of;
  const centre = share + (z * z) / (2 * of);
  const spread = z * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
  const divisor = 1 + (z * z) / of;
  return [Math.max(0, (centre - spread) / divisor), Math.min(1, (centre + spread) / divisor)];
}

const PPM = 1_000_000;

function scaledUp(cost: NanoUsd, standsFor: number): NanoUsd {
  return nano((cost * BigInt(Math.round(standsFor * PPM))) / BigInt(PPM));
}

function moneyJson(amount: NanoUsd | undefined): MoneyJson | null {
  return amount === undefined ? null : { nano_usd: String(amount), usd: usdText(amount) };
}

/** Milliseconds since midnight as `14:05`, with seconds where there are some. */
export function timeText(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[2] === 0 ? parts.slice(0, 2) : parts;
  return shown.map((part) => String(part).padStart(2, '0')).join(':');
}
