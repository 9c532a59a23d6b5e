import { COUNT_ALL_ATTEMPTS } from '../migrations/0003-usage.ts';
import type { SqlPool } from '../pool.ts';

type Row = Readonly<Record<string, unknown>>;

const HOURS = 'select * from usage_hours where reported_nano_usd is null order by kind, hour, id';

/** The hours as they were summed up while attempts ended. */
export async function summedHours(pool: SqlPool): Promise<readonly Row[]> {
  return (await pool.query(HOURS, [])).rows;
}

/** The hours as the attempts themselves say, counted all at once. Nothing is changed. */
export async function recountedHours(pool: SqlPool): Promise<readonly Row[]> {
  const client = await pool.connect();
  try {
    await client.query('begin', []);
    await client.query('delete from usage_hours', []);
    await client.query(COUNT_ALL_ATTEMPTS, []);
    const { rows } = await client.query(HOURS, []);
    await client.query('rollback', []);
    return rows;
  } finally {
    client.release();
  }
}
