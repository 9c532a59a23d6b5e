import { sql } from 'kysely';
import type { Database } from './database.ts';

const DAY_MS = 86_400_000;
const DAYS_BEHIND = 1;
const DAYS_AHEAD = 3;

/** Two processes on one server must not make the same partition at once. */
const LOCK = 7_305_612_915;

/**
 * Makes the partitions of `attempts` from yesterday to three days ahead, UTC.
 * An attempt outside of them is not lost: the default partition takes it, and a
 * later call moves it.
 *
 * @param nowMs milliseconds since the epoch
 * @returns how many it made
 */
export async function ensurePartitions(database: Database, nowMs: number): Promise<number> {
  const days = Array.from({ length: DAYS_BEHIND + 1 + DAYS_AHEAD }, (_, index) =>
    day(nowMs + (index - DAYS_BEHIND) * DAY_MS),
  );
  return database.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(transaction);
    const { rows } = await sql<{ made: boolean }>`
      select make_attempts_partition(day) as made from unnest(${days}::date[]) as day order by day
    `.execute(transaction);
    return rows.filter((row) => row.made).length;
  });
}

/**
 * Drops attempts of days that ended more than `retentionDays` ago.
 *
 * @param nowMs milliseconds since the epoch
 * @returns how many partitions it dropped
 */
export async function dropExpired(database: Database, nowMs: number, retentionDays: number): Promise<number> {
  const firstKept = day(nowMs - retentionDays * DAY_MS);
  return database.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(transaction);
    const { rows } = await sql<{ dropped: number }>`
      select drop_attempts_partitions(${firstKept}::date) as dropped
    `.execute(transaction);
    return rows[0]?.dropped ?? 0;
  });
}

function day(instantMs: number): string {
  return new Date(instantMs).toISOString().slice(0, 10);
}
