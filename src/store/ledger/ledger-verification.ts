import { nano } from '../../kernel/amounts.ts';
import type { Balance, Verification, WrongBalance } from '../../money/ledger-books.ts';
import type { SqlClient, SqlPool } from '../pool.ts';
import { amount, type Row } from './ledger-statements.ts';

/** Each account with what open holds take of it, all of one instant, and the last transfer's number at that instant. */
const ACCOUNTS = `
with open as (
  select part.id, sum(part.nano)::int8 as nano
  from holds cross join lateral
    unnest(accounts, coalesce(counted, array_fill(amount, array[cardinality(accounts)]))) as part (id, nano)
  where state in ('held', 'kept')
  group by part.id
)
select accounts.id, budget_id, subject, window_start, settled, held, credited, coalesce(open.nano, 0)::int8 as open_nano,
  (select last_value from transfers_seq_seq) as last_seq,
  (select count(*) from holds where state in ('held', 'kept')) as open_holds
from accounts left join open on open.id = accounts.id`;

/** Some thousand transfers in the order of their ids, summed by account. The row without an account closes the page. */
const PAGE = `
with page as materialized (
  select id, contra, amount, debited, credited, counted from transfers
  where id > $1 and seq <= $2 order by id limit $3
)
select part.id as account,
  sum(case when contra in ('spend', 'adjustment') then part.nano else 0 end)::int8 as spent,
  sum(case when contra in ('funding', 'credit') then -part.nano else 0 end)::int8 as bought,
  null::text as last_id, null::int8 as transfers
from page cross join lateral (
  select moved.id, case when moved.place <= cardinality(debited) then moved.nano else -moved.nano end as nano
  from unnest(debited || credited,
    coalesce(counted, array_fill(amount, array[cardinality(debited) + cardinality(credited)])))
    with ordinality as moved (id, nano, place)
) part
group by part.id
union all
select null, null, null, max(id), count(*) from page`;

/** Ten to twenty milliseconds of the embedded engine, in which holds wait. */
const PAGE_TRANSFERS = 4_000;
const WRONG_MAX = 100;

interface Reckoned {
  spent: bigint;
  bought: bigint;
}

/**
 * Reckons every balance anew, page by page, so that holds wait for none of it
 * for long. What is booked meanwhile is left out: transfers are numbered, and
 * accounts are read once.
 *
 * @throws the signal's reason
 */
export async function verifyLedger(
  pool: SqlPool,
  { embedded, signal }: { readonly embedded: boolean; readonly signal?: AbortSignal },
): Promise<Verification> {
  const client = await pool.connect();
  try {
    // The embedded engine's one session would be nobody else's; there, each statement sees all that is committed anyway.
    if (!embedded) await client.query('begin isolation level repeatable read read only', []);
    const { rows: accounts } = await client.query(ACCOUNTS, []);
    const lastSeq = accounts[0]?.['last_seq'] ?? 0n;
    const { reckoned, transfers } = await reckon(client, lastSeq, signal);
    if (!embedded) await client.query('commit', []);
    return compare(accounts, reckoned, transfers);
  } finally {
    client.release();
  }
}

async function reckon(client: SqlClient, lastSeq: unknown, signal: AbortSignal | undefined) {
  const reckoned = new Map<string, Reckoned>();
  let transfers = 0;
  for (let after = '', more = true; more; ) {
    signal?.throwIfAborted();
    const { rows } = await client.query(PAGE, [after, lastSeq, PAGE_TRANSFERS]);
    for (const row of rows) {
      if (row['account'] === null) {
        const count = Number(row['transfers']);
        transfers += count;
        more = count === PAGE_TRANSFERS;
        after = String(row['last_id']);
        continue;
      }
      const sum = reckoned.get(String(row['account'])) ?? { spent: 0n, bought: 0n };
      sum.spent += amount(row['spent']);
      sum.bought += amount(row['bought']);
      reckoned.set(String(row['account']), sum);
    }
  }
  return { reckoned, transfers };
}

function compare(accounts: readonly Row[], reckoned: ReadonlyMap<string, Reckoned>, transfers: number): Verification {
  const wrong: WrongBalance[] = [];
  let [settled, credited, spent, bought] = [0n, 0n, 0n, 0n];
  for (const sum of reckoned.values()) {
    spent += sum.spent;
    bought += sum.bought;
  }
  for (const row of accounts) {
    const sum = reckoned.get(String(row['id'])) ?? { spent: 0n, bought: 0n };
    const stored = {
      settled: amount(row['settled']),
      held: amount(row['held']),
      credited: amount(row['credited']),
    };
    const expected = { settled: nano(sum.spent), held: amount(row['open_nano']), credited: nano(sum.bought) };
    settled += stored.settled;
    credited += stored.credited;
    if (!same(stored, expected) && wrong.length < WRONG_MAX) wrong.push(wrongBalance(row, stored, expected));
  }
  return {
    accounts: accounts.length,
    transfers,
    openHolds: Number(accounts[0]?.['open_holds'] ?? 0n),
    // On the left what accounts lost and the money that came in; on the right what accounts gained and what was spent.
    debits: nano(settled + bought),
    credits: nano(credited + spent),
    wrong,
  };
}

function same(left: Balance, right: Balance): boolean {
  return left.settled === right.settled && left.held === right.held && left.credited === right.credited;
}

function wrongBalance(row: Row, stored: Balance, reckoned: Balance): WrongBalance {
  const window = row['window_start'];
  return {
    budgetId: String(row['budget_id']),
    subject: String(row['subject']),
    windowStart: window instanceof Date ? window.getTime() : Date.parse(String(window)),
    stored,
    reckoned,
  };
}
