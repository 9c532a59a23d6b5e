import type { Clock, Timer } from '../kernel/clock.ts';
import type { Service } from '../kernel/lifecycle.ts';
import { dropExpiredConversations } from './conversation-queries.ts';
import type { Database } from './database.ts';
import type { StoreLog } from './log.ts';
import { dropExpired, ensurePartitions } from './partitions.ts';
import type { SqlPool } from './pool.ts';
import { dropResolvedHolds } from './resolved-holds.ts';
import { dropExpiredResponses } from './response-queries.ts';
import { dropExpiredUsage } from './usage-expiry.ts';

export interface MaintenanceOptions {
  readonly pool: SqlPool;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: StoreLog;
  readonly retentionDays: number;
  readonly usageRetentionDays: number;
  /** The embedded Postgres has no processes of its own: nobody else would checkpoint or vacuum. */
  readonly embedded: boolean;
}

const TICK_MS = 60_000;
/** Recovery reads the write-ahead log since the last checkpoint: this much takes it some tenths of a second. */
const WAL_BYTES_MAX = 32 * 1024 * 1024;
const CHECKPOINT_MS = 300_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * What a store needs done from time to time:
 *
 *     each minute     embedded: CHECKPOINT when 32 MiB of log were written, or five minutes passed
 *     each hour       partitions ahead, expired ones, settled holds and kept answers dropped; embedded: VACUUM (ANALYZE) of what changes
 *
 * Each piece is tried again at its next turn when it fails.
 */
export class Maintenance implements Service {
  readonly name = 'store-maintenance';
  readonly #options: MaintenanceOptions;
  #timer: Timer | undefined;
  #working: Promise<void> | undefined;
  #stopped = false;
  #checkpointAtMs: number;
  #checkpointWal = 0n;
  #hourlyAtMs: number;

  constructor(options: MaintenanceOptions) {
    this.#options = options;
    this.#checkpointAtMs = options.clock.monotonicMs();
    this.#hourlyAtMs = options.clock.monotonicMs();
  }

  async run(): Promise<void> {
    this.#schedule();
  }

  /** Waits for the statement under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#working;
  }

  #schedule(): void {
    if (this.#stopped) return;
    this.#timer = this.#options.clock.after(TICK_MS, () => {
      this.#working = this.#tick().finally(() => this.#schedule());
    });
  }

  async #tick(): Promise<void> {
    const { clock, embedded } = this.#options;
    const nowMs = clock.monotonicMs();
    if (embedded) await this.#attempt('checkpoint', () => this.#checkpoint(nowMs));
    if (nowMs - this.#hourlyAtMs < HOUR_MS) return;
    this.#hourlyAtMs = nowMs;
    await this.#attempt('partitions', () => this.#partitions());
    await this.#attempt('usage', () => this.#usage());
    await this.#attempt('holds', () => this.#holds());
    await this.#attempt('responses', () => this.#responses());
    if (embedded) await this.#attempt('vacuum', () => this.#vacuum());
  }

  async #attempt(what: string, work: () => Promise<void>): Promise<void> {
    if (this.#stopped) return;
    try {
      await work();
    } catch (error) {
      this.#options.log.warn({ err: error, what }, 'store maintenance failed and will be tried again');
    }
  }

  async #checkpoint(nowMs: number): Promise<void> {
    const { pool } = this.#options;
    const written = await walBytes(pool);
    const due = nowMs - this.#checkpointAtMs >= CHECKPOINT_MS || written - this.#checkpointWal >= WAL_BYTES_MAX;
    if (!due) return;
    this.#checkpointAtMs = nowMs;
    if (written !== this.#checkpointWal) await pool.query('checkpoint', []);
    this.#checkpointWal = await walBytes(pool);
  }

  async #partitions(): Promise<void> {
    const { database, clock, log, retentionDays } = this.#options;
    const made = await ensurePartitions(database, clock.now());
    const dropped = await dropExpired(database, clock.now(), retentionDays);
    if (made + dropped > 0) log.info({ made, dropped }, 'partitions of attempts were made and dropped');
  }

  async #usage(): Promise<void> {
    const { pool, clock, log, usageRetentionDays } = this.#options;
    const dropped = await dropExpiredUsage(pool, clock.now() - usageRetentionDays * DAY_MS);
    if (dropped > 0) log.info({ dropped }, 'usage that is older than its retention was dropped');
  }

  async #holds(): Promise<void> {
    const { pool, clock, log, retentionDays } = this.#options;
    const dropped = await dropResolvedHolds(pool, clock.now() - retentionDays * DAY_MS, () => this.#stopped);
    if (dropped > 0) log.info({ dropped }, 'holds of calls that are long settled were dropped');
  }

  async #responses(): Promise<void> {
    const { database, clock, log } = this.#options;
    const stopped = () => this.#stopped;
    const responses = await dropExpiredResponses(database, clock.now(), stopped);
    const dropped = responses + (await dropExpiredConversations(database, clock.now(), stopped));
    if (dropped > 0) log.info({ dropped }, 'kept answers and conversations whose time is over were dropped');
  }

  async #vacuum(): Promise<void> {
    const { pool } = this.#options;
    for (const statement of VACUUMS) await pool.query(statement, []);
  }
}

/** One statement each: VACUUM cannot share a transaction, and others may go in between. */
const VACUUMS = [
  'journal_cursor',
  'keys',
  'attempts',
  'usage_hours',
  'accounts',
  'holds',
  'transfers',
  'responses',
  'conversations',
  'conversation_items',
].map((table) => `vacuum (analyze) ${table}`);

async function walBytes(pool: SqlPool): Promise<bigint> {
  const { rows } = await pool.query(`select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::int8 as bytes`, []);
  const bytes = rows[0]?.['bytes'];
  return typeof bytes === 'bigint' ? bytes : 0n;
}
