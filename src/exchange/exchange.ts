import type { Timer } from '../kernel/clock.ts';
import { GatewayError } from '../kernel/errors.ts';
import type { Random } from '../kernel/random.ts';
import type { Plan } from '../routing/target.ts';
import { type GoStep, type Step, Walk } from '../routing/walk.ts';
import type { Weather } from '../routing/weather.ts';
import { type AnswerMemory, keptSoon } from './answer-memory.ts';
import { AttemptBooks, type BooksParts, NOTHING_PAID, type Paid } from './attempt-books.ts';
import { refusedCall } from './attempt-records.ts';
import { type AttemptRun, type Ending, goneEnding } from './attempt-run.ts';
import { AttemptRuns } from './attempt-runs.ts';
import type { AttemptResult, Relay } from './attempt-words.ts';
import { type AdmittedCall, type ClientSink, clientsPatience } from './call.ts';
import { type AnswerAccount, ClientAnswer } from './client-answer.ts';
import type { AnswerFacts } from './dialect.ts';
import type { DrainSlots } from './drain-slots.ts';
import { asGatewayError, clientClosed, shuttingDown, tooLate, tooSlow } from './exchange-errors.ts';
import type { Translations } from './lane.ts';
import { LooseEnds } from './loose-ends.ts';
import type { Losses } from './losses.ts';
import { isPassing, passageEndOf } from './passage-end.ts';
import type { Payment } from './payment.ts';
import { cheaperPlan, paidPlan, paymentOf } from './payment-of.ts';

/** A client that takes no byte for this long is gone in all but name. */
const CLIENT_STALL_MS_MAX = 60_000;

export interface ExchangeParts extends BooksParts {
  readonly random: Random;
  readonly weather: Weather;
  readonly drains: DrainSlots;
  /** A streaming client that has heard nothing for this long gets a comment; `undefined`: it gets none. */
  pingMs(): number | undefined;
  /** Absent where targets speak their calls' own dialects alone. */
  readonly translations?: Translations | undefined;
  /** Absent: no answer is kept. */
  readonly memory?: AnswerMemory | undefined;
  /** @throws `no_route` */
  plan(call: AdmittedCall): Plan;
}

/**
 * The life of one call: plan → hold → attempt… → settle → record.
 *
 * Until the client has its first byte, a failed attempt moves on as the walk
 * says, and a silent one may get a second beside it, the first of the two to
 * answer being the call's; after it, an error becomes the stream's last event
 * and nothing is tried again. Whatever happens, each attempt gets one end
 * record, the client one ending, and the hold one settlement.
 */
export class Exchange {
  readonly call: AdmittedCall;
  readonly #parts: ExchangeParts;
  readonly #client: ClientAnswer;
  readonly #books: AttemptBooks;
  readonly #loose: LooseEnds;
  readonly #runs: AttemptRuns;
  #plan: Plan | undefined;
  #walk: Walk | undefined;
  /** The client has its first byte: no other attempt can take this one's place. */
  #committed = false;
  /** Why the client gets less than it asked for, whatever the target. */
  #cheaper: string | undefined;
  /** The client is gone, and the provider bills the whole answer: it is read to its end for its usage alone. */
  #detached: (() => void) | undefined;
  /** The call's last end has gone to the journal; the client hears of it once it is there. */
  #endRecorded = false;
  #over = false;
  #deadlineMs = 0;
  #deadline: Timer | undefined;
  /** What is waited for between two attempts, before the first is hedged, or before it is too slow. */
  #waits: Timer[] = [];
  #stall: Timer | undefined;

