import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import type { PgliteHost } from './pglite/host.ts';
import type { QueryResult } from './pglite/result.ts';
import { storeUnavailable } from './store-error.ts';

/** What our own code needs of a connection; `pg`'s PoolClient has it too. */
export interface SqlClient {
  query(text: string, values?: readonly unknown[]): Promise<Pick<QueryResult, 'rows' | 'rowCount'>>;
  release(): void;
}

/** What our own code needs of a pool; `pg`'s Pool has it too. */
export interface SqlPool {
  connect(): Promise<SqlClient>;
  query(text: string, values?: readonly unknown[]): Promise<Pick<QueryResult, 'rows' | 'rowCount'>>;
  end(): Promise<void>;
}

/**
 * `pg.Pool`, as far as Kysely and we use it, over the one session of the
 * embedded Postgres. A client costs nothing and waits for nothing: the session
 * is shared statement by statement, and is a client's own only while its
 * transaction lasts (see `pglite/session.ts`).
 */
export class PglitePool implements SqlPool, PostgresPool {
  readonly options = {};
  readonly #host: PgliteHost;
  #lastClient = 0;
  #ended = false;

  constructor(host: PgliteHost) {
    this.#host = host;
  }

  async connect(): Promise<PgliteClient> {
    if (this.#ended) throw storeUnavailable('its pool has ended');
    return new PgliteClient(this.#host, ++this.#lastClient);
  }

  /** Each statement on its own, ahead of all that wait: for what a call stands still for. */
  urgent(): { query(text: string, values?: readonly unknown[]): Promise<QueryResult> } {
    const client = ++this.#lastClient;
    return { query: (text, values = []) => this.#host.query(client, text, values, true) };
  }

  /** One statement on a client of its own. */
  async query(text: string, values: readonly unknown[] = []): Promise<QueryResult> {
    const client = await this.connect();
    try {
      return await client.query(text, values);
    } finally {
      client.release();
    }
  }

  /** New clients are refused from now on. The engine itself is its owner's to close. */
  async end(): Promise<void> {
    this.#ended = true;
  }
}

class PgliteClient implements SqlClient, PostgresPoolClient {
  readonly #host: PgliteHost;
  readonly #id: number;
  #released = false;

  constructor(host: PgliteHost, id: number) {
    this.#host = host;
    this.#id = id;
  }

  query(text: string, values: readonly unknown[]): Promise<QueryResult>;
  query<Row>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<Row>>;
  query<Row>(cursor: PostgresCursor<Row>): PostgresCursor<Row>;
  query(text: unknown, values: readonly unknown[] = []): unknown {
    if (this.#released) throw new Error('the client was released already');
    if (typeof text !== 'string') throw new Error('cursors are not supported: page by key instead');
    return this.#host.query(this.#id, text, values);
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#host.release(this.#id);
  }
}
