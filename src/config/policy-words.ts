import type {
  BackoffPolicy,
  BreakerPolicy,
  ConcurrencyPolicy,
  CoolDownPolicy,
  HeadroomPolicy,
  HedgePolicy,
  RetriesInFlightPolicy,
  RetryBudgetPolicy,
  ShedPolicy,
  SlowPolicy,
} from '../protocol/policy.ts';

type Words<Policy> = { readonly [Member in keyof Policy]-?: string };

/** What `leeward.yaml` calls the members of a policy, in the order in which they are shown. */
export const POLICY_WORDS = {
  retryBudget: {
    percent: 'percent',
    perSecondMin: 'per_second_min',
    windowMs: 'window',
  } satisfies Words<RetryBudgetPolicy>,
  breaker: {
    consecutiveMax: 'consecutive',
    failurePercent: 'failure_percent',
    callsMin: 'calls_min',
    windowMs: 'window',
    openMs: 'open',
    openMsMax: 'open_max',
    probes: 'probes',
    returnMs: 'return',
    slow: 'slow',
  } satisfies Words<BreakerPolicy>,
  slow: {
    firstTokenMsMax: 'first_token_max',
    times: 'times',
    msMin: 'min',
    percent: 'percent',
    calls: 'calls',
  } satisfies Words<SlowPolicy>,
  coolDown: { unaskedMs: 'unasked', retryAfterMsMax: 'retry_after_max' } satisfies Words<CoolDownPolicy>,
  headroom: { percentMin: 'percent_min' } satisfies Words<HeadroomPolicy>,
  concurrency: {
    initial: 'initial',
    min: 'min',
    max: 'max',
    smoothing: 'smoothing',
    queue: 'queue',
    tolerance: 'tolerance',
    longWindow: 'long_window',
    refuse: 'refuse',
  } satisfies Words<ConcurrencyPolicy>,
  backoff: { baseMs: 'base', maxMs: 'max' } satisfies Words<BackoffPolicy>,
  hedge: { afterMs: 'after', percent: 'percent' } satisfies Words<HedgePolicy>,
  retriesInFlight: { percent: 'percent', min: 'min' } satisfies Words<RetriesInFlightPolicy>,
  shed: {
    eventLoopDelayMs: 'event_loop_delay',
    heapPercent: 'heap_percent',
    inFlightMax: 'in_flight_max',
  } satisfies Words<ShedPolicy>,
} as const;

export type PolicyName = keyof typeof POLICY_WORDS;

/** In the file a policy is a mapping, or a word that switches it. */
export type Written = Readonly<Record<string, unknown>> | boolean | undefined;
