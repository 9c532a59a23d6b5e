import type { NanoUsd } from '../kernel/amounts.ts';
import type { Clock, Timer } from '../kernel/clock.ts';
import { GatewayError } from '../kernel/errors.ts';
import type { Hold, HoldRequest, HoldTaker } from '../money/hold.ts';
import { costOf, type PriceSheet } from '../money/price-sheet.ts';
import type { AttemptOutcome, AttemptStart } from '../protocol/attempt-record.ts';
import type { Plan, PlannedTarget } from '../routing/target.ts';
import { answerHeaders, errorHeaders } from './answer-headers.ts';
import { Attempt, type AttemptResult, type Relay } from './attempt.ts';
import { attemptEnd, attemptStart, refusedCall } from './attempt-records.ts';
import type { AdmittedCall, ClientSink } from './call.ts';
import type { ExchangeEvents } from './events.ts';
import { DESCRIPTORS } from './operations.ts';
import { upstreamHeaders } from './upstream-headers.ts';

/** A client that takes no byte for this long is gone in all but name. */
const CLIENT_STALL_MS_MAX = 60_000;

export interface ExchangeParts {
  readonly clock: Clock;
  readonly holds: HoldTaker;
  readonly events: ExchangeEvents;
  /** @throws `no_route` */
  plan(call: AdmittedCall): Plan;
}

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
  #hold: Hold | undefined;
  #charges: (NanoUsd | undefined)[] = [];
  #attempt: Attempt | undefined;
  #target: PlannedTarget | undefined;
  /** The prices in force when the running attempt began. */
  #sheet: PriceSheet | undefined;
  #failure: { readonly provider: string; readonly error: GatewayError } | undefined;
  #attemptStartedAt = 0;
  /** What the running attempt was recorded with; gone once its end is. */
  #start: AttemptStart | undefined;
  #attemptNumber = 0;
  #upstreamMs = 0;
  #streaming = false;
  /** The call's last end has gone to the journal; the client hears of it once it is there. */
  #endRecorded = false;
  #over = false;
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
      this.#hold = this.#parts.holds.hold(boundOf(this.call));
      this.#deadline = this.#parts.clock.after(plan.totalMs, () => this.#onDeadline(plan.totalMs));
      this.#try(plan);
    } catch (thrown) {
      this.#refuse(asGatewayError(thrown), undefined);
    }
  }

  /** The client has hung up: upstream is cancelled, and what is known is recorded. */
  clientGone(): void {
    if (this.#over || this.#endRecorded) return;
    const error = new GatewayError('client_closed', { message: 'The client closed the connection.' });
    this.#interrupt(error, 'cancelled');
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

  #try(plan: Plan): void {
    const planned = plan.targets[this.#attemptNumber];
    if (planned === undefined) throw new GatewayError('internal', { message: 'The plan ran out of targets.' });
    const target = this.#failure === undefined ? planned : afterFailure(planned, this.#failure);
    const startedAt = this.#now();
    const start = attemptStart(this.call, plan, target, this.#attemptNumber + 1, startedAt);
    this.#attemptNumber++;
    this.#target = target;
    this.#sheet = target.provider.sheetOf(target.model);
    this.#attempt = undefined;
    this.#attemptStartedAt = startedAt;
    this.#start = start;
    try {
      this.#parts.events.attemptStarted(start, (refused) => this.#onRecorded(plan, target, start, refused));
    } catch (refused) {
      this.#unmade();
      throw refused;
    }
  }

  /** The attempt stands in the journal and may be made, unless the call ended meanwhile or it could not be written. */
  #onRecorded(plan: Plan, target: PlannedTarget, start: AttemptStart, refused: GatewayError | undefined): void {
    if (this.#start !== start) return;
    if (refused !== undefined) {
      this.#unmade();
      this.#refuse(refused, undefined);
      return;
    }
    try {
      this.#dispatch(plan, target);
    } catch (thrown) {
      this.#interrupt(asGatewayError(thrown), 'failed');
    }
  }

  /** What could not be recorded has not been tried. */
  #unmade(): void {
    this.#start = undefined;
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
        last: !this.#mayTryAgain(plan),
      },
      {
        onStream: (contentType) => this.#onStream(contentType),
        onBytes: (bytes) => this.#write(bytes),
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
    try {
      this.#client.head(200, this.#headers(contentType));
    } catch (thrown) {
      // Nothing has left, so that the call ends as one that is not streamed.
      this.#streaming = false;
      this.#interrupt(asGatewayError(thrown), 'failed');
    }
  }

  #write(bytes: Buffer): void {
    if (this.#over || this.#client.write(bytes)) return;
    this.#attempt?.pause();
    this.#stall ??= this.#parts.clock.after(CLIENT_STALL_MS_MAX, () => this.clientGone());
  }

  #onResult(plan: Plan, result: AttemptResult): void {
    if (this.#over || this.#endRecorded) return;
    this.#upstreamMs += this.#now() - this.#attemptStartedAt;
    switch (result.kind) {
      case 'answer':
        this.#onAnswer(result);
        return;
      case 'stream':
        this.#end(result, 'ok', { last: true, clientStatus: 200 }, () => this.#finish(result.tail));
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
    this.#end(result, 'ok', { last: true, clientStatus: 200 }, (cost) => {
      this.#client.head(200, this.#headers(result.contentType, result.body.length, cost));
      this.#finish(result.body);
    });
  }

  /** After the first byte: no other model's text may follow, so the stream ends in the dialect's error. */
  #onBroken(result: AttemptResult & { kind: 'broken' }): void {
    const { error, tail, ownError } = result;
    const outcome = error.code === 'stream_truncated' ? 'truncated' : 'failed';
    this.#end(result, outcome, { last: true, clientStatus: 200, error }, () => {
      if (tail !== undefined) this.#client.write(tail);
      this.#finish(ownError ? undefined : this.call.request.dialect.errorEvent(error, this.call.id));
    });
  }

  #onFailed(plan: Plan, result: AttemptResult & { kind: 'failed' }): void {
    const { error, relay } = result;
    const again = error.retry === 'other-target' && this.#mayTryAgain(plan) && this.#parts.events.mayStart();
    if (!again) {
      const clientStatus = relay?.status ?? error.status;
      this.#end(result, 'failed', { last: true, clientStatus, error }, () => this.#refuse(error, relay));
      return;
    }
    this.#end(result, 'failed', { last: false, error });
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

  /** Ends a call from outside its attempt: the client left, time is up, or the gateway stops. */
  #interrupt(error: GatewayError, outcome: AttemptOutcome): void {
    this.#attempt?.giveUp();
    const result: AttemptResult = { kind: 'failed', error, facts: this.#attempt?.facts ?? {} };
    const clientStatus = this.#streaming ? 200 : error.status;
    this.#end(result, outcome, { last: true, clientStatus, error }, () => {
      if (this.#streaming) this.#finish(this.call.request.dialect.errorEvent(error, this.call.id));
      else this.#refuse(error, undefined);
    });
  }

  #refuse(error: GatewayError, relay: Relay | undefined): void {
    if (this.#over) return;
    this.#settle();
    if (!this.#endRecorded) {
      this.#parts.events.callRefused(refusedCall(this.call, this.#plan, error, this.#now()), error);
    }
    const body = relay?.body ?? this.call.request.dialect.errorBody(error, this.call.id);
    const contentType = relay?.contentType ?? 'application/json';
    this.#client.head(relay?.status ?? error.status, [
      ...this.#headers(contentType, body.length),
      ...errorHeaders(error, this.#attemptNumber),
    ]);
    this.#finish(body);
  }

  /** The wall clock as it went on since the call came: a step of the machine's own clock must not show in a duration. */
  #now(): number {
    return this.call.arrivedAt + Math.floor(this.#parts.clock.monotonicMs() - this.call.arrivedMs);
  }

  #settle(): void {
    this.#hold?.settle(this.#charges);
    this.#hold = undefined;
  }

  /**
   * Prices and records how the running attempt ended. The call's last end is
   * also settled; `then` tells the client, once the record is safe.
   */
  #end(
    result: AttemptResult,
    outcome: AttemptOutcome,
    ending: Ending,
    then?: (cost: NanoUsd | undefined) => void,
  ): void {
    const start = this.#start;
    if (start === undefined) {
      then?.(undefined);
      return;
    }
    this.#start = undefined;
    this.#endRecorded = ending.last;
    const cost = costOf(this.#sheet, result.facts.usage);
    this.#charges.push(cost);
    const attempt = this.#attempt;
    const end = attemptEnd(this.call, {
      attempt: this.#attemptNumber,
      startedAt: this.#attemptStartedAt,
      endedAt: this.#now(),
      outcome,
      facts: result.facts,
      status: attempt?.status,
      firstTokenMs: attempt?.firstTokenMs,
      upstreamRequestId: attempt?.upstreamRequestId,
      cost,
      ...ending,
    });
    this.#parts.events.attemptEnded(end, start, () => {
      if (then === undefined) return;
      this.#settle();
      try {
        then(cost);
      } catch (thrown) {
        // Whatever it was, the client must not wait for ever; whoever called will log it.
        this.#cut();
        throw thrown;
      }
    });
  }

  #headers(contentType: string, bodyBytes?: number, cost?: NanoUsd): string[] {
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
      cost,
      warnings: this.call.facts.warnings,
      overheadMs: Math.max(0, elapsedMs - waitedMs),
    });
  }

  #finish(bytes: Buffer | undefined): void {
    this.#over = true;
    this.#client.end(bytes);
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
    this.#onOver();
  }
}

/** A route whose operation has no descriptor could not be held for, so it must not be served. */
function boundOf(call: AdmittedCall): HoldRequest {
  const { operation } = call.request.dialect;
  const descriptor = DESCRIPTORS[operation];
  if (descriptor !== undefined) return descriptor.bound(call);
  throw new GatewayError('internal', { message: `The operation ${operation} is not built yet.` });
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

interface Ending {
  readonly last: boolean;
  readonly clientStatus?: number;
  readonly error?: GatewayError;
}

function asGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  return new GatewayError('internal', {
    message: 'The gateway failed in an unexpected way; the log has the details under this request id.',
    cause: thrown,
  });
}
