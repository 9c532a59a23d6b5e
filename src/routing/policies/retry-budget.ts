import type { RetryBudgetPolicy } from '../../protocol/policy.ts';
import { RollingCounts } from './rolling-counts.ts';

/**
 * How many retries the calls that begin at a target may cause.
 *
 * Each first attempt adds a share of a retry, time adds a few, both lapse with
 * the window; a retry takes one. A retry that is answered was not in vain and
 * is given back, so that failing over to a target that works is never rationed,
 * while an outage of all of them is not multiplied: within it no retry is
 * answered, and attempts stay below calls × (1 + percent / 100) and the few.
 *
 * The share of 20 % in windows of 10 s is Finagle's `RetryBudget`; giving back
 * what succeeds is the retry quota of the AWS SDKs' standard mode.
 */
export class RetryBudget {
  readonly #share: number;
  /** Allowed within a window whatever the traffic. */
  readonly #always: number;
  /** First attempts, and retries. */
  readonly #counts: RollingCounts;
  #allowed = 0;
  #refused = 0;

  constructor({ percent, perSecondMin, windowMs }: RetryBudgetPolicy) {
    this.#share = percent / 100;
    this.#always = (perSecondMin * windowMs) / 1_000;
    this.#counts = new RollingCounts(windowMs);
  }

  /** A call begins here. */
  called(nowMs: number): void {
    this.#counts.addFirst(nowMs);
  }

  /** Takes one retry, where there is one. */
  take(nowMs: number): boolean {
    if (this.left(nowMs) < 1) {
      this.#refused++;
      return false;
    }
    this.#allowed++;
    this.#counts.addSecond(nowMs);
    return true;
  }

  /** A retry that was taken at `takenAtMs` has been answered. Once for each. */
  giveBack(takenAtMs: number, nowMs: number): void {
    this.#counts.removeSecond(takenAtMs, nowMs);
  }

  /** Retries that could be taken now; whole ones count. */
  left(nowMs: number): number {
    return this.#counts.first(nowMs) * this.#share + this.#always - this.#counts.second(nowMs);
  }

  /** How often one was asked for since it is known, and what became of that. */
  get asked(): { readonly allowed: number; readonly refused: number } {
    return { allowed: this.#allowed, refused: this.#refused };
  }
}
