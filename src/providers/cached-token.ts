import type { Clock } from '../kernel/clock.ts';

/** A token as its issuer gave it. */
export interface IssuedToken {
  readonly token: string;
  /** From the moment it was asked for, in milliseconds. */
  readonly lifeMs: number;
}

/** A token is fetched anew this long before it expires, or at half its life where that is sooner. */
const AHEAD_MS_MAX = 5 * 60_000;
/** A token that expires sooner than this is not sent any more: the call would arrive too late. */
const TOO_LATE_MS = 30_000;
/** After a failure nobody is asked again for so long, however many calls wait. */
const FAILURE_HOLD_MS = 1_000;
/** A token that is refused so soon after it was issued would be issued the same again. */
const YOUNG_MS = 5_000;

/**
 * A token that expires. States: `absent` until the first is fetched and after
 * one has expired or was refused: calls wait, all for the same request;
 * `fresh`: calls take it at once; `ageing` from five minutes before its end:
 * calls still take it at once, and one request for the next runs beside them.
 */
export class CachedToken {
  readonly #clock: Clock;
  readonly #issue: () => Promise<IssuedToken>;
  #token: string | undefined;
  #issuedMs = 0;
  #renewMs = 0;
  #endMs = 0;
  #running: Promise<void> | undefined;
  #failure: { readonly error: unknown; readonly atMs: number } | undefined;

  constructor(clock: Clock, issue: () => Promise<IssuedToken>) {
    this.#clock = clock;
    this.#issue = issue;
  }

  /** The token last fetched; good after `prepare`. */
  get token(): string | undefined {
    return this.#token;
  }

  /** @returns `undefined` when the token is good now, or a promise of when it will be */
  prepare(): Promise<void> | undefined {
    const now = this.#clock.monotonicMs();
    if (this.#token !== undefined && now < this.#renewMs) return undefined;
    if (this.#token === undefined || now >= this.#endMs) return this.#renew(now);
    this.#renew(now).catch(() => {
      // The token at hand is still good: the failure is told once it is not.
    });
    return undefined;
  }

  /** The token was refused before its time: the next call fetches another one. */
  refused(): void {
    if (this.#clock.monotonicMs() - this.#issuedMs >= YOUNG_MS) this.#token = undefined;
  }

  #renew(now: number): Promise<void> {
    if (this.#failure !== undefined && now - this.#failure.atMs < FAILURE_HOLD_MS) {
      return Promise.reject(this.#failure.error);
    }
    this.#running ??= this.#fetch(now).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #fetch(now: number): Promise<void> {
    try {
      const { token, lifeMs } = await this.#issue();
      this.#token = token;
      this.#issuedMs = now;
      this.#renewMs = now + Math.max(lifeMs - AHEAD_MS_MAX, lifeMs / 2);
      this.#endMs = now + Math.max(lifeMs - TOO_LATE_MS, lifeMs / 2);
      this.#failure = undefined;
    } catch (error) {
      this.#failure = { error, atMs: this.#clock.monotonicMs() };
      throw error;
    }
  }
}
