import type { HeaderLookup } from '../protocol/upstream.ts';
import type { RetryBudget } from './policies/retry-budget.ts';
import type { TargetState } from './target-state.ts';
import type { Passage, PassageEnd } from './weather-words.ts';

/** Tells a target's policies what one attempt met. */
export class TargetPassage implements Passage {
  readonly #state: TargetState;
  readonly #begunMs: number;
  /** The budget that a retry came from. */
  readonly #paidBy: RetryBudget | undefined;
  #breakerTicket = 0;
  #slowTicket = 0;
  /** A retry that nothing was heard of yet. */
  #waitingRetry: boolean;
  #toldFirstToken = false;
  #over = false;

  constructor(state: TargetState, nowMs: number, retry: boolean, paidBy: RetryBudget | undefined) {
    this.#state = state;
    this.#begunMs = nowMs;
    this.#paidBy = paidBy;
    this.#waitingRetry = retry;
    const { breaker, slow, headroom, concurrency, parts } = state;
    state.inFlight++;
    parts.retriesInFlight.attemptBegun();
    if (retry) parts.retriesInFlight.retryBegun();
    if (breaker !== undefined) this.#breakerTicket = breaker.begin(nowMs);
    if (slow !== undefined) this.#slowTicket = slow.begin(nowMs);
    headroom?.begun();
    concurrency?.begun();
  }

  firstToken(elapsedMs: number): void {
    if (this.#over || this.#toldFirstToken) return;
    this.#toldFirstToken = true;
    const { breaker, concurrency, firstTokens, parts } = this.#state;
    const nowMs = parts.clock.monotonicMs();
    firstTokens.add(elapsedMs);
    if (breaker !== undefined) this.#breakerTicket = breaker.heard(this.#breakerTicket, nowMs);
    this.#slowTicket = this.#state.firstToken(this.#slowTicket, elapsedMs, nowMs, false);
    concurrency?.firstToken(elapsedMs, nowMs);
    this.#retryAnswered(nowMs);
  }

  silentFor(elapsedMs: number): void {
    if (this.#over || this.#toldFirstToken) return;
    this.#toldFirstToken = true;
    const { firstTokens, parts } = this.#state;
    const nowMs = parts.clock.monotonicMs();
    // The caller may have reckoned on the wall clock, which can jump.
    const silentMs = Math.min(elapsedMs, nowMs - this.#begunMs);
    // Without those that lose to their hedges, the p95 that hedges wait for would fall with each round of samples.
    if (silentMs >= (firstTokens.value ?? Number.POSITIVE_INFINITY)) firstTokens.add(silentMs);
    this.#slowTicket = this.#state.firstToken(this.#slowTicket, silentMs, nowMs, true);
  }

  heard(header: HeaderLookup): void {
    const { headroom, parts } = this.#state;
    headroom?.heard(header, parts.clock.monotonicMs(), parts.clock.now());
  }

  end(end: PassageEnd): void {
    if (this.#over) return;
    this.#over = true;
    const state = this.#state;
    const nowMs = state.parts.clock.monotonicMs();
    state.inFlight--;
    state.ended[end.kind]++;
    state.concurrency?.ended();
    if (end.kind === 'ok') this.#retryAnswered(nowMs);
    this.#freeRetry();
    state.parts.retriesInFlight.attemptEnded();
    const answeredMs = end.kind === 'ok' && !this.#toldFirstToken ? nowMs - this.#begunMs : undefined;
    state.slow?.ended(this.#slowTicket, answeredMs, nowMs);
    this.#tell(end, nowMs);
  }

  #tell(end: PassageEnd, nowMs: number): void {
    const state = this.#state;
    if (end.kind === 'ok') state.answered(this.#breakerTicket, this.#begunMs, nowMs);
    else if (end.kind === 'failed') state.failed(this.#breakerTicket, nowMs);
    else state.breaker?.freed(this.#breakerTicket);
    if (end.kind === 'throttled') state.throttled(end.retryAfterMs, end.exhausted, nowMs);
    if (end.kind === 'credential') state.credentialRefused(nowMs);
  }

  #retryAnswered(nowMs: number): void {
    if (this.#waitingRetry) this.#paidBy?.giveBack(this.#begunMs, nowMs);
    this.#freeRetry();
  }

  #freeRetry(): void {
    if (!this.#waitingRetry) return;
    this.#waitingRetry = false;
    this.#state.parts.retriesInFlight.retryHeard();
  }
}
