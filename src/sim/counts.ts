import type { Clock } from '../kernel/clock.ts';

/** How a call ended for the provider. `cancelled`: the client left first. */
export type CallOutcome = 'complete' | 'cut' | 'cancelled' | 'error';

/** One call as the provider saw it. Instants are milliseconds since the epoch; tokens are those really made. */
export interface CallRecord {
  readonly n: number;
  readonly method: string;
  readonly path: string;
  readonly model?: string;
  readonly stream: boolean;
  readonly status: number;
  /** Whether the prompt was taken in: from then on the call is billed, however it ends. */
  readonly read: boolean;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  /** Of the prompt, those written to the cache, where the caller says what to write. */
  readonly cacheWriteTokens?: number;
  /** Reasoning included. */
  readonly completionTokens: number;
  readonly reasoningTokens: number;
  readonly bytesSent: number;
  readonly startedAt: number;
  readonly completedAt?: number;
  /** Absent while the answer is under way. */
  readonly outcome?: CallOutcome;
  /** The provider's own name of the call, which its answer carries as `x-request-id`, or as `request-id` in Anthropic's. */
  readonly requestId: string;
  /** The client's `x-client-request-id`. */
  readonly clientRequestId?: string;
  /** Whether a key came along, of whatever worth. */
  readonly authorized: boolean;
  /** The kind of fault that was applied. */
  readonly fault?: string;
}

/** Sums since the start or the last reset. They never forget a call. */
export interface CallTotals {
  calls: number;
  active: number;
  complete: number;
  cut: number;
  cancelled: number;
  error: number;
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
  /** Records that fell out of the ring. */
  dropped: number;
}

type Mutable<Shape> = { -readonly [Key in keyof Shape]: Shape[Key] };

export type CallFacts = Pick<
  CallRecord,
  'n' | 'method' | 'path' | 'model' | 'stream' | 'requestId' | 'clientRequestId' | 'authorized' | 'fault'
>;

/** The pen that writes one call's record while it is played. */
export class OpenCall {
  readonly #record: Mutable<CallRecord>;
  readonly #totals: CallTotals;
  readonly #clock: Clock;

  constructor(record: Mutable<CallRecord>, totals: CallTotals, clock: Clock) {
    this.#record = record;
    this.#totals = totals;
    this.#clock = clock;
  }

  get record(): CallRecord {
    return this.#record;
  }

  status(status: number): void {
    this.#record.status = status;
  }

  /** The prompt was taken in: from here on the provider bills it, however the answer ends. */
  promptRead(tokens: number, cachedTokens: number, cacheWriteTokens = 0): void {
    if (cacheWriteTokens > 0) this.#record.cacheWriteTokens = cacheWriteTokens;
    this.#record.read = true;
    this.#record.promptTokens = tokens;
    this.#record.cachedTokens = cachedTokens;
    this.#totals.promptTokens += tokens;
    this.#totals.cachedTokens += cachedTokens;
  }

  /** @param reasoning of the tokens, those that were only thought */
  sent(bytes: number, tokens: number, reasoning = 0): void {
    this.#record.bytesSent += bytes;
    this.#record.completionTokens += tokens;
    this.#record.reasoningTokens += reasoning;
    this.#totals.completionTokens += tokens;
  }

  /** Once; later calls change nothing. */
  settle(outcome: CallOutcome): void {
    if (this.#record.outcome !== undefined) return;
    this.#record.outcome = outcome;
    this.#record.completedAt = this.#clock.now();
    this.#totals.active--;
    this.#totals[outcome]++;
  }
}

/** The provider's own books: the last calls in a ring, and totals that never drop. */
export class CallCounts {
  readonly #clock: Clock;
  readonly #keepMax: number;
  #ring: CallRecord[] = [];
  #oldest = 0;
  #totals: CallTotals = emptyTotals();

  constructor(clock: Clock, keepMax: number) {
    this.#clock = clock;
    this.#keepMax = keepMax;
  }

  open(facts: CallFacts): OpenCall {
    const record: Mutable<CallRecord> = {
      ...facts,
      status: 0,
      read: false,
      promptTokens: 0,
      cachedTokens: 0,
      completionTokens: 0,
      reasoningTokens: 0,
      bytesSent: 0,
      startedAt: this.#clock.now(),
    };
    if (this.#ring.length < this.#keepMax) {
      this.#ring.push(record);
    } else {
      this.#ring[this.#oldest] = record;
      this.#oldest = (this.#oldest + 1) % this.#keepMax;
      this.#totals.dropped++;
    }
    this.#totals.calls++;
    this.#totals.active++;
    return new OpenCall(record, this.#totals, this.#clock);
  }

  totals(): CallTotals {
    return { ...this.#totals };
  }

  /** Up to `limit` records whose `n` is above `since`, oldest first. */
  calls(since = 0, limit = this.#keepMax): CallRecord[] {
    const found: CallRecord[] = [];
    for (let index = 0; index < this.#ring.length && found.length < limit; index++) {
      const record = this.#ring[(this.#oldest + index) % this.#ring.length];
      if (record !== undefined && record.n > since) found.push({ ...record });
    }
    return found;
  }

  /** Starts anew. Calls still under way keep writing to the sums they began with. */
  reset(): void {
    this.#ring = [];
    this.#oldest = 0;
    this.#totals = emptyTotals();
  }
}

function emptyTotals(): CallTotals {
  return {
    calls: 0,
    active: 0,
    complete: 0,
    cut: 0,
    cancelled: 0,
    error: 0,
    promptTokens: 0,
    cachedTokens: 0,
    completionTokens: 0,
    dropped: 0,
  };
}
