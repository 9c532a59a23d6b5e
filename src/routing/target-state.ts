import type { Clock } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';
import type { TargetPolicies } from '../protocol/policy.ts';
import { CircuitBreaker } from './policies/circuit-breaker.ts';
import { ConcurrencyLimit } from './policies/concurrency-limit.ts';
import { coolDownOf } from './policies/cool-down.ts';
import { Headroom } from './policies/headroom.ts';
import type { Ticket } from './policies/recovery-gate.ts';
import type { RetriesInFlight } from './policies/retries-in-flight.ts';
import { RetryBudget } from './policies/retry-budget.ts';
import { RollingQuantile } from './policies/rolling-quantile.ts';
import { SlowBreaker } from './policies/slow-breaker.ts';
import type { TimedClosure } from './policies/timed-closure.ts';
import type { Closure, PassageEnd } from './weather-words.ts';

/** A refused credential may have been replaced, or its account topped up, a minute later. */
const CREDENTIAL_CLOSED_MS = 60_000;
/** Where probes or first calls back are under way, how soon it is worth another look. */
const LOOK_AGAIN_MS = 1_000;

/** What a target's weather is made with. */
export interface WeatherParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly retriesInFlight: RetriesInFlight;
  /** A target was closed for a while: for logs and counters. Not for a full one, which is so from call to call. */
  readonly onClosed?: ((key: string, closure: Closure) => void) | undefined;
}

export interface TargetName {
  readonly key: string;
  readonly provider: string;
  readonly model: string;
  readonly credential: string | undefined;
}

/** What is remembered of one target under one set of policies: the machines of all policies that are on. */
export class TargetState {
  readonly name: TargetName;
  readonly parts: WeatherParts;
  /** Shared by all targets of the credential. */
  readonly credential: TimedClosure;
  readonly coolDown: TimedClosure;
  readonly breaker: CircuitBreaker | undefined;
  readonly slow: SlowBreaker | undefined;
  readonly headroom: Headroom | undefined;
  readonly concurrency: ConcurrencyLimit | undefined;
  readonly retryBudget: RetryBudget | undefined;
  readonly firstTokens = new RollingQuantile(0.95);
  readonly ended: Record<PassageEnd['kind'], number> = { ok: 0, failed: 0, neutral: 0, throttled: 0, credential: 0 };
  readonly policies: TargetPolicies;
  inFlight = 0;

  constructor(
    name: TargetName,
    policies: TargetPolicies,
    closures: { readonly credential: TimedClosure; readonly coolDown: TimedClosure },
    parts: WeatherParts,
  ) {
    const { breaker, headroom, concurrency, retryBudget } = policies;
    this.name = name;
    this.parts = parts;
    this.policies = policies;
    this.credential = closures.credential;
    this.coolDown = closures.coolDown;
    this.breaker = breaker && new CircuitBreaker(breaker, parts.random);
    this.slow = breaker?.slow && new SlowBreaker(breaker.slow, breaker, parts.random);
    this.headroom = headroom && new Headroom(headroom);
    this.concurrency = concurrency && new ConcurrencyLimit(concurrency);
    this.retryBudget = retryBudget && new RetryBudget(retryBudget);
  }

  closure(nowMs: number): Closure | undefined {
    // What must be respected comes first, so that no guess hides it.
    const asked = this.coolDown.current(nowMs);
    if (asked !== undefined) return asked;
    const full = this.#full(nowMs);
    if (full?.firm === true) return full;
    return this.credential.current(nowMs) ?? this.#broken(nowMs) ?? this.#scarce(nowMs) ?? full;
  }

  /** An attempt that began at `begunMs` was answered. */
  answered(breakerTicket: Ticket, begunMs: number, nowMs: number): void {
    this.breaker?.ok(breakerTicket, nowMs);
    this.coolDown.lift(begunMs);
    this.credential.lift(begunMs);
  }

  /** @param silent nothing came within that time, and nothing was waited for any longer */
  firstToken(slowTicket: Ticket, elapsedMs: number, nowMs: number, silent: boolean): Ticket {
    const { slow } = this;
    if (slow === undefined) return slowTicket;
    const { openings } = slow;
    const told = silent ? slow.silent(slowTicket, elapsedMs, nowMs) : slow.firstToken(slowTicket, elapsedMs, nowMs);
    if (slow.openings !== openings) this.#tellClosed(nowMs);
    return told;
  }

  failed(breakerTicket: Ticket, nowMs: number): void {
    if (this.breaker?.failed(breakerTicket, nowMs) === true) this.#tellClosed(nowMs);
  }

  throttled(retryAfterMs: number | undefined, exhausted: boolean, nowMs: number): void {
    const coolDown = coolDownOf(this.policies.coolDown, retryAfterMs, exhausted);
    if (coolDown === undefined) return;
    const closure = coolDown.scope === 'credential' ? this.credential : this.coolDown;
    if (closure.close('cool-down', coolDown, nowMs)) this.#tellClosed(nowMs);
  }

  credentialRefused(nowMs: number): void {
    const why = { reason: 'the provider refuses the credential', forMs: CREDENTIAL_CLOSED_MS, asked: false };
    if (this.credential.close('credential', why, nowMs)) this.#tellClosed(nowMs);
  }

  #tellClosed(nowMs: number): void {
    const closure = this.closure(nowMs);
    if (closure !== undefined) this.parts.onClosed?.(this.name.key, closure);
  }

  #full(nowMs: number): Closure | undefined {
    const { concurrency } = this;
    if (concurrency === undefined || !concurrency.isFull(nowMs)) return undefined;
    const { inFlight, limit, roomInMs, refuses } = concurrency;
    const reason = `${inFlight} calls at once of ${limit} it bears`;
    return { kind: 'concurrency', reason, untilMs: nowMs + roomInMs, asked: false, firm: refuses };
  }

  #broken(nowMs: number): Closure | undefined {
    const { breaker, slow } = this;
    if (breaker !== undefined && !breaker.admits(nowMs)) return gateClosure('breaker', breaker, nowMs);
    if (slow !== undefined && !slow.admits(nowMs)) return gateClosure('slow', slow, nowMs);
    return undefined;
  }

  #scarce(nowMs: number): Closure | undefined {
    const closed = this.headroom?.closed(nowMs);
    if (closed === undefined) return undefined;
    const reason = `less than ${this.policies.headroom?.percentMin ?? 0} % of its ${closed.what} left`;
    return { kind: 'headroom', reason, untilMs: closed.untilMs, asked: false, firm: false };
  }
}

function gateClosure(kind: 'breaker' | 'slow', breaker: CircuitBreaker | SlowBreaker, nowMs: number): Closure {
  const untilMs = breaker.untilMs(nowMs) ?? nowMs + LOOK_AGAIN_MS;
  return { kind, reason: breaker.reason(nowMs), untilMs, asked: false, firm: false };
}
