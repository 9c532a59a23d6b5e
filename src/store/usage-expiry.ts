import type { SqlPool } from './pool.ts';

/** One statement each: what one of them meets leaves the others alone. All go by the instant alone, in whole hours. */
const DROPS = [
  // By kind, because the hours' index begins with it.
  "delete from usage_hours where kind in ('all', 'end_user', 'task', 'tag') and hour < $1",
  'delete from task_costs where at < $1',
  'delete from task_outcomes where at < $1',
  'delete from corrections where at < $1',
] as const;

/**
 * Drops usage, and what was told of tasks, that is older than its retention.
 *
 * @param before milliseconds since the epoch
 * @returns how many rows it dropped
 */
export async function dropExpiredUsage(pool: SqlPool, before: number): Promise<number> {
  let dropped = 0;
  for (const statement of DROPS) dropped += (await pool.query(statement, [new Date(before)])).rowCount ?? 0;
  return dropped;
}
