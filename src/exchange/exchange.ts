import type { NanoUsd } from '../kernel/amounts.ts';
import { nano } from '../kernel/amounts.ts';
import type { Clock, Timer } from '../kernel/clock.ts';
import { GatewayError } from '../kernel/errors.ts';
import type { HoldTaker } from '../money/hold.ts';
import type { Settlement } from '../money/ledger.ts';
import type { AttemptOutcome, AttemptStart } from '../protocol/attempt-record.ts';
import type { PriceSheet } from '../protocol/price-sheet.ts';
import type { Plan, PlannedTarget } from '../routing/target.ts';
import { answerHeaders, errorHeaders } from './answer-headers.ts';
import { Attempt, type AttemptResult, type Relay } from './attempt.ts';
import { attemptCheckpoint, attemptEnd, attemptStart, refusedCall } from './attempt-records.ts';
import type { AdmittedCall, ClientSink } from './call.ts';
import type { AnswerFacts } from './dialect.ts';
import type { DrainSlots } from './drain-slots.ts';
import type { ExchangeEvents } from './events.ts';
import { type Metered, meterAttempt } from './meter.ts';
import { descriptorOf } from './operations.ts';
import { patientCounter } from './patient-counter.ts';
import type { Charge, Payment } from './payment.ts';
import { paymentOf } from './payment-of.ts';
import type { TokenCounter } from './token-counter.ts';
import { upstreamHeaders } from './upstream-headers.ts';

/** A client that takes no byte for this long is gone in all but name. */
const CLIENT_STALL_MS_MAX = 60_000;
/** The end of an answer waits so long for its settlement; the hold counts until that is booked. */
const SETTLE_WAIT_MS_MAX = 250;

export interface ExchangeParts {
  readonly clock: Clock;
  readonly holds: HoldTaker;
  readonly tokens: TokenCounter;
  readonly drains: DrainSlots;
  readonly events: ExchangeEvents;
  /** @throws `no_route` */
  plan(call: AdmittedCall): Plan;
}

/** An attempt between its start record and its end record. */
interface Running {
  readonly start: AttemptStart;
  readonly target: PlannedTarget;
  /** The prices in force when it was admitted. */
  readonly sheet: PriceSheet | undefined;
}

/** What the end of a call may tell its client of money. */
interface Paid {
  readonly cost: NanoUsd | undefined;
  readonly remaining: NanoUsd | undefined;
}

/** No attempt was made. */
const NOTHING_PAID: Paid = { cost: nano(0n), remaining: undefined };

/**
 * The life of one call: plan → hold → attempt… → settle → record.
 *
 * Until the client has its first byte, a failed attempt moves on to the next
 * target; after it, an error becomes the stream's last event and nothing is
 * tried again. Whatever happens, each attempt gets one end record, the client
 * one ending, and the hold one settlement.
 */
export class Exchange {
  readonly call: AdmittedCall;
  readonly #parts: ExchangeParts;
  readonly #client: ClientSink;
  readonly #onOver: () => void;
  #plan: Plan | undefined;
  #payment: Payment | undefined;
  #attempt: Attempt | undefined;
  #target: PlannedTarget | undefined;
  #failure: { readonly provider: string; readonly error: GatewayError } | undefined;
  #attemptStartedAt = 0;
  #running: Running | undefined;
  #attemptNumber = 0;
  #upstreamMs = 0;
  #streaming = false;
  /** The client is gone, and the provider bills the whole answer: it is read to its end for its usage alone. */
  #detached: (() => void) | undefined;
  /** The call's last end has gone to the journal; the client hears of it once it is there. */
  #endRecorded = false;
  #over = false;
  /** What must still happen after the client's ending: holds to come, ends to be recorded, settlements. */
  #loose = 0;
  #deadline: Timer | undefined;
  #stall: Timer | undefined;

  constructor(parts: ExchangeParts, call: AdmittedCall, client: ClientSink, onOver: () => void) {
    this.#parts = parts;
    this.call = call;
    this.#client = client;
    this.#onOver = onOver;
  }

