/**
 * How a gateway behaves when providers fail, throttle or slow down: what the
 * configuration has resolved to, in plain numbers. Durations are milliseconds,
 * shares are percents (0–100). A policy that is absent is off.
 */

/**
 * How many retries the calls that begin at a target may cause: a share of those
 * calls within the window, and a few beside, so that a target with little
 * traffic can be retried at all.
 */
export interface RetryBudgetPolicy {
  readonly percent: number;
  /** Retries per second that are allowed whatever the traffic. */
  readonly perSecondMin: number;
  readonly windowMs: number;
}

/** How many of all calls in flight may be retries, over all targets. */
export interface RetriesInFlightPolicy {
  readonly percent: number;
  /** Retries in flight that are allowed whatever the traffic. */
  readonly min: number;
}

/** Full jitter: before its n-th try of the same target a call waits for a random part of `baseMs × 2^n`, at most of `maxMs`. */
export interface BackoffPolicy {
  readonly baseMs: number;
  readonly maxMs: number;
}

/** When a target that fails is left alone, and how it comes back. */
export interface BreakerPolicy {
  /** Failures in a row that open it. */
  readonly consecutiveMax: number;
  /** Share of failures within `windowMs` that opens it, of at least `callsMin` calls. */
  readonly failurePercent: number;
  readonly callsMin: number;
  readonly windowMs: number;
  /** How long it stays open the first time; doubled each time that its probes fail. */
  readonly openMs: number;
  readonly openMsMax: number;
  /** Half open: how many probes at once, round by round. Each must be answered before the next round. */
  readonly probes: readonly number[];
  /** After closing, how long its share of the traffic takes to grow back to all of it. */
  readonly returnMs: number;
  readonly slow: SlowPolicy | undefined;
}

/** When a target counts as slow: by the time to its first token. */
export interface SlowPolicy {
  /** A call that takes longer than this is slow, whatever the target's habit. */
  readonly firstTokenMsMax: number;
  /** A call that takes longer than this many times the target's rolling p95 is slow … */
  readonly times: number;
  /** … where it takes longer than this too. */
  readonly msMin: number;
  /** Share of slow calls among the last `calls` that opens the breaker. */
  readonly percent: number;
  readonly calls: number;
}

/** What becomes of a credential whose provider throttles it. */
export interface CoolDownPolicy {
  /** How long it is left alone when the provider does not say for how long, or says that its quota is spent. */
  readonly unaskedMs: number;
  /** The longest `Retry-After` that a call waits for; a longer one closes the target for that time and is not waited for. */
  readonly retryAfterMsMax: number;
}

/** A target is passed over while its provider says that less than this share of its requests or tokens is left. */
export interface HeadroomPolicy {
  readonly percentMin: number;
}

/** Gradient2 on the time to first token: how many calls at once a target bears. */
export interface ConcurrencyPolicy {
  readonly initial: number;
  readonly min: number;
  readonly max: number;
  /** Weight of the newest estimate, 0–1. */
  readonly smoothing: number;
  /** Calls above the estimate that it allows for, so that the limit can grow. */
  readonly queue: number;
  /** How many times the long-term time to first token is still no sign of overload; at least 1. */
  readonly tolerance: number;
  /** Samples of the long-term average. */
  readonly longWindow: number;
  /** `true` refuses a call when every target is full; otherwise being full only steers, and the last target takes it. */
  readonly refuse: boolean;
}

/** The policies of one target. */
export interface TargetPolicies {
  readonly retryBudget?: RetryBudgetPolicy;
  readonly breaker?: BreakerPolicy;
  readonly coolDown: CoolDownPolicy;
  readonly headroom?: HeadroomPolicy;
  readonly concurrency?: ConcurrencyPolicy;
}

/** A second attempt beside a first one that has not answered yet. */
export interface HedgePolicy {
  /** How long the first attempt is given alone; `undefined`: the p95 of its target's time to first token. */
  readonly afterMs: number | undefined;
  /** Share of the route's calls that may be hedged. */
  readonly percent: number;
}

