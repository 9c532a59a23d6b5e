import { createHash } from 'node:crypto';
import type { ReplayConnection, ReplayTarget } from '../journal/replay-connection.ts';
import type { QueryResult } from '../pglite/result.ts';
import { storeUnavailable } from '../store-error.ts';
import type { ServerAddress } from './server-address.ts';
import { ServerConnection } from './server-connection.ts';

/**
 * The journal's replay as a session of the server.
 *
 * The session holds the journal's advisory lock, for as long as it lives. So no
 * two processes replay one journal (a data directory that was copied), and a
 * session made after a broken one begins only when the server has ended that one
 * and what it still had under way: the cursor read then is final.
 */
export class ReplaySession implements ReplayTarget {
  readonly #connection: ServerConnection;

  constructor(address: ServerAddress, journal: string) {
    this.#connection = new ServerConnection({
      address,
      purpose: 'journal',
      greet: async (query) => {
        const { rows } = await query('select pg_try_advisory_lock($1::int8) as taken', [lockOf(journal)]);
        if (rows[0]?.['taken'] === true) return;
        throw storeUnavailable(
          `another session still replays the journal ${journal}; if it belongs to another gateway, one data directory is a copy of the other: remove the file instance-id from the copy`,
        );
      },
    });
  }

  query(text: string, values: readonly unknown[]): Promise<QueryResult> {
    return this.#connection.query(text, values);
  }

  copy(text: string, input: Uint8Array): Promise<void> {
    return this.#connection.copy(text, input);
  }

  async transaction<Result>(work: (connection: ReplayConnection) => Promise<Result>): Promise<Result> {
    await this.#connection.query('begin', []);
    const { session } = this.#connection;
    try {
      const result = await work(this.#within(session));
      await this.#within(session).query('commit', []);
      return result;
    } catch (error) {
      // With its session a transaction is over: the server rolls back what it had.
      if (session !== 0 && this.#connection.session === session) await this.#connection.query('rollback', []);
      throw error;
    }
  }

  /** Ends the session, and with it the lock. */
  end(): Promise<void> {
    return this.#connection.end();
  }

  /** A new session knows nothing of the transaction: its statements would commit one by one. */
  #within(session: number): ReplayConnection {
    const same = () => {
      if (session !== 0 && this.#connection.session === session) return;
      throw storeUnavailable('the connection broke in a transaction');
    };
    return {
      query: async (text, values) => {
        same();
        return this.#connection.query(text, values);
      },
      copy: async (text, input) => {
        same();
        return this.#connection.copy(text, input);
      },
    };
  }
}

/** A 64-bit number for the journal. */
function lockOf(journal: string): bigint {
  return createHash('sha256').update(`leeward journal ${journal}`).digest().readBigInt64BE();
}
