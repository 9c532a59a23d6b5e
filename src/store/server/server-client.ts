import type { PostgresCursor, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import type pg from 'pg';
import { DatabaseError } from '../database-error.ts';
import { toParameter } from '../pglite/parameters.ts';
import type { QueryResult } from '../pglite/result.ts';
import type { SqlClient } from '../pool.ts';
import { storeError } from './server-error.ts';

/** Their effect outlives the statement: the next holder of the session must not meet it. */
const LASTING_COMMANDS: ReadonlySet<string> = new Set(['SET', 'PREPARE', 'LISTEN', 'DECLARE', 'LOAD']);

/**
 * One session of the pool while somebody holds it. What its holder left behind
 * (an open transaction, a setting, a statement without an answer) ends with the
 * session at `release`; the pool makes another one.
 */
export class ServerClient implements SqlClient, PostgresPoolClient {
  readonly #client: pg.PoolClient;
  readonly #onLost: (error: Error) => void;
  #spoilt = false;
  #released = false;

  /** @param onLost hears of errors that say something about the server, not about a statement */
  constructor(client: pg.PoolClient, onLost: (error: Error) => void) {
    this.#client = client;
    this.#onLost = onLost;
  }

  query(text: string, values: readonly unknown[]): Promise<QueryResult>;
  query<Row>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<Row>>;
  query<Row>(cursor: PostgresCursor<Row>): PostgresCursor<Row>;
  query(text: unknown, values: readonly unknown[] = []): unknown {
    if (this.#released) throw new Error('the client was released already');
    if (typeof text !== 'string') throw new Error('cursors are not supported: page by key instead');
    return this.#ask(text, values);
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#client.release(this.#spoilt || this.#client.getTransactionStatus() !== 'I');
  }

  async #ask(text: string, values: readonly unknown[]): Promise<QueryResult> {
    try {
      const result = lastResult(await this.#client.query(text, values.map(toParameter)));
      if (LASTING_COMMANDS.has(result.command)) this.#spoilt = true;
      return result;
    } catch (error) {
      const seen = storeError(error);
      if (!(seen instanceof DatabaseError)) {
        this.#spoilt = true;
        this.#onLost(seen);
      }
      throw seen;
    }
  }
}

/** Several statements in one text have a result each; the last one counts, as on the embedded engine. */
export function lastResult(result: pg.QueryResult | pg.QueryResult[]): QueryResult {
  const last = Array.isArray(result) ? result.at(-1) : result;
  if (last === undefined) return { command: '', rowCount: null, rows: [], fields: [] };
  const { command, rowCount, rows, fields } = last;
  return { command, rowCount, rows, fields };
}
