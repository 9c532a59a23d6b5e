import type { AdmittedCall } from '../exchange/call.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Clock, Timer } from '../kernel/clock.ts';
import type { CallBook, CallFacts } from './call-book.ts';
import { SimulatedSink } from './client-sink.ts';
import type { House } from './setup.ts';
import type { CallEnd, CallOutcome } from './simulation-report.ts';
import type { Tallies } from './tallies.ts';

/** What may still happen once a call's time is up: the client waits this long for its money. */
const AFTER_DEADLINE_MS = 250;
/** Errors that are the caller's own mistake, or that every provider would answer with. */
const DECLINED = new Set([
  'invalid_request',
  'not_found',
  'context_length_exceeded',
  'content_policy',
  'payload_too_large',
]);
const FAILED = new Set(['upstream_error', 'upstream_timeout', 'stream_truncated', 'rate_limited', 'internal']);

/** Refusals that speak of how targets do. */
const WEATHER = new Set(['overloaded', 'rate_limited', 'upstream_error', 'upstream_timeout']);
/** Closures that are our own opinion. */
const GUESSES = new Set(['breaker', 'slow', 'headroom', 'credential']);

export interface CallParts {
  readonly clock: Clock;
  readonly house: House;
  readonly book: CallBook;
  readonly tallies: Tallies;
  readonly attemptsMax: number;
  accuse(what: string): void;
  note(line: string): void;
}

export interface CallHabits {
  readonly retry: number;
  /** The call must be over by then, in milliseconds from its arrival. */
  readonly deadlineMs: number;
  /** It hangs up then, in milliseconds from its arrival. */
  readonly leavesAfterMs: number | undefined;
  /** It stops reading for so long after each piece. */
  readonly slowMs: number | undefined;
}

/** One call at the gateway's door, from its arrival until it owes nothing. */
export class SimulatedCall {
  readonly #parts: CallParts;
  readonly #call: AdmittedCall;
  readonly #habits: CallHabits;
  readonly #onEnd: (outcome: CallOutcome, sink: SimulatedSink) => void;
  readonly #sink: SimulatedSink;
  readonly #facts: CallFacts;
  #exchange: Exchange | undefined;
  #leaving: Timer | undefined;
  #reading: Timer | undefined;
  #firstTokenMs: number | undefined;
  #overs = 0;

