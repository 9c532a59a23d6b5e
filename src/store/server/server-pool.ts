import type { PostgresPool } from 'kysely';
import pg from 'pg';
import { GatewayError } from '../../kernel/errors.ts';
import type { QueryResult } from '../pglite/result.ts';
import type { SqlPool } from '../pool.ts';
import { type ClientLimits, clientConfig } from './client-config.ts';
import type { ServerAddress } from './server-address.ts';
import { ServerClient } from './server-client.ts';
import { storeError } from './server-error.ts';

export interface ServerPoolOptions {
  readonly address: ServerAddress;
  /** Throws the 503 that is to be answered at once, while the server is known to be away. */
  assertOpen(): void;
  /** Hears of errors that say something about the server, not about a statement. */
  onLost(error: Error): void;
  readonly connectionsMax?: number;
  readonly limits?: ClientLimits;
}

/** Statements are short, and a server's connections are few: many gateways share some hundred. */
const CONNECTIONS_MAX = 10;
/** Callers that wait for a connection. Beyond it the store is slower than its callers, and says so at once. */
const WAITING_MAX = 4_096;
const IDLE_MS_MAX = 60_000;
/** A pool that never renews itself never follows a failover behind one name. */
const LIFETIME_SECONDS_MAX = 1_800;

/** `pg.Pool` as the rest of the store knows a pool, with every wait bounded and every failure in the store's own words. */
export class ServerPool implements SqlPool, PostgresPool {
  readonly options = {};
  readonly #options: ServerPoolOptions;
  readonly #pool: pg.Pool;

  constructor(options: ServerPoolOptions) {
    this.#options = options;
    this.#pool = new pg.Pool({
      ...clientConfig(options.address, 'gateway', options.limits),
      max: options.connectionsMax ?? CONNECTIONS_MAX,
      idleTimeoutMillis: IDLE_MS_MAX,
      maxLifetimeSeconds: LIFETIME_SECONDS_MAX,
      allowExitOnIdle: true,
    });
    // A session that breaks says so here, whether somebody holds it or not; unheard it would end the process.
    this.#pool.on('connect', (client) => client.on('error', (error) => options.onLost(storeError(error))));
    this.#pool.on('error', (error) => options.onLost(storeError(error)));
  }

  /** @throws a 503 when the server is away or no connection becomes free; `overloaded` when too many wait */
  async connect(): Promise<ServerClient> {
    const { assertOpen, onLost } = this.#options;
    assertOpen();
    if (this.#pool.waitingCount >= WAITING_MAX) throw overloaded();
    try {
      return new ServerClient(await this.#pool.connect(), onLost);
    } catch (error) {
      const seen = storeError(error);
      onLost(seen);
      throw seen;
    }
  }

  /** One statement on a session of its own. */
  async query(text: string, values: readonly unknown[] = []): Promise<QueryResult> {
    const client = await this.connect();
    try {
      return await client.query(text, values);
    } finally {
      client.release();
    }
  }

  /** Waits for the statements under way. */
  async end(): Promise<void> {
    if (!this.#pool.ending) await this.#pool.end();
  }
}

function overloaded(): GatewayError {
  return new GatewayError('overloaded', {
    message: `${WAITING_MAX} callers already wait for the store. Try again shortly.`,
    retry: 'same-target',
    retryAfterMs: 1_000,
  });
}
