import { type NanoUsd, nano } from '../kernel/amounts.ts';
import type { Clock } from '../kernel/clock.ts';
import type { HoldTaker } from '../money/hold.ts';
import type { Settlement } from '../money/ledger.ts';
import { attemptCheckpoint, attemptEnd } from './attempt-records.ts';
import type { AttemptRun, Ending } from './attempt-run.ts';
import type { AdmittedCall } from './call.ts';
import type { AnswerFacts } from './dialect.ts';
import type { ExchangeEvents } from './events.ts';
import type { LooseEnds } from './loose-ends.ts';
import { type Metered, meterAttempt } from './meter.ts';
import { descriptorOf } from './operations.ts';
import { patientCounter } from './patient-counter.ts';
import type { Charge, Payment } from './payment.ts';
import type { TokenCounter } from './token-counter.ts';

/** The end of an answer waits so long for its settlement; the hold counts until that is booked. */
const SETTLE_WAIT_MS_MAX = 250;

export interface BooksParts {
  readonly clock: Clock;
  readonly holds: HoldTaker;
  readonly tokens: TokenCounter;
  readonly events: ExchangeEvents;
}

/** Whoever waits for an end to be booked, and must not wait for ever. */
export interface BooksReader {
  /** An end could not be booked, or told of. */
  failed(thrown: unknown): void;
  /** The same, where somebody else has heard why. */
  cut(): void;
}

/** What the end of a call may tell its client of money. */
export interface Paid {
  readonly cost: NanoUsd | undefined;
  readonly remaining: NanoUsd | undefined;
}

/** No attempt was made. */
export const NOTHING_PAID: Paid = { cost: nano(0n), remaining: undefined };

/** An attempt that is over, before it is metered. */
interface Ended {
  readonly run: AttemptRun;
  readonly endedAt: number;
  readonly facts: AnswerFacts;
  readonly ending: Ending;
  /** Its end is in the journal. */
  recorded: boolean;
}

/**
 * The books of one call: what each attempt used is metered and recorded, and
 * the call's last end is settled before its client hears of it. Whatever fails
 * on the way, the call ends, and what was not booked goes on being held.
 */
export class AttemptBooks {
  /** Absent where neither a budget nor the client itself limits the call. */
  payment: Payment | undefined;
  readonly #parts: BooksParts;
  readonly #call: AdmittedCall;
  readonly #loose: LooseEnds;
  readonly #reader: BooksReader;

  constructor(parts: BooksParts, call: AdmittedCall, loose: LooseEnds, reader: BooksReader) {
    this.#parts = parts;
    this.#call = call;
    this.#loose = loose;
    this.#reader = reader;
  }

  /** The wall clock as it went on since the call came: a step of the machine's own clock must not show in a duration. */
  now(): number {
    return this.#call.arrivedAt + Math.floor(this.#parts.clock.monotonicMs() - this.#call.arrivedMs);
  }

  checkpoint({ start, sheet, attempt }: AttemptRun): void {
    if (attempt === undefined) return;
    this.#parts.events.attemptProgressed(attemptCheckpoint(this.#call, start, sheet, attempt.facts, this.now()));
  }

  /**
   * Meters and records how an attempt ended. The call's last end is also
   * settled; `then` tells the client, once the record is safe.
   */
  end(run: AttemptRun, facts: AnswerFacts, ending: Ending, then?: (paid: Paid) => void): void {
    this.payment?.expectLine();
    this.#loose.open();
    const { request } = this.#call;
    const { clock, tokens } = this.#parts;
    const ended: Ended = { run, endedAt: ending.endedAt ?? this.now(), facts, ending, recorded: false };
    const metered = meterAttempt({
      facts,
      billable: run.attempt?.billable === true,
      whole: ending.outcome === 'ok',
      sheet: run.sheet,
      measure: () => request.measure(),
      hasOutput: descriptorOf(request.dialect.operation).hasOutput,
      // Counting may take long, the first time or under load: whoever waits does so no longer than for money.
      tokens: then === undefined ? tokens : patientCounter(tokens, clock, SETTLE_WAIT_MS_MAX),
    });
    if (!(metered instanceof Promise)) this.#bookOrLeave(ended, metered, then);
    else {
      metered
        .then((found) => this.#bookOrLeave(ended, found, then))
        .catch((thrown: unknown) => {
          // What it used is unknown then; that it was made is not.
          this.#parts.events.unexpected(thrown, this.#call.id);
          this.#bookOrLeave(ended, {}, then);
        });
    }
  }

  /** Keeps the call from being over, and from being settled, until it is known which attempts have an end to be booked. @returns to be called then */
  awaiting(): () => void {
    const { payment } = this;
    payment?.expectLine();
    this.#loose.open();
    return () => {
      payment?.expectNoLine();
      this.#loose.tied();
    };
  }

  /** Settles what was booked, behind the call's back. */
  settle(): void {
    if (this.payment !== undefined) this.#settle(this.payment);
  }

  #bookOrLeave(ended: Ended, metered: Metered, then: ((paid: Paid) => void) | undefined): void {
    try {
      this.#book(ended, metered, then);
    } catch (thrown) {
      if (!ended.recorded) this.payment?.leaveOpen();
      this.#reader.failed(thrown);
      if (!ended.recorded) this.#loose.tied();
    }
  }

