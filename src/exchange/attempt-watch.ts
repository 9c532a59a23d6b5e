import type { Clock, Timer } from '../kernel/clock.ts';
import type { AttemptTimeouts } from '../routing/target.ts';

/** One event may take this long from its first byte to its last. */
const EVENT_MS_MAX = 60_000;

export interface WatchOptions {
  readonly clock: Clock;
  readonly timeouts: AttemptTimeouts;
  readonly stream: boolean;
  /** The client's own limit for the first token of a stream, which narrows the target's. */
  readonly firstTokenMs: number | undefined;
  onTimeout(): void;
}

/**
 * Watches how long an attempt keeps silent. Before the response head the limit
 * is the head's; after it, the idle gap's; an event that has begun must end
 * within a minute; and the whole may have a limit of its own. While the client
 * does not read, upstream's silence is not held against it.
 *
 * One timer, set anew only when it fires: a busy stream costs no timers.
 */
export class AttemptWatch {
  readonly #options: WatchOptions;
  readonly #startedMs: number;
  /** When the first token of a stream is due, and when it would be but for the client. */
  readonly #firstTokenDueMs: number;
  readonly #targetsDueMs: number;
  #activeMs: number;
  #eventOpenMs: number | undefined;
  #headSeen = false;
  #tokenSeen = false;
  #paused = false;
  #timer: Timer | undefined;
  /** When the timer fires, on the monotonic clock. */
  #dueMs = 0;
  #over = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#startedMs = options.clock.monotonicMs();
    this.#activeMs = this.#startedMs;
    const firstTokenMs = Math.min(options.timeouts.firstTokenMs, options.firstTokenMs ?? Number.POSITIVE_INFINITY);
    this.#firstTokenDueMs = options.stream ? this.#startedMs + firstTokenMs : Number.POSITIVE_INFINITY;
    this.#targetsDueMs = this.#startedMs + options.timeouts.firstTokenMs;
    this.#arm(this.#startedMs);
  }

  /** It is the client that waits no longer for its first token: the target itself would still have time. */
  get impatient(): boolean {
    const nowMs = this.#options.clock.monotonicMs();
    return !this.#tokenSeen && nowMs >= this.#firstTokenDueMs && nowMs < this.#targetsDueMs;
  }

  /** Milliseconds since the attempt began. */
  elapsedMs(): number {
    return this.#options.clock.monotonicMs() - this.#startedMs;
  }

  headSeen(): void {
    this.#headSeen = true;
    this.progressed();
    const nowMs = this.#activeMs;
    // The usual idle limit ends later than what the timer was set for, and is looked at when that fires.
    if (nowMs + this.#leftMs(nowMs) >= this.#dueMs) return;
    this.#timer?.cancel();
    this.#arm(nowMs);
  }

  /** @returns milliseconds since the attempt began */
  tokenSeen(): number {
    this.#tokenSeen = true;
    return this.elapsedMs();
  }

  /** @returns milliseconds since the attempt began */
  progressed(): number {
    this.#activeMs = this.#options.clock.monotonicMs();
    this.#eventOpenMs = undefined;
    return this.#activeMs - this.#startedMs;
  }

  /** Some bytes of an event are there and not all. */
  eventOpen(): void {
    this.#eventOpenMs ??= this.#options.clock.monotonicMs();
  }

  eventClosed(): void {
    this.#eventOpenMs = undefined;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.progressed();
  }

  stop(): void {
    this.#over = true;
    this.#timer?.cancel();
  }

  #arm(nowMs: number): void {
    if (this.#over) return;
    const leftMs = this.#leftMs(nowMs);
    if (leftMs <= 0) {
      this.#options.onTimeout();
      return;
    }
    const { clock } = this.#options;
    const delayMs = Math.min(leftMs, EVENT_MS_MAX);
    this.#dueMs = nowMs + delayMs;
    this.#timer = clock.after(delayMs, () => this.#arm(clock.monotonicMs()));
  }

  #leftMs(nowMs: number): number {
    const { timeouts, stream } = this.#options;
    if (this.#paused) this.#activeMs = nowMs;
    const headMs = stream ? timeouts.streamHeadMs : timeouts.headMs;
    const silenceMs = this.#activeMs + (this.#headSeen ? timeouts.idleMs : headMs) - nowMs;
    const tokenMs = this.#tokenSeen ? Number.POSITIVE_INFINITY : this.#firstTokenDueMs - nowMs;
    const totalMs = this.#startedMs + (timeouts.totalMs ?? Number.POSITIVE_INFINITY) - nowMs;
    const eventMs =
      this.#eventOpenMs === undefined || this.#paused
        ? Number.POSITIVE_INFINITY
        : this.#eventOpenMs + EVENT_MS_MAX - nowMs;
    return Math.min(silenceMs, totalMs, eventMs, tokenMs);
  }
}
