import type { Clock } from '../kernel/clock.ts';
import type { GatewayError } from '../kernel/errors.ts';
import type { Plan } from '../routing/target.ts';
import type { GoStep } from '../routing/walk.ts';
import { Attempt } from './attempt.ts';
import { type AttemptBooks, NOTHING_PAID, type Paid } from './attempt-books.ts';
import { attemptStart } from './attempt-records.ts';
import type { AttemptRun, Ending } from './attempt-run.ts';
import type { AttemptResult } from './attempt-words.ts';
import type { AdmittedCall } from './call.ts';
import type { AnswerFacts } from './dialect.ts';
import type { ExchangeEvents } from './events.ts';
import type { Translations } from './lane.ts';
import { laneOf } from './lanes.ts';
import { upstreamHeaders } from './upstream-headers.ts';

interface RunsParts {
  readonly clock: Clock;
  readonly events: ExchangeEvents;
  /** Absent where targets speak their calls' own dialects alone. */
  readonly translations?: Translations | undefined;
}

/** What a call hears of its attempts. */
export interface RunsListener {
  /** Whether anything could follow an attempt that fails now. */
  mayGoOn(): boolean;
  /** The attempt was sent. */
  onSent(run: AttemptRun): void;
  /** The attempt could not be recorded, so it was not made. */
  onUnmade(refused: GatewayError): void;
  /** The same of one that has ended the call meanwhile, of which nothing tells now. */
  onEndLost(): void;
  /** The attempt could not be sent, and is still one of these. */
  onUnsent(run: AttemptRun, thrown: unknown): void;
  onStream(run: AttemptRun, contentType: string): void;
  onBytes(bytes: Buffer): void;
  /** The run is still one of these: whoever hears of it ends it. */
  onResult(run: AttemptRun, result: AttemptResult): void;
}

/** An attempt that failed, and whose end is told once it is known whether it is the call's too. */
interface Aside {
  readonly run: AttemptRun;
  readonly facts: AnswerFacts;
  readonly error: GatewayError;
  readonly endedAt: number;
}

/** An attempt that was over before its start was recorded: without a start it has no end either. */
interface EarlyEnd {
  readonly facts: AnswerFacts;
  readonly ending: Ending;
  readonly then: ((paid: Paid) => void) | undefined;
  /** Called once it is known. */
  readonly known: () => void;
}

/**
 * The attempts of one call that are under way: one, or two while one is
 * hedged. Each is recorded before it is made, and once more when it ends. One
 * that fails where another is to follow is set aside until that stands in the
 * journal: whatever comes between, some attempt's end tells of the call's.
 */
export class AttemptRuns {
  readonly #parts: RunsParts;
  readonly #call: AdmittedCall;
  readonly #books: AttemptBooks;
  readonly #listener: RunsListener;
  #runs: readonly AttemptRun[] = [];
  #aside: Aside | undefined;
  /** Over before it was known whether their start could be recorded. */
  #early: Map<AttemptRun, EarlyEnd> | undefined;
  #shown: AttemptRun | undefined;
  #made = 0;
  #refuseSealed = false;
  #waitedMs = 0;
  /** Since when some attempt is under way, on the monotonic clock. */
  #sinceMs: number | undefined;

  constructor(parts: RunsParts, call: AdmittedCall, books: AttemptBooks, listener: RunsListener) {
    this.#parts = parts;
    this.#call = call;
    this.#books = books;
    this.#listener = listener;
  }

  /** Attempts that were made so far. */
  get made(): number {
    return this.#made;
  }

  get underWay(): readonly AttemptRun[] {
    return this.#runs;
  }

  /** The attempt that the client hears of: the newest, or the one that it gets its answer from. */
  get shown(): AttemptRun | undefined {
    return this.#shown;
  }

  /** How long providers were waited for, milliseconds: what of a call's time is not ours. */
  get waitedMs(): number {
    return this.#waitedMs + (this.#sinceMs === undefined ? 0 : this.#parts.clock.monotonicMs() - this.#sinceMs);
  }

  /** Providers were waited for between two attempts. */
  addWait(waitMs: number): void {
    this.#waitedMs += waitMs;
  }

  /** @throws `budget_unavailable` when the attempt cannot be recorded; then it is not made */
  begin(step: GoStep, plan: Plan): void {
    const { target } = step;
    this.#refuseSealed = plan.policies.encryptedState === 'refuse';
    const startedAt = this.#books.now();
    const number = ++this.#made;
    const run: AttemptRun = {
      number,
      start: attemptStart(this.#call, plan, target, number, startedAt),
      step,
      target,
      sheet:
        this.#books.payment?.sheetFor(target) ?? target.provider.sheetOf(target.model, this.#call.caller.organisation),
      startedAt,
      passage: step.weather.begin(step.paidBy),
      recorded: false,
      attempt: undefined,
    };
    this.#sinceMs ??= this.#parts.clock.monotonicMs();
    this.#runs = [...this.#runs, run];
    this.#shown = run;
    try {
      this.#parts.events.attemptStarted(run.start, (refused) => this.#onRecorded(run, refused));
    } catch (refused) {
      this.#unmade(run);
      throw refused;
    }
  }

  /** The attempt stands in the journal and may be made, unless the call ended meanwhile or it could not be written. */
  #onRecorded(run: AttemptRun, refused: GatewayError | undefined): void {
    run.recorded = refused === undefined;
    if (!this.#runs.includes(run)) {
      this.#endEarly(run);
      return;
    }
    if (refused !== undefined) {
      this.#unmade(run);
      this.#listener.onUnmade(refused);
      return;
    }
    this.#tellAside();
    if (run.step.paidBy === 'hedge') this.#parts.events.detoured?.('hedge');
    if (run.step.degraded !== undefined) this.#parts.events.detoured?.('degrade_target');
    try {
      this.#send(run);
    } catch (thrown) {
      if (this.#runs.includes(run)) this.#listener.onUnsent(run, thrown);
      else this.#parts.events.unexpected(thrown, this.#call.id);
    }
  }

  /** What could not be recorded has not been tried. */
  #unmade(run: AttemptRun): void {
    run.passage.end({ kind: 'neutral' });
    this.#leave(run);
    this.#made--;
  }

