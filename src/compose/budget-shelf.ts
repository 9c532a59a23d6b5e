import type { BudgetShelf } from '../money/budgets.ts';
import type { Database } from '../store/database.ts';
import { listBudgets, retireBudget, saveBudget, saveDeclaredBudgets } from '../store/ledger/budget-queries.ts';

/** The budgets' view of the store. */
export function budgetShelf(database: Database): BudgetShelf {
  return {
    list: (page) => listBudgets(database, page),
    save: (change) => saveBudget(database, change),
    saveDeclared: (budgets, change) => saveDeclaredBudgets(database, budgets, change),
    retire: (id, at) => retireBudget(database, id, at),
  };
}