  run(): void {
    try {
      const plan = this.#parts.plan(this.call);
      this.#plan = plan;
      this.#deadline = this.#parts.clock.after(plan.totalMs, () => this.#onDeadline(plan.totalMs));
      this.#payment = paymentOf(this.call, plan, this.#parts);
      if (this.#payment === undefined) this.#try(plan);
      else this.#pay(this.#payment, plan);
    } catch (thrown) {
      this.#refuse(asGatewayError(thrown), undefined);
    }
  }

  /** The client has hung up: the attempt is given up, or read to its end where it is billed anyway. */
  clientGone(): void {
    if (this.#over || this.#endRecorded || this.#detached !== undefined) return;
    if (this.#detach()) return;
    this.#interrupt(clientClosed(), 'cancelled');
  }

  /** The client reads again after `write` returned false. */
  clientReady(): void {
    this.#stall?.cancel();
    this.#stall = undefined;
    this.#attempt?.resume();
  }

  /** The gateway is stopping and this call has had its time: it ends with an error of ours. */
  shutDown(): void {
    if (this.#over || this.#endRecorded) return;
    this.#interrupt(shuttingDown(), 'cancelled');
  }

  /** Takes the hold, which is durable before a byte goes upstream, and goes on with the targets it pays for. */
  #pay(payment: Payment, plan: Plan): void {
    this.#loose++;
    payment
      .begin(plan)
      .then((paid) => {
        if (this.#over) return;
        this.#plan = paid;
        this.#try(paid);
      })
      .catch((thrown: unknown) => this.#refuse(asGatewayError(thrown), undefined))
      .catch((thrown: unknown) => this.#failedToEnd(thrown))
      .finally(() => this.#tied());
  }

  #try(plan: Plan): void {
    const planned = plan.targets[this.#attemptNumber];
    if (planned === undefined) throw new GatewayError('internal', { message: 'The plan ran out of targets.' });
    const target = this.#failure === undefined ? planned : afterFailure(planned, this.#failure);
    const { organisation } = this.call.caller;
    const sheet = this.#payment?.sheetFor(target) ?? target.provider.sheetOf(target.model, organisation);
    const startedAt = this.#now();
    const start = attemptStart(this.call, plan, target, this.#attemptNumber + 1, startedAt);
    const running: Running = { start, target, sheet };
    this.#attemptNumber++;
    this.#target = target;
    this.#attempt = undefined;
    this.#attemptStartedAt = startedAt;
    this.#running = running;
    try {
      this.#parts.events.attemptStarted(start, (refused) => this.#onRecorded(plan, running, refused));
    } catch (refused) {
      this.#unmade();
      throw refused;
    }
  }

  /** The attempt stands in the journal and may be made, unless the call ended meanwhile or it could not be written. */
  #onRecorded(plan: Plan, running: Running, refused: GatewayError | undefined): void {
    if (this.#running !== running) return;
    if (refused !== undefined) {
      this.#unmade();
      this.#refuse(refused, undefined);
      return;
    }
    try {
      this.#dispatch(plan, running.target);
    } catch (thrown) {
      this.#interrupt(asGatewayError(thrown), 'failed');
    }
  }

  /** What could not be recorded has not been tried. */
  #unmade(): void {
    this.#running = undefined;
    this.#attemptNumber--;
  }

  #dispatch(plan: Plan, target: PlannedTarget): void {
    const attempt = new Attempt(
      {
        clock: this.#parts.clock,
        target,
        request: this.call.request,
        headers: () => upstreamHeaders(this.call, target, this.#attemptNumber),
        path: target.provider.pathOf(this.call.request.dialect.upstreamPath, target.model),
        outputTokensMax: this.#payment?.outputTokensFor(target),
        last: !this.#mayTryAgain(plan),
      },
      {
        onStream: (contentType) => this.#onStream(contentType),
        onBytes: (bytes) => this.#write(bytes),
        onCheckpoint: () => this.#checkpoint(),
        onResult: (result) => this.#onResult(plan, result),
      },
    );
    this.#attempt = attempt;
    attempt.start();
  }

  #mayTryAgain(plan: Plan): boolean {
    return this.#attemptNumber < Math.min(plan.attemptsMax, plan.targets.length);
  }

  #onStream(contentType: string): void {
    this.#streaming = true;
    if (this.#detached !== undefined) return;
    try {
      this.#client.head(200, this.#headers(contentType));
    } catch (thrown) {
      // Nothing has left, so that the call ends as one that is not streamed.
      this.#streaming = false;
      this.#interrupt(asGatewayError(thrown), 'failed');
    }
  }

  #write(bytes: Buffer): void {
    if (this.#over || this.#detached !== undefined || this.#client.write(bytes)) return;
    this.#attempt?.pause();
    this.#stall ??= this.#parts.clock.after(CLIENT_STALL_MS_MAX, () => this.clientGone());
  }

  #checkpoint(): void {
    const running = this.#running;
    const attempt = this.#attempt;
    if (running === undefined || attempt === undefined) return;
    const { start, sheet } = running;
    this.#parts.events.attemptProgressed(attemptCheckpoint(this.call, start, sheet, attempt.facts, this.#now()));
  }

  #onResult(plan: Plan, result: AttemptResult): void {
    if (this.#over || this.#endRecorded) return;
    this.#upstreamMs += this.#now() - this.#attemptStartedAt;
    if (this.#detached !== undefined) {
      this.#end(result.facts, 'cancelled', goneEnding());
      this.#close();
      return;
    }
    switch (result.kind) {
      case 'answer':
        this.#onAnswer(result);
        return;
      case 'stream':
        this.#end(result.facts, 'ok', { last: true, clientStatus: 200 }, () => this.#finish(result.tail));
        return;
      case 'broken':
        this.#onBroken(result);
        return;
      case 'failed':
        this.#onFailed(plan, result);
        return;
    }
  }

  #onAnswer(result: AttemptResult & { kind: 'answer' }): void {
    this.#end(result.facts, 'ok', { last: true, clientStatus: 200 }, (paid) => {
      this.#client.head(200, this.#headers(result.contentType, result.body.length, paid));
      this.#finish(result.body);
    });
  }

  /** After the first byte: no other model's text may follow, so the stream ends in the dialect's error. */
  #onBroken(result: AttemptResult & { kind: 'broken' }): void {
    const { error, tail, ownError } = result;
    const outcome = error.code === 'stream_truncated' ? 'truncated' : 'failed';
    this.#end(result.facts, outcome, { last: true, clientStatus: 200, error }, () => {
      if (tail !== undefined) this.#client.write(tail);
      this.#finish(ownError ? undefined : this.call.request.dialect.errorEvent(error, this.call.id));
    });
  }

  #onFailed(plan: Plan, result: AttemptResult & { kind: 'failed' }): void {
    const { error, relay } = result;
    const again = error.retry === 'other-target' && this.#mayTryAgain(plan) && this.#parts.events.mayStart();
    if (!again) {
      const clientStatus = relay?.status ?? error.status;
      this.#end(result.facts, 'failed', { last: true, clientStatus, error }, (paid) =>
        this.#refuse(error, relay, paid),
      );
      return;
    }
    this.#end(result.facts, 'failed', { last: false, error });
    this.#failure = { provider: this.#target?.provider.name ?? '', error };
    try {
      this.#try(plan);
    } catch (thrown) {
      this.#refuse(asGatewayError(thrown), undefined);
    }
  }

  #onDeadline(totalMs: number): void {
    if (this.#endRecorded) return;
    const error = new GatewayError('upstream_timeout', {
      message: `The call took longer than its ${totalMs} ms.`,
      retry: 'never',
    });
    this.#interrupt(error, 'failed');
  }

  /** @returns false where the provider stops billing when it is hung up on, and where too many are read on already */
  #detach(): boolean {
    const target = this.#target;
    const attempt = this.#attempt;
    // What was never sent, or was refused, has no use to be read.
    if (attempt === undefined || target === undefined || !attempt.billable) return false;
    const { onClientGone } = target.provider;
    if ((this.call.request.stream ? onClientGone.stream : onClientGone.answer) === 'abort') return false;
    const { drains, clock } = this.#parts;
    const leave = drains.enter();
    if (leave === undefined) return false;
    this.#detached = leave;
    this.#deadline?.cancel();
    this.#deadline = clock.after(drains.drainMs, () => this.#interrupt(clientClosed(), 'cancelled'));
    this.#stall?.cancel();
    attempt.resume();
    return true;
  }

  /** Ends a call from outside its attempt: the client left, time is up, or the gateway stops. */
  #interrupt(error: GatewayError, outcome: AttemptOutcome): void {
    const facts = this.#attempt?.facts ?? {};
    this.#attempt?.giveUp();
    const gone = this.#detached !== undefined || error.code === 'client_closed';
    if (gone) {
      // Nobody waits for the settlement: what is left to do is done behind the call's back.
      this.#end(facts, 'cancelled', goneEnding());
      if (this.#streaming) this.#finish(undefined);
      else this.#refuse(clientClosed(), undefined);
      return;
    }
    const clientStatus = this.#streaming ? 200 : error.status;
    this.#end(facts, outcome, { last: true, clientStatus, error }, (paid) => {
      if (this.#streaming) this.#finish(this.call.request.dialect.errorEvent(error, this.call.id));
      else this.#refuse(error, undefined, paid);
    });
  }

  #refuse(error: GatewayError, relay: Relay | undefined, paid?: Paid): void {
    if (this.#over) return;
    if (!this.#endRecorded) {
      this.#parts.events.callRefused(refusedCall(this.call, this.#plan, error, this.#now()), error);
    }
    const body = relay?.body ?? this.call.request.dialect.errorBody(error, this.call.id);
    const contentType = relay?.contentType ?? 'application/json';
    this.#client.head(relay?.status ?? error.status, [
      ...this.#headers(contentType, body.length, this.#attemptNumber === 0 ? NOTHING_PAID : paid),
      ...errorHeaders(error, this.#attemptNumber),
    ]);
    this.#finish(body);
  }

  /** The wall clock as it went on since the call came: a step of the machine's own clock must not show in a duration. */
  #now(): number {
    return this.call.arrivedAt + Math.floor(this.#parts.clock.monotonicMs() - this.call.arrivedMs);
  }

  /**
   * Meters and records how the running attempt ended. The call's last end is
   * also settled; `then` tells the client, once the record is safe.
   */
  #end(facts: AnswerFacts, outcome: AttemptOutcome, ending: Ending, then?: (paid: Paid) => void): void {
    const running = this.#running;
    if (running === undefined) {
      then?.(NOTHING_PAID);
      return;
    }
    this.#running = undefined;
    this.#endRecorded = ending.last;
    this.#payment?.expectLine();
    this.#loose++;
    const { request } = this.call;
    const { clock, tokens } = this.#parts;
    const attempt = this.#attempt;
    const ended: Ended = {
      running,
      attempt,
      number: this.#attemptNumber,
      startedAt: this.#attemptStartedAt,
      endedAt: this.#now(),
      facts,
      outcome,
      ending,
      recorded: false,
    };
    const metered = meterAttempt({
      facts,
      billable: attempt?.billable === true,
      whole: outcome === 'ok',
      sheet: running.sheet,
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
          this.#parts.events.unexpected(thrown, this.call.id);
          this.#bookOrLeave(ended, {}, then);
        });
    }
  }

  /** Whatever fails, the call ends, and what was not booked goes on being held. */
  #bookOrLeave(ended: Ended, metered: Metered, then: ((paid: Paid) => void) | undefined): void {
    try {
      this.#book(ended, metered, then);
    } catch (thrown) {
      if (!ended.recorded) this.#payment?.leaveOpen();
      this.#failedToEnd(thrown);
      if (!ended.recorded) this.#tied();
    }
  }

  #book(ended: Ended, metered: Metered, then: ((paid: Paid) => void) | undefined): void {
    const { running, attempt, ending } = ended;
    const { events } = this.#parts;
    const payment = this.#payment;
    const charged = this.#chargeOf(ended, metered);
    const end = attemptEnd(this.call, {
      ...ended,
      attempt: ended.number,
      ...ending,
      metered: { ...metered, ...(charged.source === undefined ? {} : { source: charged.source }) },
      charge: charged.amount,
      held: payment?.held,
      overrun: charged.overrun,
      status: attempt?.status,
      firstTokenMs: attempt?.firstTokenMs,
      upstreamRequestId: attempt?.upstreamRequestId,
    });
    if (metered.doubt !== undefined) events.usageDoubted(running.start, metered.doubt);
    this.#parts.events.attemptEnded(end, running.start, () => {
      ended.recorded = true;
      const { provider, model } = running.target;
      payment?.addLine({
        attempt: ended.number,
        provider: provider.name,
        model,
        amount: charged.amount ?? nano(0n),
        usageSource: charged.source ?? 'provider',
      });
      try {
        if (ending.last) this.#settleThen(charged.amount, then);
      } finally {
        this.#tied();
      }
    });
  }

  #chargeOf({ running, ending }: Ended, metered: Metered): Charge {
    if (this.#payment !== undefined) return this.#payment.charge(metered, running.target, ending.last);
    const charged = ending.last || this.#parts.holds.policy === 'all_attempts';
    return { amount: charged ? metered.cost : nano(0n), source: metered.source, overrun: false };
  }

  /** The client hears of its call's end when the money is settled, or when that takes too long. */
  #settleThen(cost: NanoUsd | undefined, then: ((paid: Paid) => void) | undefined): void {
    const payment = this.#payment;
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
        this.#failedToEnd(thrown);
      }
    };
    const patience = this.#parts.clock.after(SETTLE_WAIT_MS_MAX, () => tell(undefined));
    this.#settle(payment, tell);
  }

  #tellNow(cost: NanoUsd | undefined, then: ((paid: Paid) => void) | undefined): void {
    try {
      then?.({ cost, remaining: undefined });
    } catch (thrown) {
      // Whatever it was, the client must not wait for ever; whoever called will log it.
      this.#cut();
      throw thrown;
    }
  }

  #settle(payment: Payment, told?: (settlement: Settlement | undefined) => void): void {
    this.#loose++;
    payment
      .settle()
      .then((settlement) => told?.(settlement))
      .catch((thrown: unknown) => {
        // The answer is the client's all the same.
        this.#parts.events.unexpected(thrown, this.call.id);
        told?.(undefined);
      })
      .finally(() => this.#tied());
  }

  /** Whatever it was, the client must not wait for ever. */
  #failedToEnd(thrown: unknown): void {
    this.#parts.events.unexpected(thrown, this.call.id);
    this.#cut();
  }

  #headers(contentType: string, bodyBytes?: number, paid?: Paid): string[] {
    const elapsedMs = this.#parts.clock.monotonicMs() - this.call.arrivedMs;
    const waitedMs = this.#streaming ? this.#upstreamMs + (this.#attempt?.headMs ?? 0) : this.#upstreamMs;
    return answerHeaders({
      callId: this.call.id,
      contentType,
      bodyBytes,
      streaming: this.#streaming,
      target: this.#target,
      route: this.#plan?.route,
      attempts: this.#attemptNumber,
      cost: paid?.cost,
      budget: this.#payment === undefined ? undefined : { remaining: paid?.remaining, capped: this.#payment.capped },
      warnings: warningsOf(this.call, this.#target === undefined ? undefined : this.#payment?.clampedTo(this.#target)),
      overheadMs: Math.max(0, elapsedMs - waitedMs),
    });
  }

  #finish(bytes: Buffer | undefined): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#detached === undefined) this.#client.end(bytes);
    this.#close();
  }

  /** Ends a call that nothing can be said to any more. */
  #cut(): void {
    if (this.#over) return;
    this.#client.abort();
    this.#close();
  }

  #close(): void {
    this.#over = true;
    this.#deadline?.cancel();
    this.#stall?.cancel();
    this.#detached?.();
    if (this.#payment !== undefined) this.#settle(this.#payment);
    if (this.#loose === 0) this.#onOver();
  }

  /** One of the loose ends is tied; with the last one, a call that has ended is over. */
  #tied(): void {
    this.#loose--;
    if (this.#loose === 0 && this.#over) this.#onOver();
  }
}