  #send(run: AttemptRun): void {
    const { target, step, passage } = run;
    const { request, facts } = this.#call;
    const attempt = new Attempt(
      {
        clock: this.#parts.clock,
        target,
        stream: request.stream,
        lane: laneOf(this.#call, target, this.#parts.translations),
        strict: facts.strict === true,
        headers: () => upstreamHeaders(this.#call, target, run.number),
        firstTokenMs: facts.firstTokenMs,
        outputTokensMax: leastOf(this.#books.payment?.outputTokensFor(target), step.shape?.outputTokensMax),
        keepMessages: step.shape?.keepMessages,
        refuseSealed: this.#refuseSealed,
        last: () => this.#runs.length < 2 && !this.#listener.mayGoOn(),
      },
      {
        onHead: (header) => passage.heard(header),
        onFirstToken: (elapsedMs) => passage.firstToken(elapsedMs),
        onStream: (contentType) => this.#listener.onStream(run, contentType),
        onBytes: (bytes) => this.#listener.onBytes(bytes),
        onCheckpoint: () => this.#books.checkpoint(run),
        onResult: (result) => this.#listener.onResult(run, result),
      },
    );
    run.attempt = attempt;
    attempt.start();
    if (this.#runs.includes(run)) this.#listener.onSent(run);
  }

  /** An attempt failed, and another is under way or will follow, unless the call ends before. */
  setAside(run: AttemptRun, facts: AnswerFacts, error: GatewayError): void {
    this.#leave(run);
    this.#aside = { run, facts, error, endedAt: this.#books.now() };
    if (this.#runs.some(({ attempt }) => attempt !== undefined)) this.#tellAside();
  }

  /** Whether an attempt was set aside whose end is not told yet. */
  get hasAside(): boolean {
    return this.#aside !== undefined;
  }

  /** No attempt followed: the end of the one that was set aside is the call's. */
  endAside(clientStatus: number | undefined, then?: (paid: Paid) => void): void {
    this.#tellAside({ last: true, ...(clientStatus === undefined ? {} : { clientStatus }) }, then);
  }

  #tellAside(ending: Pick<Ending, 'last' | 'clientStatus'> = { last: false }, then?: (paid: Paid) => void): void {
    const aside = this.#aside;
    if (aside === undefined) return;
    this.#aside = undefined;
    const { run, facts, error, endedAt } = aside;
    this.#books.end(run, facts, { ...ending, outcome: 'failed', error, endedAt }, then);
  }

  /** Records how an attempt ended; `then` is called when that is safe and, for the call's last, settled. */
  end(run: AttemptRun, facts: AnswerFacts, ending: Ending, then?: (paid: Paid) => void): void {
    this.#leave(run);
    if (run.recorded) {
      this.#tellAside();
      this.#books.end(run, facts, ending, then);
      return;
    }
    // Whoever was set aside tells of the call's end if this one cannot be recorded.
    const endedAt = this.#books.now();
    this.#early ??= new Map();
    this.#early.set(run, { facts, ending: { ...ending, endedAt }, then, known: this.#books.awaiting() });
  }

  #endEarly(run: AttemptRun): void {
    const early = this.#early?.get(run);
    if (early === undefined) return;
    this.#early?.delete(run);
    const { facts, ending, then, known } = early;
    try {
      if (run.recorded) {
        this.#tellAside();
        this.#books.end(run, facts, ending, then);
      } else if (ending.last && this.#aside !== undefined) this.endAside(ending.clientStatus, then);
      else {
        if (ending.last) this.#listener.onEndLost();
        then?.(NOTHING_PAID);
      }
    } finally {
      known();
    }
  }

  /** This attempt is the call's: one beside it has lost. */
  keepOnly(run: AttemptRun): void {
    this.#shown = run;
    if (this.#runs.length < 2) return;
    for (const other of this.#runs) if (other !== run) this.#drop(other);
  }

  /** Gives up an attempt that is not the call's any more. What it has used is billed. */
  #drop(run: AttemptRun): void {
    const facts = run.attempt?.facts ?? {};
    run.attempt?.giveUp();
    // Of an answer that is not streamed nobody knows when it would have begun.
    if (this.#call.request.stream && run.attempt?.firstTokenMs === undefined) {
      run.passage.silentFor(this.#books.now() - run.startedAt);
    }
    run.passage.end({ kind: 'neutral' });
    this.end(run, facts, { outcome: 'cancelled', last: false });
  }

  #leave(run: AttemptRun): void {
    this.#runs = this.#runs.filter((other) => other !== run);
    if (this.#runs.length === 0 && this.#sinceMs !== undefined) {
      this.#waitedMs = this.waitedMs;
      this.#sinceMs = undefined;
    }
    if (this.#shown === run) this.#shown = this.#runs[0] ?? run;
  }
}

function leastOf(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}
