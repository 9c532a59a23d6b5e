import type { QueryResult } from '../pglite/result.ts';

/** What the journal's replay asks of one session of Postgres, whichever engine it is. */
export interface ReplayConnection {
  /**
   * One statement, with values as `pg` writes them.
   *
   * @throws {DatabaseError} what Postgres refused; anything else means that the session is gone
   */
  query(text: string, values: readonly unknown[]): Promise<Pick<QueryResult, 'rows' | 'rowCount'>>;
  /**
   * A `COPY … FROM STDIN` that reads `input`.
   *
   * @param input may change once the promise is settled
   * @throws as `query`
   */
  copy(text: string, input: Uint8Array): Promise<void>;
}

/** Where batches of the journal go. One replay uses it at a time. */
export interface ReplayTarget extends ReplayConnection {
  /** Calls wait for others who share the session: it is to be had for a few milliseconds at a time. */
  readonly inDemand?: boolean;
  /**
   * Runs `work` in one transaction. When it throws, nothing of it stays; when
   * the commit's answer does not arrive, whether it took effect is not known.
   */
  transaction<Result>(work: (connection: ReplayConnection) => Promise<Result>): Promise<Result>;
}
