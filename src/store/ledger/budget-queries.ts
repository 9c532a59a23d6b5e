import type { Selectable } from 'kysely';
import { nano } from '../../kernel/amounts.ts';
import type { Budget, BudgetScope } from '../../money/budget.ts';
import type { StoredBudget } from '../../money/ledger-books.ts';
import type { Database } from '../database.ts';
import type { BudgetsTable } from '../ledger-tables.ts';

export interface BudgetChange {
  readonly budget: Budget;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly by: string;
}

/**
 * Makes the budget, or changes the one with its id; one that was retired counts
 * again. What was spent stays on the windows that it was spent in. A lowered cap
 * refuses new holds and takes nothing back.
 *
 * @returns whether it was made
 */
export async function saveBudget(database: Database, { budget, at, by }: BudgetChange): Promise<boolean> {
  const row = rowOf(budget);
  const { id, source, ...changing } = row;
  const now = new Date(at);
  const inserted = await database
    .insertInto('budgets')
    .values({ ...row, created_at: now, created_by: by, changed_at: now, retired_at: null })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst();
  if (inserted.numInsertedOrUpdatedRows === 1n) return true;
  await database
    .updateTable('budgets')
    .set({ ...changing, changed_at: now, retired_at: null })
    .where('id', '=', id)
    .execute();
  return false;
}

/**
 * Brings the budgets of the configuration file into the store, in one
 * transaction: those that the file no longer declares are retired, with their
 * history.
 */
export async function saveDeclaredBudgets(
  database: Database,
  budgets: readonly Budget[],
  { at, by }: Omit<BudgetChange, 'budget'>,
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    for (const budget of budgets) await saveBudget(transaction, { budget, at, by });
    const declared = budgets.map(({ id }) => id);
    let gone = transaction
      .updateTable('budgets')
      .set({ retired_at: new Date(at), changed_at: new Date(at) })
      .where('source', '=', 'file')
      .where('retired_at', 'is', null);
    if (declared.length > 0) gone = gone.where('id', 'not in', declared);
    await gone.execute();
  });
}

/** No call counts on it from now on. @returns false when there is none, or it was retired before */
export async function retireBudget(database: Database, id: string, at: number): Promise<boolean> {
  const result = await database
    .updateTable('budgets')
    .set({ retired_at: new Date(at), changed_at: new Date(at) })
    .where('id', '=', id)
    .where('retired_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export interface BudgetQuestion {
  readonly organisation?: string;
  readonly scope?: { readonly kind: BudgetScope; readonly id: string };
  readonly retiredToo?: boolean;
  /** Only budgets after this one, in the order of ids. */
  readonly afterId?: string;
  readonly limit: number;
}

/** Budgets in the order of their ids. */
export async function listBudgets(database: Database, question: BudgetQuestion): Promise<StoredBudget[]> {
  const { organisation, scope, retiredToo = false, afterId, limit } = question;
  let query = database.selectFrom('budgets').selectAll().orderBy('id').limit(limit);
  if (organisation !== undefined) query = query.where('organisation', '=', organisation);
  if (scope !== undefined) query = query.where('scope_kind', '=', scope.kind).where('scope_id', '=', scope.id);
  if (!retiredToo) query = query.where('retired_at', 'is', null);
  if (afterId !== undefined) query = query.where('id', '>', afterId);
  return (await query.execute()).map(storedBudget);
}

export async function budgetById(database: Database, id: string): Promise<StoredBudget | undefined> {
  const row = await database.selectFrom('budgets').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : storedBudget(row);
}

function rowOf(budget: Budget) {
  const rates = budget.rates?.map(({ models, ratePpm }) => ({ models, ppm: String(ratePpm) }));
  return {
    id: budget.id,
    organisation: budget.organisation,
    scope_kind: budget.scope.kind,
    scope_id: budget.scope.id,
    each: budget.each ?? null,
    period: budget.period,
    time_zone: budget.timeZone,
    hard_nano: budget.hard ?? null,
    soft_nano: budget.soft ?? null,
    credit: budget.credit,
    rates: rates === undefined ? null : JSON.stringify(rates),
    source: budget.declaredIn === undefined ? ('database' as const) : ('file' as const),
    declared_in: budget.declaredIn ?? null,
  };
}

function storedBudget(row: Selectable<BudgetsTable>): StoredBudget {
  const { rates } = row;
  return {
    budget: {
      id: row.id,
      organisation: row.organisation,
      scope: { kind: row.scope_kind, id: row.scope_id },
      ...(row.each === null ? {} : { each: row.each }),
      period: row.period,
      timeZone: row.time_zone,
      ...(row.hard_nano === null ? {} : { hard: nano(row.hard_nano) }),
      ...(row.soft_nano === null ? {} : { soft: nano(row.soft_nano) }),
      credit: row.credit,
      ...(rates === null ? {} : { rates: rates.map(({ models, ppm }) => ({ models, ratePpm: BigInt(ppm) })) }),
      ...(row.declared_in === null ? {} : { declaredIn: row.declared_in }),
    },
    createdAt: row.created_at.getTime(),
    createdBy: row.created_by,
    changedAt: row.changed_at.getTime(),
    ...(row.retired_at === null ? {} : { retiredAt: row.retired_at.getTime() }),
  };
}