/** What a route does once its targets are spent, in order. */
export type DegradeStep =
  | {
      readonly kind: 'target';
      readonly target: string;
      /** Keep the system's messages and this many of the last ones. */
      readonly keepMessages?: number;
      readonly outputTokensMax?: number;
    }
  | { readonly kind: 'text'; readonly text: string };

/** Where a call goes instead of to its next target, by what its target said: names of targets. */
export interface RouteAlternatives {
  /** The input is longer than the model's context window. */
  readonly contextLength?: readonly string[];
  /** The provider's content policy refused it. */
  readonly contentPolicy?: readonly string[];
  /** The caller's budget cannot pay for the plan's targets. */
  readonly budget?: readonly string[];
}

/** The policies of one route. */
export interface RoutePolicies {
  /** Absent: no target is tried twice. */
  readonly backoff?: BackoffPolicy;
  readonly hedge?: HedgePolicy;
  /** Time to first token that the route aims at: a target that misses it, before the first byte has left, is given up for the next one. */
  readonly firstTokenMs?: number;
  /** A target that could not open what another deployment sealed in the request is passed over. Absent: it gets the request without that. */
  readonly encryptedState?: 'refuse';
  readonly on: RouteAlternatives;
  readonly degrade: readonly DegradeStep[];
}

/** From which load on a gateway refuses calls, those of the lowest priority first. */
export interface ShedPolicy {
  /** p99 of the event loop's delay. */
  readonly eventLoopDelayMs: number;
  /** Share of the heap's limit that is in use. */
  readonly heapPercent: number;
  /** Calls in flight; `undefined`: not counted. */
  readonly inFlightMax: number | undefined;
}

/** The policies of a whole gateway. */
export interface GlobalPolicies {
  readonly retriesInFlight?: RetriesInFlightPolicy;
  /** A streaming client that has heard nothing for this long gets a comment. */
  readonly pingMs?: number;
  readonly shed?: ShedPolicy;
}

export const DEFAULT_BREAKER: BreakerPolicy = {
  consecutiveMax: 5,
  failurePercent: 50,
  callsMin: 20,
  windowMs: 30_000,
  openMs: 30_000,
  openMsMax: 300_000,
  probes: [1, 3],
  returnMs: 10_000,
  slow: { firstTokenMsMax: 20_000, times: 3, msMin: 5_000, percent: 80, calls: 20 },
};

export const DEFAULT_CONCURRENCY: ConcurrencyPolicy = {
  initial: 20,
  min: 4,
  max: 1024,
  smoothing: 0.2,
  queue: 4,
  tolerance: 1.5,
  longWindow: 600,
  refuse: false,
};

export const DEFAULT_TARGET_POLICIES: Required<TargetPolicies> = {
  retryBudget: { percent: 20, perSecondMin: 3, windowMs: 10_000 },
  breaker: DEFAULT_BREAKER,
  coolDown: { unaskedMs: 900_000, retryAfterMsMax: 60_000 },
  headroom: { percentMin: 2 },
  concurrency: DEFAULT_CONCURRENCY,
};

export const DEFAULT_BACKOFF: BackoffPolicy = { baseMs: 250, maxMs: 8_000 };

export const DEFAULT_ROUTE_POLICIES: RoutePolicies & { readonly backoff: BackoffPolicy } = {
  backoff: DEFAULT_BACKOFF,
  on: {},
  degrade: [],
};

/** What a hedge is where one is asked for: hedging is off by default. */
export const DEFAULT_HEDGE: HedgePolicy = { afterMs: undefined, percent: 5 };

export const DEFAULT_GLOBAL_POLICIES: Required<GlobalPolicies> = {
  retriesInFlight: { percent: 20, min: 3 },
  pingMs: 15_000,
  shed: { eventLoopDelayMs: 100, heapPercent: 80, inFlightMax: undefined },
};
