import type { GatewayError } from '../kernel/errors.ts';
import type { AttemptCheckpoint, AttemptEnd, AttemptRecord, AttemptStart } from '../protocol/attempt-record.ts';
import type { CallView } from '../protocol/call-view.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { callView, type RecentCalls } from './recent-calls.ts';

/** The journal as the events use it. */
export interface RecordJournal {
  /** Whether a start could be written now. */
  canAdmit(): boolean;
  /**
   * Writes the record soon, together with others, and then calls `onWritten`, for a start perhaps with a refusal.
   *
   * @throws `budget_unavailable` when there is no room for a start
   */
  stage(record: AttemptRecord, onWritten: (refused?: GatewayError) => void): void;
}

export interface GatewayEventsParts {
  readonly journal: RecordJournal;
  readonly recent: RecentCalls;
  readonly metrics: Metrics;
  readonly log: Log;
  /** Hears of each attempt that has ended. */
  onAttempt?(provider: string, end: AttemptEnd, start: AttemptStart): void;
  /** Hears of usage that cannot be as a provider says. */
  onDoubt?(provider: string, model: string, doubt: string): void;
  /** Hears of each call that has ended, for the line that `leeward dev` prints. */
  onCall?(call: CallView): void;
}

/**
 * The one place where something that happened becomes a journal record, a
 * metric, a log line and a row on the page. The journal comes first: what it
 * refuses has not happened.
 */
export class GatewayEvents {
  readonly #parts: GatewayEventsParts;
  #running = 0;

  constructor(parts: GatewayEventsParts) {
    this.#parts = parts;
  }

  mayStart(): boolean {
    return this.#parts.journal.canAdmit();
  }

  attemptStarted(record: AttemptStart, onRecorded: (refused?: GatewayError) => void): void {
    const { journal, recent } = this.#parts;
    journal.stage(record, (refused) => {
      if (refused === undefined) recent.record(record);
      else this.#running--;
      onRecorded(refused);
    });
    this.#running++;
  }

  attemptProgressed(record: AttemptCheckpoint): void {
    const { journal, log } = this.#parts;
    try {
      journal.stage(record, () => undefined);
    } catch (err) {
      // It matters only if this process dies before the attempt ends.
      log.debug({ err, callId: record.callId }, 'a checkpoint could not be journaled');
    }
  }

  usageDoubted({ callId, provider, model }: AttemptStart, doubt: string): void {
    this.#parts.metrics.usageDoubted(provider);
    this.#parts.log.warn({ callId, provider, model, doubt }, 'the usage was estimated, because the provider gave');
    this.#parts.onDoubt?.(provider, model, doubt);
  }

  detoured(detour: string): void {
    this.#parts.metrics.detoured(detour);
  }

  attemptEnded(record: AttemptEnd, start: AttemptStart, onRecorded: () => void): void {
    const { journal, log } = this.#parts;
    this.#running--;
    const onWritten = () => {
      this.#tellOfEnd(record, start);
      onRecorded();
    };
    try {
      journal.stage(record, onWritten);
    } catch (err) {
      // The journal keeps room for every end; if even that fails, the log line is the record.
      log.error({ err, record }, 'the end of an attempt could not be journaled');
      onWritten();
    }
  }

  #tellOfEnd(record: AttemptEnd, start: AttemptStart): void {
    const { recent, metrics, log, onCall } = this.#parts;
    recent.record(record);
    metrics.attemptEnded(start, record);
    this.#parts.onAttempt?.(start.provider, record, start);
    if (record.outcome !== 'ok') logFailure(log, start, record);
    if (!record.last || onCall === undefined) return;
    // One that began long ago is told by its last attempt alone.
    const call = recent.get(record.callId) ?? callView([start, record]);
    if (call !== undefined) onCall(call);
  }

  callRefused(call: CallView, error: GatewayError): void {
    this.#parts.metrics.refused(error.code);
    this.#parts.recent.refused(call);
    if (error.code === 'internal') this.#parts.log.error({ callId: call.id, err: error }, 'a call was refused');
    else this.#parts.log.info({ callId: call.id, code: error.code, message: error.summary }, 'a call was refused');
    this.#parts.onCall?.(this.#parts.recent.get(call.id) ?? call);
  }

  requestRefused(status: number, code: string): void {
    this.#parts.metrics.refused(code);
    this.#parts.log.debug({ status, code }, 'a request was refused');
  }

  /** Only called where the configuration lets prompts into the log. */
  promptSeen(callId: string, body: Buffer): void {
    this.#parts.log.info({ callId, body: body.toString('utf8') }, 'a prompt');
  }

  unexpected(err: unknown, requestId: string): void {
    this.#parts.log.error({ requestId, err }, 'an unexpected error');
  }

  /** Attempts that have started and not ended: 0 when the house is empty. */
  get attemptsRunning(): number {
    return this.#running;
  }
}

function logFailure(log: Log, start: AttemptStart, end: AttemptEnd): void {
  const facts = {
    callId: end.callId,
    attempt: end.attempt,
    provider: start.provider,
    model: start.model,
    outcome: end.outcome,
    status: end.status,
    code: end.errorCode,
    message: end.errorMessage,
    totalMs: end.totalMs,
  };
  if (end.outcome === 'cancelled') log.info(facts, 'an attempt was given up');
  else log.warn(facts, 'an attempt failed');
}
