import type { NativeCall } from '../exchange/dialect.ts';
import type { ExchangeEvents } from '../exchange/events.ts';
import type { Exchanges } from '../exchange/exchanges.ts';
import type { TokenCounter } from '../exchange/token-counter.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';
import type { Budget } from '../money/budget.ts';
import type { ChargePolicy, HoldTaker } from '../money/hold.ts';
import type { AttemptStart } from '../protocol/attempt-record.ts';
import type { Transport } from '../protocol/upstream.ts';
import type { TargetWeatherView } from '../routing/weather.ts';
import type { CallOutcome } from './simulation-report.ts';

/** One run of the real gateway, in virtual time, against providers that are not there. */
export interface SimulationSetup {
  /** All that is drawn follows from it: the same seed is the same run. */
  readonly seed: number;
  /** The wall clock at the virtual instant 0, in milliseconds since the epoch. */
  readonly startAt: number;
  /** Requests arrive in [0, durationMs); the run goes on until each has its end. */
  readonly durationMs: number;
  /** Width of the report's slices, in virtual milliseconds. */
  readonly sliceMs: number;
  readonly house: HouseMaker;
  readonly providers: readonly ProviderProfile[];
  readonly traffic: Traffic;
  /** Who may spend how much; without any, nothing is held. */
  readonly budgets?: readonly Budget[];
  /** Default: `winner_only`. */
  readonly chargePolicy?: ChargePolicy;
  /** Switches checks on that only hold for some setups. */
  readonly expect?: Expectations;
  /** Hears of each call as it ends, in order. */
  onCall?(call: CallOutcome): void;
  /** Hears of each attempt as it is sent. */
  onAttempt?(start: AttemptStart, atMs: number): void;
  /** Looks at the targets' weather every `everyMs`, while requests arrive. */
  readonly watch?: { readonly everyMs: number; look(atMs: number, targets: readonly TargetWeatherView[]): void };
  /** Hears now and then how far it is: virtual milliseconds, and requests so far. */
  onProgress?(virtualMs: number, requests: number): void;
  readonly signal?: AbortSignal;
}

export interface Expectations {
  /** No provider says more than it was asked for, so that settled + held never exceeds a cap. Default: true where no profile overruns. */
  readonly exactCaps?: boolean;
  /** Attempts for a call, at most. Default: 3. */
  readonly attemptsMax?: number;
  /** When a call that sets no deadline of its own must be over, in milliseconds from its arrival. Default: 900,000. */
  readonly deadlineMs?: number;
  /** Upstream attempts for each request of an application that must not be exceeded over the second half of the run. */
  readonly amplificationMax?: number;
}

/** Makes the gateway's own parts on the engine's clock, randomness and ways out. `compose` has one. */
export type HouseMaker = (parts: HouseParts) => House;

export interface HouseParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly holds: HoldTaker;
  readonly tokens: TokenCounter;
  readonly events: ExchangeEvents;
  /** @throws for a provider that has no profile */
  transportOf(provider: string): Transport;
}

export interface House {
  readonly exchanges: Exchanges;
  /** A request's bytes as a client would send them, parsed by the dialect. */
  request(asked: RequestAsked): NativeCall;
  /** What routing knows of its targets now. */
  weather(): readonly TargetWeatherView[];
  /** Frees what it keeps running for itself. */
  close(): void;
}

export interface RequestAsked {
  readonly model: string;
  readonly stream: boolean;
  readonly inputTokens: number;
  readonly maxOutputTokens: number | undefined;
}

/** How a provider behaves, and what befalls it. */
export interface ProviderProfile {
  readonly name: string;
  /** Time to the first token, without waiting for capacity. A function of virtual milliseconds where it swings over the day. */
  readonly firstToken: LatencyShape | ((atMs: number, model: string) => LatencyShape);
  /** Output tokens a second once it speaks. */
  readonly tokensPerSecond: number;
  /** How many requests it works on at once; those beyond wait in line, and what the line cannot take is refused. Absent: any number. */
  readonly capacity?: Capacity;
  /** Absent: none. */
  readonly rateLimit?: RateLimit;
  /** What befalls it, in any order; several can hold at once. */
  readonly conditions: readonly Condition[];
  /** Input beyond it is refused as too long. Absent: any length. */
  readonly contextTokensMax?: number;
  /** What its models never exceed, in output tokens of one answer. Absent: a bound of 16,384 for those that were asked without one. */
  outputTokensMaxOf?(model: string): number | undefined;
  /** Share of answers that have more output tokens than was allowed, 0 to 1. */
  readonly overrunShare?: number;
}