  constructor(parts: ExchangeParts, call: AdmittedCall, client: ClientSink, onOver: () => void) {
    this.#parts = parts;
    this.call = call;
    this.#loose = new LooseEnds(onOver);
    this.#books = new AttemptBooks(parts, call, this.#loose, {
      failed: (thrown) => this.#failedToEnd(thrown),
      cut: () => this.#cut(),
    });
    this.#runs = new AttemptRuns(parts, call, this.#books, {
      mayGoOn: () => this.#walk?.mayGoOn === true,
      onSent: (run) => this.#watchSilence(run),
      onUnmade: (refused) => this.#onUnmade(refused),
      onEndLost: () => {
        this.#endRecorded = false;
      },
      onUnsent: (run, thrown) => this.#onUnsent(run, thrown),
      onStream: (run, contentType) => this.#onStream(run, contentType),
      onBytes: (bytes) => this.#write(bytes),
      onResult: (run, result) => this.#onResult(run, result),
    });
    this.#client = new ClientAnswer(parts.clock, call, client, parts.pingMs());
  }

  run(): void {
    try {
      const plan = this.#parts.plan(this.call);
      this.#plan = plan;
      this.#deadlineMs = this.#parts.clock.monotonicMs() + plan.totalMs;
      this.#deadline = this.#parts.clock.after(plan.totalMs, () => this.#onDeadline(plan.totalMs));
      const payment = paymentOf(this.call, plan, this.#parts);
      if (payment === undefined) this.#begin(plan);
      else this.#pay(payment, plan);
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
    this.#runs.shown?.attempt?.resume();
  }

  /** The gateway is stopping and this call has had its time: it ends with an error of ours. */
  shutDown(): void {
    if (this.#over || this.#endRecorded) return;
    this.#interrupt(shuttingDown(), 'cancelled');
  }

  /** Takes the hold, which is durable before a byte goes upstream, and goes on with the targets it pays for. */
  #pay(payment: Payment, plan: Plan): void {
    this.#books.payment = payment;
    this.#loose.open();
    paidPlan(payment, plan)
      .then((paid) => {
        if (this.#over) return;
        this.#plan = paid;
        this.#begin(paid);
      })
      .catch((thrown: unknown) => this.#unpaid(asGatewayError(thrown), plan))
      .catch((thrown: unknown) => this.#failedToEnd(thrown))
      .finally(() => this.#loose.tied());
  }

  /** A route may name cheaper targets for a call that its budget cannot pay; they are asked for once. */
  #unpaid(error: GatewayError, plan: Plan): void {
    const cheaper = error.code === 'budget_exceeded' && !this.#over ? cheaperPlan(plan) : undefined;
    const payment = cheaper && paymentOf(this.call, cheaper, this.#parts);
    if (cheaper === undefined || payment === undefined) {
      this.#refuse(error, undefined);
      return;
    }
    this.#parts.events.detoured?.('degrade_budget');
    this.#cheaper = `a cheaper target, because of ${error.code}`;
    this.#plan = cheaper;
    this.#pay(payment, cheaper);
  }

  #begin(plan: Plan): void {
    const walk = new Walk(plan, this.#parts);
    this.#walk = walk;
    this.#follow(walk.first(this.#remainingMs()), undefined);
  }

  #remainingMs(): number {
    return this.#deadlineMs - this.#parts.clock.monotonicMs();
  }

  /** @param failed what the last attempt has left to say, where there was one; its end is recorded */
  #follow(step: Step, failed: { readonly error: GatewayError; readonly relay?: Relay | undefined } | undefined): void {
    switch (step.kind) {
      case 'go':
        if (step.waitMs === 0) this.#tryOrRefuse(step);
        else this.#after(step.waitMs, () => this.#afterWait(step));
        return;
      case 'text':
        this.#answerText(step, failed?.error, undefined);
        return;
      case 'stop': {
        const error = step.error ?? failed?.error ?? new GatewayError('internal', { message: 'There is no target.' });
        this.#refuse(error, failed?.relay);
        return;
      }
    }
  }

  #afterWait(step: GoStep): void {
    this.#runs.addWait(step.waitMs);
    this.#tryOrRefuse(step);
  }

  #tryOrRefuse(step: GoStep): void {
    try {
      this.#try(step);
    } catch (thrown) {
      this.#endBetween(asGatewayError(thrown));
    }
  }

  #try(step: GoStep): void {
    if (this.#plan !== undefined) this.#runs.begin(step, this.#plan);
  }

  #onUnmade(refused: GatewayError): void {
    // An attempt that was to be hedged goes on alone.
    if (this.#runs.underWay.length === 0) this.#endBetween(refused);
  }

  #onUnsent(run: AttemptRun, thrown: unknown): void {
    const error = asGatewayError(thrown);
    if (this.#runs.underWay.length < 2) {
      this.#interrupt(error, 'failed');
      return;
    }
    // The attempt that was to be hedged goes on alone.
    this.#parts.events.unexpected(thrown, this.call.id);
    run.attempt?.giveUp();
    run.passage.end({ kind: 'neutral' });
    this.#end(run, {}, { outcome: 'failed', last: false, error });
  }

  /** No further attempt can be made: the one before tells of the call's end, where there was one, and the log of why. */
  #endBetween(error: GatewayError): void {
    if (!this.#runs.hasAside) {
      this.#refuse(error, undefined);
      return;
    }
    const status = this.#statusOf(error);
    this.#end(undefined, {}, { outcome: 'failed', last: true, clientStatus: status }, (paid) => {
      this.#recordRefusal(error, status);
      this.#refuse(error, undefined, paid);
    });
  }

  /** An attempt that keeps silent may be hedged, or be given up for another where the route aims at less. */
  #watchSilence(run: AttemptRun): void {
    const walk = this.#walk;
    const policies = this.#plan?.policies;
    if (walk === undefined || policies === undefined) return;
    if (run.number === 1 && policies.hedge !== undefined) {
      const afterMs = walk.hedgeAfterMs(run.target);
      if (afterMs !== undefined) this.#after(afterMs, () => this.#hedge(walk));
    }
    if (policies.firstTokenMs !== undefined && this.call.request.stream) {
      this.#after(policies.firstTokenMs, () => this.#onSlow(run, walk));
    }
  }

  /** @param fire not called once the client has its first byte, or the call is over */
  #after(delayMs: number, fire: () => void): void {
    this.#waits.push(
      this.#parts.clock.after(delayMs, () => {
        if (!this.#over && !this.#committed && this.#detached === undefined && !this.#endRecorded) fire();
      }),
    );
  }

  #hedge(walk: Walk): void {
    if (this.#runs.underWay.length !== 1 || !this.#parts.events.mayStart() || this.#books.payment?.tight === true)
      return;
    const step = walk.hedge(this.#remainingMs());
    if (step === undefined) return;
    try {
      this.#try(step);
    } catch (thrown) {
      // The attempt that was to be hedged goes on alone.
      this.#parts.events.unexpected(thrown, this.call.id);
    }
  }

  /** The first token comes later than the route aims at: whoever is next gets the call, where anybody is. */
  #onSlow(run: AttemptRun, walk: Walk): void {
    const { attempt } = run;
    if (attempt === undefined || this.#runs.underWay.length !== 1 || this.#runs.underWay[0] !== run) return;
    const error = tooSlow(run.target.provider.name);
    if (!this.#parts.events.mayStart()) return;
    const step = walk.next({ target: run.target, error, passing: false }, this.#remainingMs());
    if (step.kind === 'stop') return;
    const { facts } = attempt;
    attempt.giveUp();
    run.passage.silentFor(this.#books.now() - run.startedAt);
    run.passage.end({ kind: 'neutral' });
    this.#moveOn(run, facts, step, { error });
  }

  #onStream(run: AttemptRun, contentType: string): void {
    if (this.#detached !== undefined) return;
    this.#commitTo(run);
    try {
      this.#client.beginStream(contentType, this.#account(undefined, run.attempt?.losses));
    } catch (thrown) {
      // Nothing has left, so that the call ends as one that is not streamed.
      this.#interrupt(asGatewayError(thrown), 'failed');
    }
  }

  /** This attempt is the call's; one beside it has lost. */
  #commitTo(run: AttemptRun): void {
    this.#committed = true;
    this.#stopWaiting();
    this.#runs.keepOnly(run);
  }

  #write(bytes: Buffer): void {
    if (this.#over || this.#detached !== undefined || this.#client.write(bytes)) return;
    this.#runs.shown?.attempt?.pause();
    this.#stall ??= this.#parts.clock.after(CLIENT_STALL_MS_MAX, () => this.#onStall());
  }

  /** A client that only stopped reading is still connected: where its answer is read on without it, nobody else would hang up. */
  #onStall(): void {
    this.clientGone();
    if (this.#detached !== undefined) this.#client.abort();
  }

  #onResult(run: AttemptRun, result: AttemptResult): void {
    if (this.#over || this.#endRecorded) return;
    run.passage.end(passageEndOf(result, run.attempt?.status));
    if (this.#detached !== undefined) {
      this.#end(run, result.facts, goneEnding());
      this.#close();
      return;
    }
    switch (result.kind) {
      case 'answer':
        this.#onAnswer(run, result);
        return;
      case 'stream':
        this.#onStreamEnd(run, result);
        return;
      case 'broken':
        this.#onBroken(run, result);
        return;
      case 'failed':
        this.#onFailed(run, result);
        return;
    }
  }

  #onAnswer(run: AttemptRun, result: AttemptResult & { kind: 'answer' }): void {
    this.#commitTo(run);
    const whenKept = this.#keep(run, result.body);
    this.#end(run, result.facts, { outcome: 'ok', last: true, clientStatus: 200 }, (paid) =>
      whenKept((warning) => {
        const account = { ...this.#account(paid, run.attempt?.losses), warning };
        this.#client.head(200, result.contentType, result.body.length, account);
        this.#finish(result.body);
      }),
    );
  }

  #onStreamEnd(run: AttemptRun, { tail, facts }: AttemptResult & { kind: 'stream' }): void {
    const whenKept = this.#keep(run, tail);
    this.#end(run, facts, { outcome: 'ok', last: true, clientStatus: 200 }, () => whenKept(() => this.#finish(tail)));
  }

  /**
   * An answer that may be referred to later is kept while its call is settled,
   * and before its client knows that it has all of it.
   *
   * @returns calls back at once where there is nothing to keep
   */
  #keep(run: AttemptRun, bytes: Buffer | undefined): (then: (warning?: string) => void) => void {
    const { memory, clock, events } = this.#parts;
    const gone = this.#detached !== undefined;
    const keeping = bytes === undefined || gone ? undefined : memory?.keep(this.call, run.target, bytes);
    if (keeping === undefined) return (then) => then();
    const kept = keptSoon(clock, keeping, (error) => events.unexpected(error, this.call.id));
    return (then) => {
      kept.then(then).catch((thrown: unknown) => this.#failedToEnd(thrown));
    };
  }

  /** After the first byte: no other model's text may follow, so the stream ends in the dialect's error. */
  #onBroken(run: AttemptRun, result: AttemptResult & { kind: 'broken' }): void {
    const { error, tail, ownError } = result;
    const outcome = error.code === 'stream_truncated' ? 'truncated' : 'failed';
    this.#end(run, result.facts, { outcome, last: true, clientStatus: 200, error }, () => {
      if (tail !== undefined) this.#client.write(tail);
      this.#finish(ownError ? undefined : this.#errorEvent(run, error));
    });
  }

  /** The end of a stream that has begun and cannot be finished. */
  #errorEvent(run: AttemptRun | undefined, error: GatewayError): Buffer {
    const { id, request } = this.call;
    return run?.attempt?.errorEvent(error, id) ?? request.dialect.errorEvent(error, id);
  }

  #onFailed(run: AttemptRun, result: AttemptResult & { kind: 'failed' }): void {
    const { error, relay, facts } = result;
    if (this.#runs.underWay.length > 1) {
      // The other of the two may still answer.
      this.#runs.setAside(run, facts, error);
      return;
    }
    const passing = isPassing(error, run.attempt?.status, result.exhausted === true);
    const step: Step = this.#parts.events.mayStart()
      ? (this.#walk?.next({ target: run.target, error, passing }, this.#remainingMs()) ?? STOP)
      : STOP;
    this.#moveOn(run, facts, step, { error, relay });
  }

  /** From an attempt that failed to what the walk says; its end is the call's where that is no other attempt. */
  #moveOn(
    run: AttemptRun,
    facts: AnswerFacts,
    step: Step,
    failed: { readonly error: GatewayError; readonly relay?: Relay | undefined },
  ): void {
    const { error, relay } = failed;
    switch (step.kind) {
      case 'go':
        this.#runs.setAside(run, facts, error);
        this.#follow(step, failed);
        return;
      case 'text':
        this.#answerText(step, error, { run, facts });
        return;
      case 'stop':
        this.#end(
          run,
          facts,
          { outcome: 'failed', last: true, clientStatus: relay?.status ?? this.#statusOf(error), error },
          (paid) => this.#refuse(error, relay, paid),
        );
        return;
    }
  }

  /** The route's own words in place of an answer, marked as such. */
  #answerText(
    step: Step & { readonly kind: 'text' },
    error: GatewayError | undefined,
    last: { readonly run: AttemptRun; readonly facts: AnswerFacts } | undefined,
  ): void {
    const { dialect, stream, modelAsked } = this.call.request;
    const answer = dialect.textAnswer?.(step.text, {
      id: this.call.id,
      model: modelAsked,
      at: this.#books.now(),
      stream,
    });
    const cause = error ?? new GatewayError('overloaded', { message: 'No target was open.' });
    const tell = (paid: Paid) => {
      if (answer === undefined) {
        this.#refuse(cause, undefined, paid);
        return;
      }
      this.#client.head(200, answer.contentType, answer.body.length, {
        ...this.#account(paid),
        degraded: step.degraded,
      });
      this.#finish(answer.body);
    };
    if (answer !== undefined) this.#parts.events.detoured?.('degrade_text');
    const clientStatus = answer === undefined ? this.#statusOf(cause) : 200;
    if (last !== undefined) {
      this.#end(last.run, last.facts, { outcome: 'failed', last: true, clientStatus, error: cause }, tell);
      return;
    }
    this.#recordRefusal(cause, clientStatus);
    tell(NOTHING_PAID);
  }

  #onDeadline(totalMs: number): void {
    if (this.#endRecorded) return;
    this.#interrupt(tooLate(totalMs), 'failed');
  }

  /** @returns false where the provider stops billing when it is hung up on, and where too many are read on already */
  #detach(): boolean {
    const [run] = this.#runs.underWay;
    // What was never sent, or was refused, has no use to be read.
    if (run?.attempt === undefined || !run.attempt.billable) return false;
    const { onClientGone } = run.target.provider;
    if ((this.call.request.stream ? onClientGone.stream : onClientGone.answer) === 'abort') return false;
    const { drains, clock } = this.#parts;
    const leave = drains.enter();
    if (leave === undefined) return false;
    this.#detached = leave;
    this.#deadline?.cancel();
    this.#deadline = clock.after(drains.drainMs, () => this.#interrupt(clientClosed(), 'cancelled'));
    this.#stall?.cancel();
    this.#stopWaiting();
    this.#runs.keepOnly(run);
    run.attempt.resume();
    return true;
  }

  /** Ends a call from outside its attempts: the client left, time is up, or the gateway stops. */
  #interrupt(error: GatewayError, outcome: 'failed' | 'cancelled'): void {
    const [run] = this.#runs.underWay;
    if (run !== undefined) this.#runs.keepOnly(run);
    const facts = run?.attempt?.facts ?? {};
    run?.attempt?.giveUp();
    // A time that the client itself has set says nothing of the provider.
    const late = error.code === 'upstream_timeout' && this.#plan?.totalMs !== clientsPatience(this.call);
    run?.passage.end({ kind: late ? 'failed' : 'neutral' });
    const gone = this.#detached !== undefined || error.code === 'client_closed';
    if (gone) {
      // Nobody waits for the settlement: what is left to do is done behind the call's back.
      this.#end(run, facts, goneEnding());
      if (this.#client.streaming) this.#finish(undefined);
      else this.#refuse(clientClosed(), undefined);
      return;
    }
    const clientStatus = this.#client.streaming ? 200 : this.#statusOf(error);
    this.#end(run, facts, { outcome, last: true, clientStatus, error }, (paid) => {
      if (this.#client.streaming) this.#finish(this.#errorEvent(run, error));
      else this.#refuse(error, undefined, paid);
    });
  }

  /** An error's status as the client's dialect has it. */
  #statusOf(error: GatewayError): number {
    return this.call.request.dialect.errorStatus(error);
  }

  #refuse(error: GatewayError, relay: Relay | undefined, paid?: Paid): void {
    if (this.#over) return;
    if (!this.#endRecorded) this.#recordRefusal(error, this.#statusOf(error));
    const body = relay?.body ?? this.call.request.dialect.errorBody(error, this.call.id);
    this.#client.errorHead(
      error,
      {
        status: relay?.status ?? this.#statusOf(error),
        contentType: relay?.contentType ?? 'application/json',
        bodyBytes: body.length,
      },
      this.#walk?.spent === true,
      this.#account(this.#runs.made === 0 ? NOTHING_PAID : paid),
    );
    this.#finish(body);
  }

  /** The call's end is told by no attempt's. */
  #recordRefusal(error: GatewayError, clientStatus: number): void {
    this.#endRecorded = true;
    this.#parts.events.callRefused(refusedCall(this.call, this.#plan, error, clientStatus, this.#books.now()), error);
  }

  /** `then` tells the client, once the end is recorded and, if it is the call's last, settled. */
  #end(run: AttemptRun | undefined, facts: AnswerFacts, ending: Ending, then?: (paid: Paid) => void): void {
    if (run === undefined) {
      if (!this.#runs.hasAside) {
        then?.(NOTHING_PAID);
        return;
      }
      this.#endRecorded = true;
      this.#runs.endAside(ending.clientStatus, then);
      return;
    }
    if (ending.last) this.#endRecorded = true;
    this.#runs.end(run, facts, ending, then);
  }

  /** @param losses of the attempt whose answer the client gets */
  #account(paid?: Paid, losses?: Losses): AnswerAccount {
    const { shown, made, waitedMs } = this.#runs;
    return {
      target: shown?.target,
      route: this.#plan?.route,
      attempts: made,
      payment: this.#books.payment,
      paid,
      waitedMs,
      degraded: shown?.step.degraded ?? this.#cheaper,
      losses,
    };
  }

  /** Whatever it was, the client must not wait for ever. */
  #failedToEnd(thrown: unknown): void {
    this.#parts.events.unexpected(thrown, this.call.id);
    this.#cut();
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
    this.#stopWaiting();
    this.#client.stop();
    this.#detached?.();
    this.#books.settle();
    this.#loose.close();
  }

  #stopWaiting(): void {
    for (const timer of this.#waits) timer.cancel();
    this.#waits = [];
  }
}

const STOP: Step = { kind: 'stop' };
