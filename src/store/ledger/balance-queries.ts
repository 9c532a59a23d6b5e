import { type Selectable, sql } from 'kysely';
import { nano } from '../../kernel/amounts.ts';
import type { AccountRef } from '../../money/budget.ts';
import type { AccountBalance, Balance, BalanceQuestion } from '../../money/ledger-books.ts';
import type { Database } from '../database.ts';
import type { AccountsTable } from '../ledger-tables.ts';

export async function balanceOf(database: Database, account: AccountRef): Promise<Balance | undefined> {
  const row = await database
    .selectFrom('accounts')
    .select(['settled', 'held', 'credited'])
    .where('budget_id', '=', account.budget.id)
    .where('subject', '=', account.subject)
    .where('window_start', '=', new Date(account.windowStart))
    .executeTakeFirst();
  return row === undefined ? undefined : balance(row);
}

/** The latest windows first, and in a window by subject. */
export async function balancesOf(database: Database, question: BalanceQuestion): Promise<AccountBalance[]> {
  const { budgetId, subject, windowStart, after, limit } = question;
  let query = database
    .selectFrom('accounts')
    .selectAll()
    .where('budget_id', '=', budgetId)
    .orderBy('window_start', 'desc')
    .orderBy('subject')
    .limit(limit);
  if (subject !== undefined) query = query.where('subject', '=', subject);
  if (windowStart !== undefined) query = query.where('window_start', '=', new Date(windowStart));
  if (after !== undefined) {
    const last = new Date(after.windowStart);
    query = query
      .where('window_start', '<=', last)
      .where(sql<boolean>`(window_start < ${last} or subject > ${after.subject})`);
  }
  return (await query.execute()).map((row) => ({
    ...balance(row),
    budgetId: row.budget_id,
    subject: row.subject,
    windowStart: row.window_start.getTime(),
    ...(row.window_end === null ? {} : { windowEnd: row.window_end.getTime() }),
  }));
}

function balance(row: Pick<Selectable<AccountsTable>, 'settled' | 'held' | 'credited'>): Balance {
  return { settled: nano(row.settled), held: nano(row.held), credited: nano(row.credited) };
}
