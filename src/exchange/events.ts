import type { GatewayError } from '../kernel/errors.ts';
import type { AttemptCheckpoint, AttemptEnd, AttemptStart } from '../protocol/attempt-record.ts';
import type { CallView } from '../protocol/call-view.ts';

/** Another way than to a plan's next target: a second attempt beside a silent first one, or less of an answer than was asked for. */
export type Detour = 'hedge' | 'degrade_target' | 'degrade_text' | 'degrade_budget';

/** What the exchange tells the rest of the house. One implementation turns each into journal, metrics and log. */
export interface ExchangeEvents {
  /** Whether another attempt could be recorded now. Asked before an attempt's end is called the call's end or not. */
  mayStart(): boolean;
  /**
   * Before a byte goes upstream: the attempt may be made once `onRecorded` is
   * called without a refusal. It is called once, perhaps before this returns.
   *
   * @throws `budget_unavailable` when the attempt cannot be recorded; then it must not be made
   */
  attemptStarted(record: AttemptStart, onRecorded: (refused?: GatewayError) => void): void;
  /**
   * `start` is the record that the attempt began with. The client hears how the
   * call ended once `onRecorded` is called: what it has seen must not be forgotten.
   */
  attemptEnded(record: AttemptEnd, start: AttemptStart, onRecorded: () => void): void;
  /** How far a long stream has come; lost without harm. */
  attemptProgressed(record: AttemptCheckpoint): void;
  /** A provider said something of its use that cannot be so: it was estimated instead. */
  usageDoubted(start: AttemptStart, doubt: string): void;
  /** Absent where nobody counts them. */
  detoured?(detour: Detour): void;
  /** Something failed that has nobody to tell; the log must have it. */
  unexpected(error: unknown, callId: string): void;
  /** A call whose end no attempt's end tells: refused before its first attempt, or before one that could not be recorded. */
  callRefused(call: CallView, error: GatewayError): void;
}
