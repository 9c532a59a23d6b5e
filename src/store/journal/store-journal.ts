import { type Clock, sleep } from '../../kernel/clock.ts';
import { GatewayError } from '../../kernel/errors.ts';
import type { AttemptRecord } from '../../protocol/attempt-record.ts';
import type { StoreState } from '../store-state.ts';
import type { Journal, JournalLag } from './journal.ts';
import type { JournalWriter, OnWritten } from './journal-writer.ts';
import { bytesBetween } from './position.ts';

/** Who brings the journal into Postgres, seen from the main thread. */
export interface Replay {
  /** Everything that was in the journal at this moment is in Postgres when it returns. @throws a 503 while it cannot be */
  flushJournal(): Promise<void>;
  state(): StoreState;
}

const FLUSH_MS_MAX = 30_000;
const FLUSH_RETRY_MS = 100;

/** The journal as the gateway sees it: appended here, replayed in a thread of the store's. */
export class StoreJournal implements Journal {
  /** Whose attempts these are, in `journal_cursor` and on the rows: one for each data directory. */
  readonly name: string;
  readonly #writer: JournalWriter;
  readonly #replay: Replay;
  readonly #clock: Clock;

  constructor(name: string, writer: JournalWriter, replay: Replay, clock: Clock) {
    this.name = name;
    this.#writer = writer;
    this.#replay = replay;
    this.#clock = clock;
  }

  append(record: AttemptRecord): void {
    this.#writer.append(record);
  }

  stage(record: AttemptRecord, onWritten: OnWritten): void {
    this.#writer.stage(record, onWritten);
  }

  canAdmit(): boolean {
    return this.#writer.canAdmit();
  }

  /** Why new calls are not admitted, while that is so; for readiness. */
  get problem(): string | undefined {
    return this.#writer.problem;
  }

  /** @throws `internal` when the store did not take it within {@link FLUSH_MS_MAX} milliseconds; it stays in the journal */
  async flush(): Promise<void> {
    const untilMs = this.#clock.monotonicMs() + FLUSH_MS_MAX;
    for (;;) {
      try {
        return await this.#replay.flushJournal();
      } catch (error) {
        if (!(error instanceof GatewayError) || this.#replay.state().state === 'closed') throw error;
        if (this.#clock.monotonicMs() > untilMs) throw error;
        await sleep(this.#clock, FLUSH_RETRY_MS);
      }
    }
  }

  lag(): JournalLag {
    const { shared, records } = this.#writer;
    // Sequences are 32 bits wide in the journal and wrap; so does their difference.
    const missing = (records - shared.appliedRecords) >>> 0;
    return {
      records: missing,
      bytes: missing === 0 ? 0 : bytesBetween(shared.applied, shared.head),
      oldestMs: missing === 0 ? 0 : Math.max(0, this.#clock.now() - shared.caughtUpAt),
      rejected: shared.rejected,
    };
  }
}
