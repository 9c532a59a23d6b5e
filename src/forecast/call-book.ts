import type { ExchangeEvents } from '../exchange/events.ts';
import type { Clock } from '../kernel/clock.ts';
import { errorMessage } from '../kernel/errors.ts';
import type { AttemptEnd, AttemptStart } from '../protocol/attempt-record.ts';
import type { SimulationSetup } from './setup.ts';
import type { Tallies } from './tallies.ts';
import type { Watchman } from './watchman.ts';

/** What the records say of a call. */
export interface CallFacts {
  readonly id: string;
  readonly attemptsMax: number;
  starts: number;
  ends: number;
  /** The end that is also the call's, or a refusal. */
  lasts: number;
  outcome: AttemptEnd['outcome'] | undefined;
  errorCode: string | undefined;
  target: string | undefined;
  /** Attempts that run, by number. */
  readonly running: Map<number, AttemptStart>;
}

/**
 * Takes the place of the journal: every record is there at once. It holds them
 * against each other: one start and one end for each attempt, no more attempts
 * than the plan allows, one end for each call, nothing after it.
 */
export class CallBook implements ExchangeEvents {
  readonly #clock: Clock;
  readonly #watchman: Watchman;
  readonly #tallies: Tallies;
  readonly #onAttempt: SimulationSetup['onAttempt'];
  readonly #calls = new Map<string, CallFacts>();

  constructor(clock: Clock, watchman: Watchman, tallies: Tallies, onAttempt: SimulationSetup['onAttempt']) {
    this.#onAttempt = onAttempt;
    this.#clock = clock;
    this.#watchman = watchman;
    this.#tallies = tallies;
  }

  open(id: string, attemptsMax: number): CallFacts {
    const call: CallFacts = {
      id,
      attemptsMax,
      starts: 0,
      ends: 0,
      lasts: 0,
      outcome: undefined,
      errorCode: undefined,
      target: undefined,
      running: new Map(),
    };
    this.#calls.set(id, call);
    return call;
  }

  /** The call is over and owes nothing any more. */
  close(call: CallFacts): void {
    this.#calls.delete(call.id);
    if (call.starts !== call.ends) this.#accuse(call.id, `${call.starts} attempts began and ${call.ends} ended`);
    if (call.lasts !== 1) this.#accuse(call.id, `its end was recorded ${call.lasts} times`);
  }

  mayStart(): boolean {
    return true;
  }

  attemptStarted(record: AttemptStart, onRecorded: () => void): void {
    const { callId, attempt, provider, model, routeReason } = record;
    const call = this.#calls.get(callId);
    this.#note(`start ${callId} ${attempt} ${provider}/${model} ${routeReason}`);
    if (call === undefined) this.#accuse(callId, 'an attempt began after its end');
    else {
      call.starts++;
      if (call.starts > call.attemptsMax) this.#accuse(callId, `${call.starts} attempts, at most ${call.attemptsMax}`);
      if (call.lasts > 0) this.#accuse(callId, 'an attempt began after the call had ended');
      if (call.running.has(attempt)) this.#accuse(callId, `attempt ${attempt} began twice`);
      call.running.set(attempt, record);
    }
    this.#tallies.started(record, this.#clock.monotonicMs());
    this.#onAttempt?.(record, this.#clock.monotonicMs());
    onRecorded();
  }

  attemptEnded(record: AttemptEnd, start: AttemptStart, onRecorded: () => void): void {
    const { callId, attempt, outcome, last, errorCode } = record;
    const call = this.#calls.get(callId);
    this.#note(`end ${callId} ${attempt} ${outcome} ${last} ${errorCode ?? ''} ${record.chargeNanoUsd ?? ''}`);
    if (call === undefined) this.#accuse(callId, 'an attempt ended after the call was over');
    else {
      call.ends++;
      if (!call.running.delete(attempt)) this.#accuse(callId, `attempt ${attempt} ended that did not run`);
      if (last) {
        call.lasts++;
        call.outcome = outcome;
        call.errorCode = errorCode;
        call.target = `${start.provider}/${start.model}`;
      }
    }
    this.#tallies.ended(record, start);
    onRecorded();
  }

  attemptProgressed(): void {
    // What a crash would find is of no use here: nothing crashes.
  }

  usageDoubted(start: AttemptStart, doubt: string): void {
    this.#accuse(start.callId, `the usage of a provider was doubted: ${doubt}`);
  }

  unexpected(error: unknown, callId: string): void {
    this.#accuse(callId, `unexpected: ${errorMessage(error)}`);
  }

  callRefused(view: { readonly id: string }, error: { readonly code: string }): void {
    const call = this.#calls.get(view.id);
    this.#note(`refused ${view.id} ${error.code}`);
    if (call === undefined) {
      this.#accuse(view.id, 'a call was refused after it was over');
      return;
    }
    call.lasts++;
    call.errorCode = error.code;
  }

  #note(line: string): void {
    this.#watchman.note(`${this.#clock.monotonicMs()} ${line}`);
  }

  #accuse(callId: string, what: string): void {
    this.#watchman.accuse(`${callId}: ${what} (at ${this.#clock.monotonicMs()} ms)`);
  }
}