  constructor(
    parts: CallParts,
    call: AdmittedCall,
    habits: CallHabits,
    onEnd: (outcome: CallOutcome, sink: SimulatedSink) => void,
  ) {
    this.#parts = parts;
    this.#call = call;
    this.#habits = habits;
    this.#onEnd = onEnd;
    this.#facts = parts.book.open(call.id, parts.attemptsMax);
    this.#sink = new SimulatedSink({
      accuse: (what) => this.#accuse(what),
      onFirstByte: () => {
        // An answer that is not streamed has no first token: it comes as a whole.
        if (call.request.stream) this.#firstTokenMs ??= this.#elapsedMs();
      },
      onBytes: () => this.#onBytes(),
      onEnd: () => this.#onClientEnd(),
    });
  }

  /** @param onOver called once the gateway owes the call nothing any more */
  run(onOver: () => void): void {
    const { clock, house, tallies } = this.#parts;
    tallies.called(clock.monotonicMs());
    const { leavesAfterMs } = this.#habits;
    if (leavesAfterMs !== undefined) this.#leaving = clock.after(leavesAfterMs, () => this.#leave());
    this.#exchange = house.exchanges.begin(this.#call, this.#sink, () => {
      this.#overs++;
      if (this.#overs > 1) this.#accuse('it was over twice');
      // Who has left may be told nothing, where the answer was read on for its usage alone.
      if (this.#sink.gone && !this.#sink.ended) this.#sink.abort();
      if (!this.#sink.ended) this.#accuse('it was over before its client had an end');
      this.#parts.book.close(this.#facts);
      onOver();
    });
    this.#exchange.run();
  }

  #leave(): void {
    if (this.#sink.ended) return;
    this.#sink.gone = true;
    this.#reading?.cancel();
    this.#exchange?.clientGone();
  }

  #onBytes(): boolean {
    const { slowMs } = this.#habits;
    if (slowMs === undefined) return true;
    if (this.#reading !== undefined) return false;
    this.#reading = this.#parts.clock.after(slowMs, () => {
      this.#reading = undefined;
      if (!this.#sink.ended) this.#exchange?.clientReady();
    });
    return false;
  }

  #onClientEnd(): void {
    this.#leaving?.cancel();
    this.#reading?.cancel();
    const { clock, note } = this.#parts;
    const elapsedMs = this.#elapsedMs();
    const { deadlineMs } = this.#habits;
    // Whoever has left is not waited for: an answer that is billed anyway may be read to its end.
    if (!this.#sink.gone && elapsedMs > deadlineMs + AFTER_DEADLINE_MS) {
      this.#accuse(`it ended after ${elapsedMs} ms, ${deadlineMs} ms were allowed`);
    }
    const end = this.#end();
    if (!this.#sink.gone && this.#facts.starts === 0) this.#checkUnsent();
    note(`${clock.monotonicMs()} over ${this.#call.id} ${end} ${this.#sink.status}`);
    const outcome: CallOutcome = {
      id: this.#call.id,
      arrivedMs: this.#call.arrivedMs,
      overMs: clock.monotonicMs(),
      end,
      status: this.#sink.status,
      errorCode: this.#errorCode(end),
      attempts: this.#facts.starts,
      firstTokenMs: this.#firstTokenMs,
      retry: this.#habits.retry,
      target: this.#facts.outcome === 'ok' ? this.#facts.target : undefined,
    };
    this.#parts.tallies.over(outcome);
    this.#onEnd(outcome, this.#sink);
  }

  #end(): CallEnd {
    const { outcome, errorCode = '' } = this.#facts;
    // Who reads nothing is let go before anything is recorded.
    const letGo = this.#sink.cut && this.#facts.lasts === 0;
    if (this.#sink.gone || letGo || errorCode === 'client_closed') return 'left';
    const degraded = this.#sink.header('x-leeward-degraded') !== undefined;
    const good = this.#sink.status === 200 && !this.#sink.cut;
    const whole = good && (!this.#call.request.stream || this.#sink.complete);
    if (degraded && whole) return 'degraded';
    if (outcome === 'ok') {
      if (!whole) this.#accuse(`its record says ok, its client got status ${this.#sink.status} and not the whole`);
      return 'ok';
    }
    if (whole) this.#accuse(`its client was told that all is well, its record says ${outcome ?? errorCode}`);
    if (DECLINED.has(errorCode)) return 'declined';
    return FAILED.has(errorCode) ? 'failed' : 'refused';
  }

  /** A call may stay unsent because a provider asked for it, or for money; never because we think ill of all targets. */
  #checkUnsent(): void {
    const { errorCode = '' } = this.#facts;
    if (!WEATHER.has(errorCode)) return;
    const guessed = this.#parts.house
      .weather()
      .filter(({ closure }) => closure !== undefined && GUESSES.has(closure.kind));
    const asked = this.#parts.house
      .weather()
      .some(({ closure }) => closure?.asked === true || closure?.kind === 'concurrency');
    if (guessed.length > 0 && !asked)
      this.#accuse(`it was not sent (${errorCode}): ${guessed[0]?.closure?.reason ?? ''}`);
  }

  #errorCode(end: CallEnd): string | undefined {
    if (end === 'ok' || end === 'degraded') return undefined;
    return end === 'left' ? 'client_closed' : (this.#facts.errorCode ?? 'unknown');
  }

  #elapsedMs(): number {
    return this.#parts.clock.monotonicMs() - this.#call.arrivedMs;
  }

  #accuse(what: string): void {
    this.#parts.accuse(`${this.#call.id}: ${what} (at ${this.#parts.clock.monotonicMs()} ms)`);
  }
}
