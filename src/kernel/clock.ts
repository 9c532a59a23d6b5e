import { FAR_MS, FarTimers } from './far-timers.ts';
import type { Timer } from './timer.ts';

export type { Timer } from './timer.ts';

/**
 * Time as the core sees it. From `exchange/` inward nothing reads the ambient
 * clock, so that the whole core runs on a virtual one.
 */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. Can jump; use it for records, never for durations. */
  now(): number;
  /** Monotonic milliseconds with a fraction, from an arbitrary origin. Use it for durations and deadlines. */
  monotonicMs(): number;
  /** Calls `fire` once, at the earliest `delayMs` from now. */
  after(delayMs: number, fire: () => void): Timer;
  /** Calls `work` once what has arrived by now has been handled, before anything is waited for. */
  soon(work: () => void): void;
}

/** Resolves after `delayMs` on the given clock; rejects with the signal's reason when aborted first. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = () => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

class SystemTimer implements Timer {
  readonly #handle: NodeJS.Timeout;

  constructor(handle: NodeJS.Timeout) {
    this.#handle = handle;
  }

  cancel(): void {
    clearTimeout(this.#handle);
  }
}

const nodesTimers = {
  monotonicMs: () => performance.now(),
  after: (delayMs: number, fire: () => void) => new SystemTimer(setTimeout(fire, delayMs)),
};
const farTimers = new FarTimers(nodesTimers);

/** The machine's own clock. The only place of the core's world that touches ambient time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: nodesTimers.monotonicMs,
  after: (delayMs, fire) => (delayMs >= FAR_MS ? farTimers : nodesTimers).after(delayMs, fire),
  soon: (work) => void setImmediate(work),
};

interface PendingTimer extends Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly fire: () => void;
}

/** A clock that moves only when told to. Timers fire in order of their due time, then of their making. */
export class VirtualClock implements Clock {
  #nowMs: number;
  readonly #startMs: number;
  #order = 0;
  readonly #pending = new Set<PendingTimer>();

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
    this.#startMs = startMs;
  }

  now(): number {
    return Math.floor(this.#nowMs);
  }

  monotonicMs(): number {
    return this.#nowMs - this.#startMs;
  }

  after(delayMs: number, fire: () => void): Timer {
    const timer: PendingTimer = {
      dueMs: this.#nowMs + Math.max(0, delayMs),
      order: this.#order++,
      fire,
      cancel: () => this.#pending.delete(timer),
    };
    this.#pending.add(timer);
    return timer;
  }

  soon(work: () => void): void {
    queueMicrotask(work);
  }

  /** Number of timers that have neither fired nor been cancelled: a test ends with 0. */
  get pendingTimers(): number {
    return this.#pending.size;
  }

  /** Moves time forward by `ms`, firing what falls due and letting promises settle in between. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const next = this.#nextDue(endMs);
      if (next === undefined) break;
      this.#pending.delete(next);
      this.#nowMs = next.dueMs;
      next.fire();
      await settlePromises();
    }
    this.#nowMs = endMs;
    await settlePromises();
  }

  #nextDue(endMs: number): PendingTimer | undefined {
    let next: PendingTimer | undefined;
    for (const timer of this.#pending) {
      if (timer.dueMs > endMs) continue;
      if (next === undefined || timer.dueMs < next.dueMs || (timer.dueMs === next.dueMs && timer.order < next.order)) {
        next = timer;
      }
    }
    return next;
  }
}

function settlePromises(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
