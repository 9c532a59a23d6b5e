import type { HeadroomPolicy } from '../../protocol/policy.ts';
import type { HeaderLookup } from '../../protocol/upstream.ts';
import { HEADER_FAMILIES, type HeaderFamily, type RateLimit, rateLimitsOf } from './rate-limit-headers.ts';

/** A provider that has said nothing in so many heads is asked only now and then. */
const HEADS_ASKED = 8;
const HEADS_BETWEEN = 32;

/** With plenty left, a limit is not read again for this long: it is one microsecond of each call. */
const PLENTY_MS = 50;
const PLENTY_TIMES = 10;

/** A rate limit and when it was told, on the monotonic clock. */
interface Meter {
  readonly told: RateLimit;
  readonly toldAtMs: number;
  /** When all of it is there again. */
  readonly resetAtMs: number;
}

/**
 * Closes a target before its provider has to say 429: while less than
 * `percentMin` of its requests or tokens is left, by the headers of its own
 * answers.
 *
 * What is left grows back: of a bucket (OpenAI, Anthropic) bit by bit, of a
 * window all at once at its reset, and the target is open again when enough has.
 * Requests that were begun since the last answer are taken off. Where the whole
 * limit is not told only nothing counts as too little, and without a reset
 * nothing is closed, because nobody knows until when.
 */
export class Headroom {
  readonly #percentMin: number;
  #requests: Meter | undefined;
  #tokens: Meter | undefined;
  /** Requests begun since the provider last told what is left. */
  #begun = 0;
  #family: HeaderFamily | undefined;
  #heads = 0;
  /** Until then there is plenty. */
  #plentyMs = Number.NEGATIVE_INFINITY;

  constructor({ percentMin }: HeadroomPolicy) {
    this.#percentMin = percentMin;
  }

  begun(): void {
    this.#begun++;
  }

  /**
   * The head of an answer.
   *
   * @param now milliseconds since the epoch: some providers name an instant
   */
  heard(header: HeaderLookup, nowMs: number, now: number): void {
    if (nowMs < this.#plentyMs || (this.#family === undefined && !this.#mayLook())) return;
    const families = this.#family === undefined ? HEADER_FAMILIES : [this.#family];
    for (const family of families) {
      const limits = rateLimitsOf(family, header, now);
      if (limits === undefined) continue;
      this.#family = family;
      this.#requests = meterOf(limits.requests, nowMs);
      this.#tokens = meterOf(limits.tokens, nowMs);
      this.#begun = 0;
      if (this.#hasPlenty(nowMs)) this.#plentyMs = nowMs + PLENTY_MS;
      return;
    }
  }

  /** Which limit closes it now and until when; `undefined` when it is open. */
  closed(nowMs: number): { readonly what: 'requests' | 'tokens'; readonly untilMs: number } | undefined {
    const requests = this.#untilMs(this.#requests, this.#begun, nowMs);
    const tokens = this.#untilMs(this.#tokens, 0, nowMs);
    if (requests === undefined && tokens === undefined) return undefined;
    return (requests ?? 0) >= (tokens ?? 0)
      ? { what: 'requests', untilMs: requests ?? nowMs }
      : { what: 'tokens', untilMs: tokens ?? nowMs };
  }

  /** What is left, in percent, where it is known. */
  view(nowMs: number): { requestsPercent?: number; tokensPercent?: number } {
    const requests = percentLeft(this.#requests, this.#begun, nowMs);
    const tokens = percentLeft(this.#tokens, 0, nowMs);
    return {
      ...(requests === undefined ? {} : { requestsPercent: requests }),
      ...(tokens === undefined ? {} : { tokensPercent: tokens }),
    };
  }

  #hasPlenty(nowMs: number): boolean {
    const enough = this.#percentMin * PLENTY_TIMES;
    const left = (meter: Meter | undefined) => (meter === undefined ? 100 : (percentLeft(meter, 0, nowMs) ?? 0));
    return left(this.#requests) > enough && left(this.#tokens) > enough;
  }

  #mayLook(): boolean {
    this.#heads++;
    return this.#heads <= HEADS_ASKED || this.#heads % HEADS_BETWEEN === 0;
  }

  #untilMs(meter: Meter | undefined, begun: number, nowMs: number): number | undefined {
    if (meter === undefined || nowMs >= meter.resetAtMs) return undefined;
    const { told, toldAtMs, resetAtMs } = meter;
    const left = told.remaining - begun;
    const enough = told.limit === undefined ? 1 : (told.limit * this.#percentMin) / 100;
    if (left >= enough) return undefined;
    if (!told.refills || told.limit === undefined || told.limit <= left) return resetAtMs;
    const untilMs = toldAtMs + ((enough - left) / (told.limit - left)) * (resetAtMs - toldAtMs);
    return nowMs < untilMs ? untilMs : undefined;
  }
}

function meterOf(told: RateLimit | undefined, nowMs: number): Meter | undefined {
  if (told?.resetMs === undefined) return undefined;
  return { told, toldAtMs: nowMs, resetAtMs: nowMs + told.resetMs };
}

function percentLeft(meter: Meter | undefined, begun: number, nowMs: number): number | undefined {
  if (meter === undefined || meter.told.limit === undefined || meter.told.limit === 0) return undefined;
  const { told, toldAtMs, resetAtMs } = meter;
  const { limit = 0, remaining } = told;
  if (nowMs >= resetAtMs) return 100;
  const grown = told.refills ? ((limit - remaining) * (nowMs - toldAtMs)) / (resetAtMs - toldAtMs) : 0;
  return Math.round((Math.max(0, Math.min(limit, remaining + grown - begun)) / limit) * 100);
}