interface Ending {
  readonly last: boolean;
  readonly clientStatus?: number;
  readonly error?: GatewayError;
}

/** An attempt that is over, before it is metered. */
interface Ended {
  readonly running: Running;
  readonly attempt: Attempt | undefined;
  readonly number: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly facts: AnswerFacts;
  readonly outcome: AttemptOutcome;
  readonly ending: Ending;
  /** Its end is in the journal. */
  recorded: boolean;
}

function goneEnding(): Ending {
  const error = clientClosed();
  return { last: true, clientStatus: error.status, error };
}

function clientClosed(): GatewayError {
  return new GatewayError('client_closed', { message: 'The client closed the connection.' });
}

function warningsOf({ facts }: AdmittedCall, tokensMax: number | undefined): readonly string[] | undefined {
  if (tokensMax === undefined) return facts.warnings;
  return [...(facts.warnings ?? []), `max_tokens: ${tokensMax}, which is what is paid for at most`];
}

function afterFailure(planned: PlannedTarget, failure: { provider: string; error: GatewayError }): PlannedTarget {
  const { provider, error } = failure;
  return { ...planned, reason: `${planned.reason}, after ${provider} gave ${error.code} (${error.status})` };
}

/** What a call hears that comes, or still runs, when the gateway stops. */
export function shuttingDown(): GatewayError {
  return new GatewayError('overloaded', {
    message: 'The gateway is shutting down; send the request again.',
    retryAfterMs: 1_000,
  });
}

function asGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  return new GatewayError('internal', {
    message: 'The gateway failed in an unexpected way; the log has the details under this request id.',
    cause: thrown,
  });
}
