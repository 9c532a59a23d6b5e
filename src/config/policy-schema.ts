import { z } from 'zod';
import {
  DEFAULT_GLOBAL_POLICIES,
  DEFAULT_HEDGE,
  DEFAULT_ROUTE_POLICIES,
  DEFAULT_TARGET_POLICIES,
} from '../protocol/policy.ts';
import { decimal, duration, durationOr, flag, integer, switchable, text } from './leaves.ts';
import { durationText } from './units.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const {
  retryBudget: BUDGET,
  breaker: BREAKER,
  coolDown: COOL_DOWN,
  headroom: HEADROOM,
  concurrency: CONCURRENCY,
} = DEFAULT_TARGET_POLICIES;
const { retriesInFlight: IN_FLIGHT, pingMs: PING_MS, shed: SHED } = DEFAULT_GLOBAL_POLICIES;
const { backoff: BACKOFF } = DEFAULT_ROUTE_POLICIES;
const { slow: SLOW } = BREAKER;

/** Every member may be left out: it is then what a place above says, or the default. */
const span = (minMs: number, maxMs: number, says: string, defaultMs?: number) =>
  duration(minMs, maxMs)
    .optional()
    .describe(says + (defaultMs === undefined ? '' : ` Default: ${durationText(defaultMs)}.`));
const count = (min: number, max: number, says: string, byDefault?: number) =>
  integer(min, max)
    .optional()
    .describe(says + (byDefault === undefined ? '' : ` Default: ${byDefault}.`));
const number = (min: number, max: number, says: string, byDefault?: number) =>
  decimal(min, max)
    .optional()
    .describe(says + (byDefault === undefined ? '' : ` Default: ${byDefault}.`));
const percent = (says: string, byDefault?: number) => number(0, 100, says, byDefault);

const slow = switchable({
  first_token_max: span(1, HOUR, 'A call that waits longer for its first token is slow.', SLOW?.firstTokenMsMax),
  times: number(1, 1_000, "So is one that waits longer than this many times the target's usual p95 …", SLOW?.times),
  min: span(0, HOUR, '… if that is more than this.', SLOW?.msMin),
  percent: number(1, 100, 'Share of slow calls that closes the target …', SLOW?.percent),
  calls: count(1, 1_000, '… among so many of the last ones.', SLOW?.calls),
}).describe('When a target counts as slow, by the time to first token.');

const targetMembers = {
  retry_budget: switchable({
    percent: percent('Retries that the calls which begin at a target may cause, as a share of them.', BUDGET.percent),
    per_second_min: number(0, 10_000, 'Retries a second beside that share.', BUDGET.perSecondMin),
    window: span(SECOND, 10 * MINUTE, 'The time that is counted.', BUDGET.windowMs),
  })
    .optional()
    .describe('How many retries the calls of a target may cause, so that an outage is not fed by them.'),
  breaker: switchable({
    consecutive: count(1, 1_000, 'Failures in a row that close a target.', BREAKER.consecutiveMax),
    failure_percent: number(1, 100, 'Share of failures that closes it …', BREAKER.failurePercent),
    calls_min: count(1, 100_000, '… of at least so many calls …', BREAKER.callsMin),
    window: span(SECOND, 10 * MINUTE, '… in this time.', BREAKER.windowMs),
    open: span(1, HOUR, 'How long it is left alone the first time; doubled while its probes fail.', BREAKER.openMs),
    open_max: span(1, 24 * HOUR, 'The longest that it is left alone.', BREAKER.openMsMax),
    probes: z
      .array(integer(1, 100))
      .min(1)
      .max(10)
      .optional()
      .describe(`Calls that try it again, round by round. Default: [${BREAKER.probes.join(', ')}].`),
    return: span(0, HOUR, 'How long its share of the traffic takes to grow back.', BREAKER.returnMs),
    slow: slow.optional(),
  })
    .optional()
    .describe('When a target that fails is left alone, and how it comes back. The last one is always tried.'),
  cool_down: z
    .strictObject({
      unasked: span(
        0,
        24 * HOUR,
        'How long a credential is left alone after a 429 without Retry-After, or with a spent quota.',
        COOL_DOWN.unaskedMs,
      ),
      retry_after_max: span(
        0,
        HOUR,
        'The longest Retry-After that a call waits for; after a longer one the next target is used.',
        COOL_DOWN.retryAfterMsMax,
      ),
    })
    .optional()
    .describe('What becomes of a credential that its provider throttles.'),
  headroom: switchable({
    percent_min: percent('Share of requests or tokens that must be left.', HEADROOM.percentMin),
  })
    .optional()
    .describe("Passes a target over while its provider's rate-limit headers say that next to nothing is left."),
  concurrency: switchable({
    initial: count(1, 100_000, 'Calls at once, before anything is known.', CONCURRENCY.initial),
    min: count(1, 100_000, 'Never fewer.', CONCURRENCY.min),
    max: count(1, 100_000, 'Never more.', CONCURRENCY.max),
    smoothing: number(0.01, 1, 'Weight of the newest estimate.', CONCURRENCY.smoothing),
    queue: count(0, 100_000, 'Calls above the estimate, so that the limit can grow.', CONCURRENCY.queue),
    tolerance: number(
      1,
      100,
      'How many times the usual time to first token is still no overload.',
      CONCURRENCY.tolerance,
    ),
    long_window: count(
      1,
      100_000,
      'Windows of a second or more that the usual time is taken from.',
      CONCURRENCY.longWindow,
    ),
    refuse: flag()
      .optional()
      .describe('Whether a call is refused when every target is full. Default: false, the last one takes it.'),
  })
    .optional()
    .describe('How many calls at once a target bears, found out from its time to first token (Gradient2).'),
};