/** A log-normal by two of its quantiles, and a tail: `tailShare` of all take `tailTimes` as long. In milliseconds. */
export interface LatencyShape {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly tailShare?: number;
  readonly tailTimes?: number;
}

export interface Capacity {
  readonly concurrent: number;
  readonly queue: number;
  /** What it answers when its line is full. */
  readonly whenFull: 429 | 503;
  /** For how long a refusal takes a place away from those that are worked on. Default 0. */
  readonly refusalMs?: number;
  /** True where it does not notice that a client has hung up, and does the work for nobody. */
  readonly finishesAbandoned?: boolean;
}

export interface RateLimit {
  readonly requestsPerMinute?: number;
  /** Input and allowed output, counted at admission. */
  readonly tokensPerMinute?: number;
  /** Whether a 429 says when to come again. */
  readonly retryAfter: boolean;
  /** Whether each answer says what is left. */
  readonly headers: boolean;
}

/** In force in [fromMs, untilMs) of virtual time, for one model or all. Shares are 0 to 1. */
export type Condition = {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly model?: string;
} & (
  | { readonly kind: 'outage'; readonly share: number; readonly failure: Failure }
  | { readonly kind: 'latency'; readonly times: number }
  | { readonly kind: 'capacity'; readonly concurrent: number }
  | {
      readonly kind: 'throttle';
      readonly share: number;
      /** Absent: the 429 does not say when to come again. */
      readonly retryAfterMs?: number;
      /** The account's money or quota is used up. */
      readonly exhausted?: boolean;
    }
  | { readonly kind: 'refusal'; readonly share: number; readonly reason: 'context-length' | 'content-policy' }
);

export type Failure = 'refuse' | 'reset' | 'error' | 'overloaded' | 'hang' | 'truncate' | 'garbage';

/** What applications ask for. */
export interface Traffic {
  /** Requests a second to be expected at a virtual instant; arrivals are a Poisson process of this rate. */
  ratePerSecond(atMs: number): number;
  /** Never exceeded by {@link ratePerSecond}. */
  readonly ratePerSecondMax: number;
  /** Requests that all come at one instant. */
  readonly bursts?: readonly { readonly atMs: number; readonly requests: number }[];
  /** No more requests than this arrive in all. */
  readonly requestsMax: number;
  readonly shapes: readonly RequestShape[];
  readonly clients?: ClientHabits;
}

/** A kind of request; `weight` against the others. Token counts are log-normal by p50 and p95. */
export interface RequestShape {
  readonly weight: number;
  /** As a client writes it: `provider/model`, `route/name` or an alias. */
  readonly model: string;
  readonly stream: boolean;
  readonly inputTokens: TokenShape;
  readonly outputTokens: TokenShape;
  /** Absent: the client sets no bound. */
  readonly maxOutputTokens?: number;
  /** The client's own deadline for a call. */
  readonly timeoutMs?: number;
  readonly caller?: { readonly organisation: string; readonly project: string; readonly keyId: string };
}

export interface TokenShape {
  readonly p50: number;
  readonly p95: number;
}

/** How clients behave. Shares are 0 to 1. */
export interface ClientHabits {
  /** Tries after the first, as an SDK makes them: 2 for OpenAI's. Default 0. */
  readonly retriesMax?: number;
  /** Share that hangs up, at an instant spread evenly over [0, leavesWithinMs). */
  readonly leavesShare?: number;
  readonly leavesWithinMs?: number;
  /** Share that stops reading for a while after each piece. */
  readonly slowShare?: number;
  readonly slowMs?: number;
}
