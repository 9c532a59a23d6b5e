import { nano } from '../../src/kernel/amounts.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import type { AccountRef, Budget } from '../../src/money/budget.ts';
import { Windows } from '../../src/money/windows.ts';
import { saveBudget } from '../../src/store/ledger/budget-queries.ts';
import type { Store } from '../../src/store/store.ts';

const KEYS = 50;
const SUB_KEYS = 200;
/** More than a run can spend: what is measured is a hold that is granted. */
const CAP = nano(10n ** 15n);

/** Four levels, capped each, as a call of a sub-key has them: one organisation and one project for everybody. */
export class HoldLevels {
  readonly #windows = new Windows();
  readonly #organisation: Budget;
  readonly #project: Budget;
  readonly #keys: readonly Budget[];
  readonly #subKeys: readonly Budget[];

  private constructor(organisation: Budget, project: Budget, keys: readonly Budget[], subKeys: readonly Budget[]) {
    this.#organisation = organisation;
    this.#project = project;
    this.#keys = keys;
    this.#subKeys = subKeys;
  }

  static async make(store: Store): Promise<HoldLevels> {
    const make = async (id: string, kind: Budget['scope']['kind'], period: Budget['period']) => {
      const budget: Budget = {
        id,
        organisation: 'org_bench',
        scope: { kind, id },
        period,
        timeZone: 'Europe/Berlin',
        hard: CAP,
        credit: false,
      };
      await saveBudget(store.database, { budget, at: systemClock.now(), by: 'the benchmark' });
      return budget;
    };
    const many = (count: number, prefix: string, period: Budget['period']) =>
      Promise.all(Array.from({ length: count }, (_, index) => make(`${prefix}_${index}`, 'key', period)));
    return new HoldLevels(
      await make('org', 'organisation', 'month'),
      await make('proj', 'project', 'month'),
      await many(KEYS, 'key', 'month'),
      await many(SUB_KEYS, 'sub', 'day'),
    );
  }

  /** The accounts of the sub-key that makes the given call. */
  accountsOf(call: number, at: number): AccountRef[] {
    const budgets = [this.#organisation, this.#project, this.#keys[call % KEYS], this.#subKeys[call % SUB_KEYS]];
    return budgets.flatMap((budget) => (budget === undefined ? [] : this.#windows.accountOf(budget, '', at)));
  }
}
