import type { RetriesInFlightPolicy } from '../../protocol/policy.ts';

/**
 * How many of all attempts under way may be retries that nothing was heard of.
 *
 * A retry counts from its beginning to the first sign of life: until then it
 * may be one more knock at a closed door, after it is a call like any other. So
 * a long stream that was saved by a retry does not stand in another's way.
 *
 * 20 %, and three at least, is the retry budget of Envoy's circuit breakers.
 */
export class RetriesInFlight {
  #share = 1;
  #min = Number.POSITIVE_INFINITY;
  #attempts = 0;
  #retries = 0;

  /** @param policy absent: as many as there are */
  constructor(policy?: RetriesInFlightPolicy) {
    this.follow(policy);
  }

  /** Another policy from now on, for what is under way too. */
  follow(policy?: RetriesInFlightPolicy): void {
    this.#share = (policy?.percent ?? 100) / 100;
    this.#min = policy?.min ?? Number.POSITIVE_INFINITY;
  }

  get attempts(): number {
    return this.#attempts;
  }

  get retries(): number {
    return this.#retries;
  }

  get allowsOneMore(): boolean {
    return this.#retries < Math.max(this.#min, this.#attempts * this.#share);
  }

  attemptBegun(): void {
    this.#attempts++;
  }

  attemptEnded(): void {
    this.#attempts--;
  }

  retryBegun(): void {
    this.#retries++;
  }

  /** It has shown life, or is over. Once for each. */
  retryHeard(): void {
    this.#retries--;
  }
}
