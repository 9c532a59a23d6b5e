import { createHash } from 'node:crypto';
import pg from 'pg';
import { DatabaseError } from '../database-error.ts';
import { toParameter } from '../pglite/parameters.ts';
import type { QueryResult } from '../pglite/result.ts';
import { storeUnavailable } from '../store-error.ts';
import { clientConfig } from './client-config.ts';
import { CopyQuery } from './copy-query.ts';
import type { ServerAddress } from './server-address.ts';
import { lastResult } from './server-client.ts';
import { storeError } from './server-error.ts';

export interface ServerConnectionOptions {
  readonly address: ServerAddress;
  /** Stands after `leeward` in `pg_stat_activity`. */
  readonly purpose: string;
  /** Statements with values are planned once per session, each by its text: for few texts that are asked often. */
  readonly prepared?: boolean;
  /** Throws the 503 that is to be answered at once, while the server is known to be away. */
  assertOpen?(): void;
  /** Hears of errors that say something about the server, not about a statement. */
  onLost?(error: Error): void;
  /** Runs on each new session before anybody else may use it. */
  greet?(query: (text: string, values: readonly unknown[]) => Promise<QueryResult>): Promise<void>;
}

/**
 * One session of its own, apart from the pool: nobody else's statement is ahead
 * of its statements. It is made at the first statement, and anew at the next
 * one after it broke. Whoever needs several statements in one session has to
 * notice that it changed: see {@link ServerConnection.session}.
 */
export class ServerConnection {
  readonly #options: ServerConnectionOptions;
  #client: pg.Client | undefined;
  #connecting: Promise<pg.Client> | undefined;
  #session = 0;
  #ended = false;

  constructor(options: ServerConnectionOptions) {
    this.#options = options;
  }

  /** A number for the session there is now; 0 when there is none. A broken session's statements never reach the next one. */
  get session(): number {
    return this.#client === undefined ? 0 : this.#session;
  }

  /**
   * @throws {DatabaseError} what Postgres refused
   * @throws `internal` (503) when there is no session, and none can be made
   */
  async query(text: string, values: readonly unknown[] = []): Promise<QueryResult> {
    return this.#ask(await this.#open(), text, values);
  }

  /** A `COPY … FROM STDIN`; `input` is the caller's again afterwards. @throws as `query` */
  async copy(text: string, input: Uint8Array): Promise<void> {
    const client = await this.#open();
    try {
      const copy = new CopyQuery(text, input);
      client.query(copy);
      await copy.done;
    } catch (error) {
      throw this.#seen(client, error);
    }
  }

  /** Ends the session; a statement under way is cut off. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#connecting?.catch(() => {
      // Whoever asked for it hears why it could not be made.
    });
    const client = this.#client;
    this.#client = undefined;
    await client?.end();
  }

  async #open(): Promise<pg.Client> {
    if (this.#ended) throw storeUnavailable('its connection has ended');
    this.#options.assertOpen?.();
    if (this.#client !== undefined) return this.#client;
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #connect(): Promise<pg.Client> {
    const { address, purpose, greet } = this.#options;
    const client = new pg.Client(clientConfig(address, purpose));
    client.on('error', () => this.#forget(client));
    client.on('end', () => this.#forget(client));
    try {
      await client.connect();
      this.#session++;
      await greet?.((text, values) => this.#ask(client, text, values));
    } catch (error) {
      await client.end();
      throw storeError(error);
    }
    this.#client = client;
    return client;
  }

  async #ask(client: pg.Client, text: string, values: readonly unknown[]): Promise<QueryResult> {
    const { prepared = false } = this.#options;
    const parameters = values.map(toParameter);
    const query = prepared && values.length > 0 ? { name: nameOf(text), text, values: parameters } : undefined;
    try {
      return lastResult(await (query === undefined ? client.query(text, parameters) : client.query(query)));
    } catch (error) {
      throw this.#seen(client, error);
    }
  }

  #seen(client: pg.Client, error: unknown): Error {
    const seen = storeError(error);
    if (seen instanceof DatabaseError) {
      if (STALE_PLANS.has(seen.code ?? '')) this.#forget(client);
      return seen;
    }
    this.#forget(client);
    this.#options.onLost?.(seen);
    return seen;
  }

  #forget(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    // It is broken already: there is nothing left that its end could tell.
    client.end().catch(() => undefined);
  }
}

/** A planned statement that no longer fits, as after a migration by a newer gateway: a new session plans it anew. */
const STALE_PLANS: ReadonlySet<string> = new Set(['0A000', '26000']);

const NAMES = new Map<string, string>();

/** A prepared statement's name, by its text. There are as many as there are texts in our sources. */
function nameOf(text: string): string {
  let name = NAMES.get(text);
  if (name === undefined) {
    name = `leeward_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
    NAMES.set(text, name);
  }
  return name;
}
