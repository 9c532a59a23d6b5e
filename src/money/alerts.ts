import type { NanoUsd } from '../kernel/amounts.ts';
import type { Clock } from '../kernel/clock.ts';

/**
 * What whoever owns the bill should hear of.
 *
 *     soft_passed   a budget's alert mark was passed
 *     hard_passed   a budget is used up: calls are refused until its window ends
 *     credit_low    prepaid credit is about to run out
 *     overrun       a provider billed more than was set aside for the call
 *     unpriced      a call was served whose price nobody knows
 *     bad_usage     a provider said something of its use that cannot be so
 */
export const ALERT_KINDS = ['soft_passed', 'hard_passed', 'credit_low', 'overrun', 'unpriced', 'bad_usage'] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

export interface Alert {
  /** Counts up; the first of a process is 1. */
  readonly number: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly kind: AlertKind;
  /** A sentence for people, without secrets. */
  readonly message: string;
  readonly budgetId?: string;
  /** The end user or the task, for a budget of each. */
  readonly subject?: string;
  readonly windowStart?: number;
  /** What was spent, what the mark is, and by how much a call went beyond its hold. */
  readonly settled?: NanoUsd;
  readonly limit?: NanoUsd;
  readonly excess?: NanoUsd;
  readonly callId?: string;
  readonly provider?: string;
  readonly model?: string;
}

export type NewAlert = Omit<Alert, 'number' | 'at'>;

/** The oldest are forgotten beyond this; the log has them all. */
const KEPT_MAX = 500;
/** So many things are told once; beyond it the oldest of them may be told again. */
const TOLD_MAX = 10_000;

/** The latest alerts of this process. Each thing is told once, to whoever hears. */
export class Alerts {
  readonly #clock: Clock;
  readonly #hear: (alert: Alert) => void;
  readonly #kept: Alert[] = [];
  readonly #told = new Set<string>();
  #count = 0;

  /** @param hear log, metric, and whatever else takes alerts further */
  constructor(clock: Clock, hear: (alert: Alert) => void) {
    this.#clock = clock;
    this.#hear = hear;
  }

  /**
   * @param once what this is about: the same is not told twice
   * @returns whether it was told now
   */
  raise(alert: NewAlert, once: string): boolean {
    const about = `${alert.kind} ${once}`;
    if (this.#told.has(about)) return false;
    if (this.#told.size >= TOLD_MAX) {
      const oldest = this.#told.values().next();
      if (!oldest.done) this.#told.delete(oldest.value);
    }
    this.#told.add(about);
    const told: Alert = { ...alert, number: ++this.#count, at: this.#clock.now() };
    this.#kept.push(told);
    if (this.#kept.length > KEPT_MAX) this.#kept.shift();
    this.#hear(told);
    return true;
  }

  /** The newest first. */
  list(): readonly Alert[] {
    return this.#kept.toReversed();
  }
}
