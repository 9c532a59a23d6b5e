import type { GatewayError } from '../../kernel/errors.ts';
import type { AttemptRecord } from '../../protocol/attempt-record.ts';

export interface JournalLag {
  /** Records that are not in Postgres yet. */
  readonly records: number;
  /** Bytes of the journal after the durable cursor. */
  readonly bytes: number;
  /** How long ago everything was in Postgres; 0 when it is now. */
  readonly oldestMs: number;
  /** Records that were set aside in `rejected.log`, since this process began. */
  readonly rejected: number;
}

/** The truth about attempts until Postgres has it. */
export interface Journal {
  /**
   * Hands the record to the kernel before it returns: safe over kill -9, not
   * over a power cut (which loses what the kernel had not written, some seconds).
   *
   * An end is always taken: space for it was kept since its start.
   *
   * @throws `budget_unavailable` (503) when a start cannot be written, and then nothing may be dispatched
   * @throws `invalid_request` when a start is larger than a record may be
   */
  append(record: AttemptRecord): void;
  /**
   * As `append`, but together with all that comes in the same turn of the event
   * loop: `onWritten` is called when the record is with the kernel, for a start
   * perhaps with the refusal that `append` would have thrown.
   *
   * @throws as `append`, for what is known before the write
   */
  stage(record: AttemptRecord, onWritten: (refused?: GatewayError) => void): void;
  /** Whether a start would be taken now. */
  canAdmit(): boolean;
  /** Everything appended so far is in Postgres when it returns. */
  flush(): Promise<void>;
  lag(): JournalLag;
}
