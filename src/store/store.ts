import type { Clock } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';
import type { Database } from './database.ts';
import type { StoreJournal } from './journal/store-journal.ts';
import type { StoreLog } from './log.ts';
import type { SqlPool } from './pool.ts';
import type { StoreState } from './store-state.ts';

export interface StoreOptions {
  /** Everything of this gateway that is its own, such as `./.leeward`; made when it is not there. */
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: StoreLog;
  /** A server Postgres. Absent: the embedded one, in the data directory. */
  readonly server?: ServerOptions;
  readonly onProgress?: (text: string) => void;
  /** Days that attempts are kept; {@link RETENTION_DAYS} unless told. */
  readonly retentionDays?: number;
  /** Days that usage by the hour is kept; {@link USAGE_RETENTION_DAYS} unless told. */
  readonly usageRetentionDays?: number;
  /** Leaves out the real fsync of the embedded engine. For tests whose data may be lost. */
  readonly unsafeNoFsync?: boolean;
}

export interface ServerOptions {
  /** `postgres://user:password@host:port/database`, a secret. */
  readonly url: string;
  /** Where it was read, for messages: `DATABASE_URL`. */
  readonly source: string;
  /** For the data directory's name among the gateways of the server. */
  readonly random: Random;
  /** How long opening waits for a server that does not answer yet, milliseconds; 0 unless told. */
  readonly waitMs?: number;
  /** Opens also when nobody is there then: calls go on, journaled, and the server is tried in the background. */
  readonly goOnWithout?: boolean;
}

/** Keys, attempts and the journal of one process. */
export interface Store {
  readonly kind: 'embedded' | 'server';
  /** For people: `embedded`, or the server's host, port and database. */
  readonly place: string;
  readonly database: Database;
  readonly pool: SqlPool;
  readonly journal: StoreJournal;
  /**
   * A session apart from the pool's, ended with the store: nobody else's
   * statement is ahead of its own, and each text is planned once. The embedded
   * engine has one session, which the pool shares: there they go ahead of all
   * that wait.
   *
   * @param purpose one word, shown in the server's list of sessions
   */
  connection(purpose: string): Pick<SqlPool, 'query'>;
  /** For readiness. While it is not open, statements are refused with a 503 and the journal goes on. */
  state(): StoreState;
  /** How often the engine had to be started anew, or the server came back. */
  readonly restarts: number;
  /** Brings the journal into Postgres, checkpoints, and gives everything back. */
  close(): Promise<void>;
}

export const RETENTION_DAYS = 90;
export const USAGE_RETENTION_DAYS = 1_100;