  #book(ended: Ended, metered: Metered, then: ((paid: Paid) => void) | undefined): void {
    const { run, ending } = ended;
    const { attempt } = run;
    const { events } = this.#parts;
    const payment = this.payment;
    const charged = this.#chargeOf(ended, metered);
    const end = attemptEnd(this.#call, {
      attempt: run.number,
      startedAt: run.startedAt,
      endedAt: ended.endedAt,
      outcome: ending.outcome,
      last: ending.last,
      facts: ended.facts,
      clientStatus: ending.clientStatus,
      error: ending.error,
      metered,
      source: charged.source ?? metered.source,
      charge: charged.amount,
      held: payment?.held,
      overrun: charged.overrun,
      status: attempt?.status,
      firstTokenMs: attempt?.firstTokenMs,
      upstreamRequestId: attempt?.upstreamRequestId,
    });
    if (metered.doubt !== undefined) events.usageDoubted(run.start, metered.doubt);
    this.#parts.events.attemptEnded(end, run.start, () => {
      ended.recorded = true;
      const { provider, model } = run.target;
      payment?.addLine({
        attempt: run.number,
        provider: provider.name,
        model,
        amount: charged.amount ?? nano(0n),
        usageSource: charged.source ?? 'provider',
      });
      try {
        if (ending.last) this.#settleThen(charged.amount, then);
      } finally {
        this.#loose.tied();
      }
    });
  }

  #chargeOf({ run, ending }: Ended, metered: Metered): Charge {
    if (this.payment !== undefined) return this.payment.charge(metered, run.target, ending.last);
    const charged = ending.last || this.#parts.holds.policy === 'all_attempts';
    return { amount: charged ? metered.cost : nano(0n), source: metered.source, overrun: false };
  }

  /** The client hears of its call's end when the money is settled, or when that takes too long. */
  #settleThen(cost: NanoUsd | undefined, then: ((paid: Paid) => void) | undefined): void {
    const { payment } = this;
    if (payment === undefined) {
      this.#tellNow(cost, then);
      return;
    }
    let told = false;
    const tell = (settlement: Settlement | undefined) => {
      if (told) return;
      told = true;
      patience.cancel();
      try {
        then?.({ cost: settlement?.charged ?? cost, remaining: settlement?.remaining });
      } catch (thrown) {
        this.#reader.failed(thrown);
      }
    };
    const patience = this.#parts.clock.after(SETTLE_WAIT_MS_MAX, () => tell(undefined));
    this.#settle(payment, tell);
  }

  #tellNow(cost: NanoUsd | undefined, then: ((paid: Paid) => void) | undefined): void {
    try {
      then?.({ cost, remaining: undefined });
    } catch (thrown) {
      // Whoever waits must not wait for ever; whoever called will log it.
      this.#reader.cut();
      throw thrown;
    }
  }

  #settle(payment: Payment, told?: (settlement: Settlement | undefined) => void): void {
    this.#loose.open();
    payment
      .settle()
      .then((settlement) => told?.(settlement))
      .catch((thrown: unknown) => {
        // The answer is the client's all the same.
        this.#parts.events.unexpected(thrown, this.#call.id);
        told?.(undefined);
      })
      .finally(() => this.#loose.tied());
  }
}
