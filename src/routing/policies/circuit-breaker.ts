import type { Random } from '../../kernel/random.ts';
import type { BreakerPolicy } from '../../protocol/policy.ts';
import type { GateView } from '../weather-words.ts';
import { RecoveryGate, type Ticket } from './recovery-gate.ts';
import { RollingCounts } from './rolling-counts.ts';

/** A run of failures that a target's usual noise would make once in so many calls is no accident. */
const ODDS_OF_ACCIDENT = 1e-9;
/** Of the newest call in the noise: its memory is some two hundred calls. */
const NOISE_WEIGHT = 1 / 200;
/** More would open it by its share of failures anyway. */
const NOISE_MAX = 0.5;
/** A run of failures that lasts for this part of the window opens it, whatever the noise: 10 s of 30 s. */
const RUN_WINDOW_PART = 1 / 3;

/**
 * Closes a target that fails.
 *
 * States as in `RecoveryGate`. While calls pass, it opens after
 * `consecutiveMax` failures in a row, or when `failurePercent` of at least
 * `callsMin` calls within `windowMs` have failed. While half open, one failure
 * is enough.
 *
 * Five in a row is Envoy's outlier detection, the share of failures that of
 * Hystrix and resilience4j. Five in a row alone would flap: a target that drops
 * one call in ten makes such a run every quarter of a million calls, which is
 * once in three hours at ten calls a second. So a target with known noise gets
 * as many more as make an accident unlikely (nine at one in ten), unless the run
 * goes on for 10 s.
 */
export class CircuitBreaker {
  readonly #policy: BreakerPolicy;
  readonly #gate: RecoveryGate;
  /** Calls, and those that failed. */
  readonly #counts: RollingCounts;
  #run = 0;
  #runBeganMs = 0;
  /** Share of failures outside outages, 0–1. */
  #noise = 0;
  #noiseCalls = 0;
  #cause = '';

  constructor(policy: BreakerPolicy, random: Random) {
    this.#policy = policy;
    this.#gate = new RecoveryGate(policy, random);
    this.#counts = new RollingCounts(policy.windowMs);
  }

  admits(nowMs: number): boolean {
    return this.#gate.admits(nowMs);
  }

  begin(nowMs: number): Ticket {
    return this.#gate.begin(nowMs);
  }

  /** The first sign of life: a probe has passed, whatever becomes of its answer. */
  heard(ticket: Ticket, nowMs: number): Ticket {
    return this.#gate.passed(ticket, nowMs);
  }

  ok(ticket: Ticket, nowMs: number): void {
    if (!this.#gate.isCurrent(ticket)) return;
    this.#gate.passed(ticket, nowMs);
    this.#counts.addFirst(nowMs);
    this.#endRun();
  }

  /** @returns whether it has opened */
  failed(ticket: Ticket, nowMs: number): boolean {
    if (!this.#gate.isCurrent(ticket)) return false;
    this.#gate.freed(ticket);
    const state = this.#gate.state(nowMs);
    if (state === 'open') return false;
    if (this.#run++ === 0) this.#runBeganMs = nowMs;
    this.#counts.addFirst(nowMs);
    this.#counts.addSecond(nowMs);
    const cause = state === 'half-open' ? 'a probe failed' : this.#causeToOpen(nowMs);
    if (cause !== undefined) this.#open(cause, nowMs);
    return cause !== undefined;
  }

  /** Nothing was learnt. */
  freed(ticket: Ticket): void {
    this.#gate.freed(ticket);
  }

  /** Why it admits nothing. */
  reason(nowMs: number): string {
    const state = this.#gate.state(nowMs);
    if (state === 'half-open') return 'breaker half open, probes are under way';
    if (state === 'returning') return 'breaker lets calls back little by little';
    return `breaker open after ${this.#cause}`;
  }

  /** When it opens to a probe; `undefined` unless it is open. */
  untilMs(nowMs: number): number | undefined {
    return this.#gate.state(nowMs) === 'open' ? this.#gate.untilMs : undefined;
  }

  view(nowMs: number): GateView & { failuresInRow: number; calls: number; failed: number } {
    const [calls, failed] = [this.#counts.first(nowMs), this.#counts.second(nowMs)];
    return { ...this.#gate.view(nowMs), failuresInRow: this.#run, calls, failed };
  }

  #causeToOpen(nowMs: number): string | undefined {
    const { failurePercent, callsMin, windowMs } = this.#policy;
    const lasts = nowMs - this.#runBeganMs >= windowMs * RUN_WINDOW_PART;
    if (this.#run >= this.#policy.consecutiveMax && (lasts || this.#run >= this.#accidentalRunMax())) {
      return `${this.#run} failures in a row`;
    }
    const calls = this.#counts.first(nowMs);
    const failed = this.#counts.second(nowMs);
    if (calls < callsMin || failed * 100 < calls * failurePercent) return undefined;
    return `${failed} failures in ${calls} calls`;
  }

  #accidentalRunMax(): number {
    if (this.#noiseCalls < this.#policy.callsMin || this.#noise === 0) return 0;
    return Math.ceil(Math.log(ODDS_OF_ACCIDENT) / Math.log(Math.min(this.#noise, NOISE_MAX)));
  }

  #open(cause: string, nowMs: number): void {
    this.#gate.trip(nowMs);
    this.#cause = cause;
    this.#run = 0;
    this.#counts.clear();
  }

  /** A run that ended by itself was noise. */
  #endRun(): void {
    for (; this.#run > 0; this.#run--) this.#learn(1);
    this.#learn(0);
  }

  /** An average of all at first, then of the newest. */
  #learn(failed: 0 | 1): void {
    this.#noiseCalls++;
    this.#noise += (failed - this.#noise) * Math.max(NOISE_WEIGHT, 1 / this.#noiseCalls);
  }
}
