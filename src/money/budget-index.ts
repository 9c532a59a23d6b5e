import { hash } from 'node:crypto';
import type { AccountRef, Budget } from './budget.ts';
import { dearestRatePpm } from './budget-rates.ts';
import type { Payer } from './hold.ts';
import { Windows } from './windows.ts';

/** A name is written by whoever calls. Longer ones have their digest for a name. */
const SUBJECT_CHARS_MAX = 256;
const NONE: readonly AccountRef[] = [];
const NO_BUDGETS: readonly Budget[] = [];

type Spender = Pick<Payer, 'organisation' | 'project' | 'keyId' | 'ancestors' | 'endUser' | 'task' | 'models' | 'at'>;

/**
 * Which budgets a call spends from: those of its organisation, its project,
 * its key and each of the key's parents. It never changes: another set of
 * budgets is another index. Who has no budget costs three lookups.
 */
export class BudgetIndex {
  readonly all: readonly Budget[];
  readonly #windows: Windows;
  readonly #organisations = new Map<string, Budget[]>();
  readonly #projects = new Map<string, Budget[]>();
  readonly #keys = new Map<string, Budget[]>();

  /** @param windows shared by the indexes that follow each other */
  constructor(budgets: readonly Budget[], windows: Windows = new Windows()) {
    this.all = budgets;
    this.#windows = windows;
    for (const budget of budgets) {
      const { kind, id } = budget.scope;
      const scopes = { organisation: this.#organisations, project: this.#projects, key: this.#keys }[kind];
      const known = scopes.get(id);
      if (known === undefined) scopes.set(id, [budget]);
      else known.push(budget);
    }
  }

  byId(id: string): Budget | undefined {
    return this.all.find((budget) => budget.id === id);
  }

  /** Every window of every budget that a call spends from; empty for one that no budget is set for. */
  accountsOf(spender: Spender): readonly AccountRef[] {
    if (this.all.length === 0) return NONE;
    let accounts: AccountRef[] | undefined;
    const add = (budgets: readonly Budget[] | undefined) => {
      if (budgets === undefined) return;
      accounts ??= [];
      for (const budget of budgets) accounts.push(this.#account(budget, spender));
    };
    add(this.#organisations.get(spender.organisation));
    add(this.#projects.get(spender.project));
    if (this.#keys.size === 0) return accounts ?? NONE;
    add(this.#keys.get(spender.keyId));
    for (const parent of spender.ancestors ?? []) add(this.#keys.get(parent));
    return accounts ?? NONE;
  }

  /** The budgets of one scope, without those of what it is part of. */
  of({ kind, id }: Budget['scope']): readonly Budget[] {
    const scopes = { organisation: this.#organisations, project: this.#projects, key: this.#keys }[kind];
    return scopes.get(id) ?? NO_BUDGETS;
  }

  #account(budget: Budget, spender: Spender): AccountRef {
    const account = this.#windows.accountOf(budget, subjectOf(budget, spender), spender.at);
    if (budget.rates === undefined) return account;
    return { ...account, ratePpm: dearestRatePpm(budget, spender.models) };
  }
}

/** Calls that name nobody share one account, so that leaving the name out is no way around a cap for each. */
function subjectOf({ each }: Budget, { endUser, task }: Spender): string {
  if (each === undefined) return '';
  const name = (each === 'end_user' ? endUser : task) ?? '';
  return name.length > SUBJECT_CHARS_MAX || name.includes('\0') ? digestOf(name) : name;
}

/** Postgres takes no U+0000, and an index no key of kilobytes; whoever sends such a name has one account for it all the same. */
function digestOf(name: string): string {
  return `sha256:${hash('sha256', name, 'hex')}`;
}
