import type { GatewayError } from '../kernel/errors.ts';
import type { AttemptEnd, AttemptStart } from '../protocol/attempt-record.ts';
import type { AdmittedCall } from './call.ts';

/** What the exchange tells the rest of the house. One implementation turns each into journal, metrics and log. */
export interface ExchangeEvents {
  /**
   * Before a byte goes upstream.
   * @throws `budget_unavailable` when the attempt cannot be recorded; then it must not be made
   */
  attemptStarted(record: AttemptStart): void;
  /** `start` is the record that the attempt began with. */
  attemptEnded(record: AttemptEnd, start: AttemptStart): void;
  /** A call that ended without any attempt. */
  callRefused(call: AdmittedCall, error: GatewayError): void;
}
