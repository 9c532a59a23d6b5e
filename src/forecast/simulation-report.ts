import type { NanoUsd } from '../kernel/amounts.ts';
import type { TargetWeatherView } from '../routing/weather.ts';

/** What came of a run. Instants and durations are virtual milliseconds. */
export interface SimulationReport {
  readonly seed: number;
  /** The same for the same setup and seed: 64 hexadecimal digits over all that happened. */
  readonly traceHash: string;
  /** When the last call was over. */
  readonly overMs: number;
  readonly totals: Tally;
  /** Consecutive, from 0; a call counts where it arrived. */
  readonly slices: readonly Slice[];
  /** By target, those that were tried. */
  readonly targets: readonly TargetTally[];
  /** What routing knew of its targets in the end. */
  readonly weather: readonly TargetWeatherView[];
  /** What must never be and was: empty for a run that holds. At most a hundred are told. */
  readonly violations: readonly string[];
  readonly violationCount: number;
}

export interface Tally {
  /** What applications wanted: a request that its client sent three times is one. */
  readonly requests: number;
  /** Requests that were answered in the end. */
  readonly requestsAnswered: number;
  /** What arrived at the gateway. The next six add up to it. */
  readonly calls: number;
  readonly ok: number;
  readonly degraded: number;
  /** The gateway itself would not: budget, load, a name it does not know, or a request that is wrong. */
  readonly refused: number;
  /** The caller's own mistake or a provider's policy: a 4xx of upstream. */
  readonly declined: number;
  readonly failed: number;
  readonly left: number;
  readonly attempts: number;
  /** From the call's arrival to the first content; of streamed calls that had some. */
  readonly firstTokenMs: Quantiles | undefined;
  /** From the call's arrival to its end; of calls that were answered. */
  readonly totalMs: Quantiles | undefined;
  /** What providers take; `undefined` where some price is unknown. */
  readonly costNanoUsd: NanoUsd | undefined;
  /** Calls that did not end well, by the code of their error. */
  readonly errors: Readonly<Record<string, number>>;
}

export interface Slice extends Tally {
  readonly fromMs: number;
}

export interface TargetTally {
  readonly provider: string;
  readonly model: string;
  readonly attempts: number;
  /** Calls that it answered. */
  readonly answered: number;
  readonly costNanoUsd: NanoUsd | undefined;
  readonly outputTokens: number;
}

/** By the nearest rank. */
export interface Quantiles {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** One call as its client saw it. */
export interface CallOutcome {
  readonly id: string;
  readonly arrivedMs: number;
  readonly overMs: number;
  readonly end: CallEnd;
  readonly status: number;
  readonly errorCode: string | undefined;
  readonly attempts: number;
  readonly firstTokenMs: number | undefined;
  /** 0 for a request's first call, then by one for each time that its client tries again. */
  readonly retry: number;
  /** Of the attempt that answered. */
  readonly target: string | undefined;
}

export type CallEnd = 'ok' | 'degraded' | 'refused' | 'declined' | 'failed' | 'left';
