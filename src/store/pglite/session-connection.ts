import type { ReplayConnection, ReplayTarget } from '../journal/replay-connection.ts';
import { toParameter } from './parameters.ts';
import type { QueryResult } from './result.ts';
import type { ClientId, Session } from './session.ts';

/** The pool's clients count from 1. */
const REPLAY: ClientId = 0;

/** The journal's replay as a client of the embedded session, inside the store's own thread. */
export class SessionConnection implements ReplayTarget {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  get inDemand(): boolean {
    return this.#session.inDemand;
  }

  query(text: string, values: readonly unknown[]): Promise<QueryResult> {
    return this.#session.query(REPLAY, text, values.map(toParameter));
  }

  async copy(text: string, input: Uint8Array): Promise<void> {
    await this.#session.query(REPLAY, text, [], input);
  }

  async transaction<Result>(work: (connection: ReplayConnection) => Promise<Result>): Promise<Result> {
    await this.query('begin', []);
    try {
      const result = await work(this);
      await this.query('commit', []);
      return result;
    } catch (error) {
      await this.query('rollback', []);
      throw error;
    }
  }
}