const routeMembers = {
  backoff: switchable({
    base: span(1, 10 * MINUTE, 'A random wait up to this, doubled each time …', BACKOFF.baseMs),
    max: span(1, 10 * MINUTE, '… and never longer than this.', BACKOFF.maxMs),
  })
    .optional()
    .describe('The wait before the same target is tried again, which happens only where there is no other.'),
  hedge: switchable({
    after: durationOr('p95', 1, 10 * MINUTE)
      .optional()
      .describe('How long the first target is given alone. Default: p95 of its time to first token.'),
    percent: number(0.01, 100, "Share of the route's calls that may be hedged.", DEFAULT_HEDGE.percent),
  })
    .optional()
    .describe(
      'Asks a second target beside one that keeps silent; who answers first wins, and both are paid for. Default: off.',
    ),
  first_token_target: durationOr('off', 1, HOUR)
    .optional()
    .describe('A target whose first token takes longer is given up for the next one. Default: off.'),
  encrypted_state: z
    .enum(['drop', 'refuse'])
    .optional()
    .describe(
      'What becomes of thoughts that another deployment sealed: the target gets the call without them and the client a warning, or the target is passed over. Default: drop.',
    ),
};

/** What may be said of the targets of a provider, or of one target of a route. */
export const targetPolicies = z.strictObject(targetMembers);

export const routePolicies = z.strictObject({ ...targetMembers, ...routeMembers });

export const globalPolicies = z.strictObject({
  ...targetMembers,
  ...routeMembers,
  retries_in_flight: switchable({
    percent: percent('Share of all calls in flight that may be retries.', IN_FLIGHT.percent),
    min: count(0, 100_000, 'Retries in flight beside that share.', IN_FLIGHT.min),
  })
    .optional()
    .describe('How many retries may be in flight over all targets.'),
  keep_alive: durationOr('off', SECOND, 10 * MINUTE)
    .optional()
    .describe(`Silence after which a streaming client gets a comment. Default: ${durationText(PING_MS)}.`),
  shed: switchable({
    event_loop_delay: span(10, MINUTE, 'p99 of the event loop’s delay.', SHED.eventLoopDelayMs),
    heap_percent: number(1, 100, 'Share of the heap that may be in use.', SHED.heapPercent),
    in_flight_max: count(1, 1_000_000, 'Calls in flight. Default: not counted.'),
  })
    .optional()
    .describe('From which load on calls are refused, those of the lowest priority first.'),
});

const TARGET = 'provider/model, an alias or route/<name>';
const ALTERNATIVES_MAX = 8;
const TOKENS_MAX = 10_000_000;

const alternative = (says: string) =>
  z
    .union([text(TARGET), z.array(text(TARGET)).min(1).max(ALTERNATIVES_MAX)], {
      error: `must be ${TARGET}, or a list of those`,
    })
    .optional()
    .describe(says);

/** Where a call goes for a reason of its own. */
export const alternatives = z
  .strictObject({
    context_length: alternative("Where the input is longer than the model's window: larger models."),
    content_policy: alternative("Where the provider's content policy refuses the call."),
    budget: alternative("Where the caller's budget cannot pay for the targets: cheaper ones."),
  })
  .describe('Where a call goes instead, by what went wrong.');

const degradeStep = z.union(
  [
    text(TARGET),
    z.strictObject({
      target: text(TARGET).optional().describe('A smaller model, for instance.'),
      keep_messages: integer(1, 10_000)
        .optional()
        .describe("Send it the system's messages and so many of the last ones."),
      output_tokens_max: integer(1, TOKENS_MAX).optional().describe('The most that it may answer.'),
      text: text().optional().describe('Answer with this text.'),
      cached: flag().optional().describe('Not built yet.'),
      job: flag().optional().describe('Not built yet.'),
    }),
  ],
  { error: `must be ${TARGET}, or a mapping with target or text` },
);

/** What a route does once its targets are spent. */
export const degrade = z
  .array(degradeStep)
  .max(ALTERNATIVES_MAX)
  .prefault([])
  .describe('What comes when every target is spent, in order; such answers are marked x-leeward-degraded.');

export type FileTargetPolicies = z.output<typeof targetPolicies>;
export type FileRoutePolicies = z.output<typeof routePolicies>;
export type FileGlobalPolicies = z.output<typeof globalPolicies>;
export type FileDegradeStep = z.output<typeof degradeStep>;
