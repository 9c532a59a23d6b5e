import { idFloor } from '../kernel/ids.ts';
import type { SqlPool } from './pool.ts';

/** Short enough that a hold which has to be taken meanwhile does not notice. */
const HOLDS_AT_ONCE = 2_000;

const DROP = `
with old as materialized (
  select id, state from holds where id > $1 and id < $2 order by id limit $3
), gone as (
  delete from holds using old where holds.id = old.id and old.state in ('settled', 'released') returning 1
)
select max(id) as last_id, count(*) as looked, (select count(*) from gone) as dropped from old`;

/**
 * Drops holds of calls that began before an instant and are settled. Nobody
 * asks for them any more: what they were charged stands in the transfers. Open
 * ones stay, however old.
 *
 * @param beforeMs milliseconds since the epoch
 * @param stopped asked between pieces
 * @returns how many it dropped
 */
export async function dropResolvedHolds(pool: SqlPool, beforeMs: number, stopped: () => boolean): Promise<number> {
  let dropped = 0;
  for (let after = '', more = true; more && !stopped(); ) {
    const { rows } = await pool.query(DROP, [after, idFloor('call', beforeMs), HOLDS_AT_ONCE]);
    const row = rows[0];
    dropped += Number(row?.['dropped']);
    after = String(row?.['last_id']);
    more = Number(row?.['looked']) === HOLDS_AT_ONCE;
  }
  return dropped;
}
