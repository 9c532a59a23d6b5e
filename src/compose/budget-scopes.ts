import type { DeclaredKeys } from '../access/declared-keys.ts';
import type { ListedModel } from '../edge/http/listed-models.ts';
import type { NanoUsd } from '../kernel/amounts.ts';
import type { Budget } from '../money/budget.ts';
import type { Allowance } from '../protocol/allowance.ts';
import type { Database } from '../store/database.ts';
import { keyById, organisationOf, parentsOf } from '../store/key-queries.ts';
import { cheapestCall } from './cheapest-call.ts';

export interface BudgetScopesParts {
  readonly tenant: { readonly organisation: string };
  readonly database: Database;
  /** Those that the configuration in force declares. */
  keys(): DeclaredKeys;
  models(): Iterable<ListedModel>;
}

/** What budgets want to know of that which they are set for. */
export interface BudgetScopes {
  /** Whose it is; `undefined` when there is no such project or key. */
  organisationOf(scope: Budget['scope']): Promise<string | undefined>;
  /** The least that a call in it can cost, as far as prices are known. `rule`: of a key that is not in the store yet. */
  cheapestCall(scope: Budget['scope'], rule?: Allowance): Promise<NanoUsd | undefined>;
}

export function budgetScopes({ tenant, database, keys, models }: BudgetScopesParts): BudgetScopes {
  return {
    async organisationOf({ kind, id }) {
      if (kind === 'organisation') return id === tenant.organisation ? id : undefined;
      if (kind === 'project') return organisationOf(database, id);
      return (keys().byId(id) ?? (await keyById(database, id)))?.organisation;
    },
    async cheapestCall({ kind, id }, rule) {
      const rules = kind === 'key' ? await rulesOf(id, keys(), database) : [];
      return cheapestCall(models(), rule === undefined ? rules : [...rules, rule]);
    },
  };
}

/** The rules of a key and of all its parents. */
async function rulesOf(id: string, keys: DeclaredKeys, database: Database): Promise<readonly Allowance[]> {
  const declared = keys.byId(id);
  if (declared !== undefined) return declared.allowances ?? [];
  const key = await keyById(database, id);
  if (key === undefined) return [];
  const levels = [key, ...(key.parentKeyId === undefined ? [] : await parentsOf(database, id))];
  return levels.flatMap(({ allow }) => (allow === undefined ? [] : [allow]));
}
