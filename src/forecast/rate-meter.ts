import type { RateLimit } from './setup.ts';

const MINUTE_MS = 60_000;

/** One of a provider's limits: a bucket that fills evenly over a minute. */
class Bucket {
  readonly perMinute: number;
  #left: number;
  #atMs = 0;

  constructor(perMinute: number) {
    this.perMinute = perMinute;
    this.#left = perMinute;
  }

  left(atMs: number): number {
    this.#left = Math.min(this.perMinute, this.#left + ((atMs - this.#atMs) * this.perMinute) / MINUTE_MS);
    this.#atMs = atMs;
    return this.#left;
  }

  take(amount: number): void {
    this.#left -= amount;
  }

  /** Until so much is left. */
  waitMs(atMs: number, amount: number): number {
    const missing = Math.min(amount, this.perMinute) - this.left(atMs);
    return missing <= 0 ? 0 : (missing * MINUTE_MS) / this.perMinute;
  }
}

/** A provider's own limits on requests and tokens a minute, and what it says of them. */
export class RateMeter {
  readonly #limit: RateLimit;
  readonly #requests: Bucket | undefined;
  readonly #tokens: Bucket | undefined;

  constructor(limit: RateLimit) {
    this.#limit = limit;
    this.#requests = limit.requestsPerMinute === undefined ? undefined : new Bucket(limit.requestsPerMinute);
    this.#tokens = limit.tokensPerMinute === undefined ? undefined : new Bucket(limit.tokensPerMinute);
  }

  /** @returns how long to wait, when it is refused; `undefined` when it was admitted */
  admit(atMs: number, tokens: number): number | undefined {
    const waitMs = Math.max(this.#requests?.waitMs(atMs, 1) ?? 0, this.#tokens?.waitMs(atMs, tokens) ?? 0);
    if (waitMs > 0) return waitMs;
    this.#requests?.take(1);
    this.#tokens?.take(tokens);
    return undefined;
  }

  /** The headers of an answer, in pairs. */
  headers(atMs: number, waitMs?: number): (readonly [string, string])[] {
    const found: (readonly [string, string])[] = [];
    if (waitMs !== undefined && this.#limit.retryAfter) {
      found.push(['retry-after', String(Math.ceil(waitMs / 1_000))], ['retry-after-ms', String(Math.ceil(waitMs))]);
    }
    if (!this.#limit.headers) return found;
    for (const [what, bucket] of [
      ['requests', this.#requests],
      ['tokens', this.#tokens],
    ] as const) {
      if (bucket === undefined) continue;
      const left = bucket.left(atMs);
      const resetMs = ((bucket.perMinute - left) * MINUTE_MS) / bucket.perMinute;
      found.push(
        [`x-ratelimit-limit-${what}`, String(bucket.perMinute)],
        [`x-ratelimit-remaining-${what}`, String(Math.max(0, Math.floor(left)))],
        [`x-ratelimit-reset-${what}`, `${Math.ceil(resetMs)}ms`],
      );
    }
    return found;
  }
}
