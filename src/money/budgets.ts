import { hash } from 'node:crypto';
import type { NanoUsd } from '../kernel/amounts.ts';
import { type Clock, sleep, type Timer } from '../kernel/clock.ts';
import { errorMessage, GatewayError } from '../kernel/errors.ts';
import type { Allowance } from '../protocol/allowance.ts';
import type { AccountRef, Budget } from './budget.ts';
import { BudgetIndex } from './budget-index.ts';
import { type BudgetRequest, checkBudget } from './budget-request.ts';
import type { Payer } from './hold.ts';
import type { StoredBudget } from './ledger-books.ts';
import { Windows } from './windows.ts';

/** Budgets as the store keeps them. */
export interface BudgetShelf {
  /** Those in force, in the order of their ids. */
  list(page: { readonly afterId?: string; readonly limit: number }): Promise<readonly StoredBudget[]>;
  /** @returns whether it was made; otherwise it was changed */
  save(change: { readonly budget: Budget; readonly at: number; readonly by: string }): Promise<boolean>;
  /** Those of the configuration file, all of them: what is not among them is retired. */
  saveDeclared(budgets: readonly Budget[], change: { readonly at: number; readonly by: string }): Promise<void>;
  /** @returns false when there is none in force */
  retire(id: string, at: number): Promise<boolean>;
}

export interface BudgetsParts {
  readonly shelf: BudgetShelf;
  readonly clock: Clock;
  /** Whose a scope is; `undefined` when there is no such project or key. */
  organisationOf(scope: Budget['scope']): Promise<string | undefined>;
  /** The least that a call in a scope can cost, as far as prices are known. `rule`: of a key that is not in the store yet. */
  cheapestCall(scope: Budget['scope'], rule?: Allowance): Promise<NanoUsd | undefined>;
  /** Other processes write to the store too: their changes are looked for this often. Absent: there are none. */
  readonly refreshMs?: number;
  /** Takes the declared ones as the store has them, where nobody reads a configuration. */
  readonly declaredInStore?: boolean;
  /** Hears what keeps budgets from the store, or from being read; it is tried again. */
  onTrouble(error: unknown, what: string): void;
}

const PAGE = 1_000;
/** More than one process can keep an index of, and more than anybody has. */
const BUDGETS_MAX = 100_000;
const RETRY_MS = 1_000;
const UNREAD = 'the budgets could not be read: calls are refused until they are';
const STALE = 'the budgets could not be read again: those that are known stay in force';

/** A budget that is in force. */
export type BudgetInForce = Omit<StoredBudget, 'retiredAt'>;

/**
 * All budgets in force: those of the store, and those that the configuration
 * declares, which it alone changes. A change counts for every call that begins
 * after it.
 *
 * Until the store has been read once, nobody can say who has a cap: calls are
 * refused with `budget_unavailable` rather than served without one.
 */
export class Budgets {
  readonly #parts: BudgetsParts;
  readonly #windows = new Windows();
  #stored: ReadonlyMap<string, BudgetInForce> | undefined;
  #declared: ReadonlyMap<string, BudgetInForce> = new Map();
  #index = new BudgetIndex([], this.#windows);
  #hasCredit = false;
  #away = false;
  /** The declared ones are on their way to the store; their accounts cannot be held on before. */
  #declaring: Promise<void> | undefined;
  #wanted: { readonly budgets: readonly Budget[]; readonly by: string } | undefined;
  #timer: Timer | undefined;
  readonly #closing = new AbortController();
  #reads = 0;
  #newestRead = 0;

  constructor(parts: BudgetsParts) {
    this.#parts = parts;
  }

  /** @throws `budget_unavailable` while it is not known who has a budget */
  accountsOf(payer: Payer): readonly AccountRef[] {
    if (this.#stored === undefined) throw unknownYet();
    return this.#index.accountsOf(payer);
  }

  /** Resolves once what the configuration declares is in the store; at once, as a rule. */
  get declaring(): Promise<void> | undefined {
    return this.#declaring;
  }

  /** The account of a budget in its window of an instant. */
  accountAt(budget: Budget, subject: string, at: number): AccountRef {
    return this.#windows.accountOf(budget, subject, at);
  }

  /** The accounts of prepaid credit that a payer spends from; none until the store has been read. */
  creditOf(payer: Payer): readonly AccountRef[] {
    return this.#hasCredit ? this.#index.accountsOf(payer).filter(({ budget }) => budget.credit) : [];
  }

  /** In the order of their ids. */
  list(): readonly BudgetInForce[] {
    const all = [...(this.#stored ?? new Map()).values(), ...this.#declared.values()];
    return all.sort((one, other) => (one.budget.id < other.budget.id ? -1 : 1));
  }

  byId(id: string): BudgetInForce | undefined {
    return this.#declared.get(id) ?? this.#stored?.get(id);
  }

  /** Reads the store's budgets. When that fails, it is tried again in the background. */
  async load(): Promise<void> {
    try {
      await this.#read();
    } catch (error) {
      // Once for each time that it goes away, not for each time that it is still away.
      if (!this.#away) this.#parts.onTrouble(error, this.#stored === undefined ? UNREAD : STALE);
      this.#away = true;
      this.#again(RETRY_MS);
      return;
    }
    this.#away = false;
    if (this.#parts.refreshMs !== undefined) this.#again(this.#parts.refreshMs);
  }

  /** Puts what a configuration declares in force, in memory at once and in the store as soon as that answers. */
  declare(budgets: readonly Budget[], by: string): void {
    const at = this.#parts.clock.now();
    this.#declared = new Map(
      budgets.map((budget) => {
        const known = this.#declared.get(budget.id);
        return [budget.id, { budget, createdAt: known?.createdAt ?? at, createdBy: by, changedAt: at }];
      }),
    );
    this.#reindex();
    this.#wanted = { budgets, by };
    this.#declaring ??= this.#saveDeclared().finally(() => {
      this.#declaring = undefined;
    });
  }

  /**
   * Sets a budget: that of the same scope, subject and period is changed, otherwise one is made.
   *
   * @param rule of a key that is being made and that nobody can look up yet
   * @throws `invalid_request` for limits that cannot be, `not_found` for a scope that is not there
   */
  async set(
    request: BudgetRequest,
    rule?: Allowance,
  ): Promise<{ readonly entry: BudgetInForce; readonly created: boolean }> {
    const { organisationOf, cheapestCall, shelf, clock } = this.#parts;
    const organisation = request.organisation ?? (await organisationOf(request.scope));
    if (organisation === undefined) throw unknownScope(request.scope);
    checkBudget(request, await cheapestCall(request.scope, rule));
    const { by, organisation: _, ...limits } = request;
    const budget: Budget = { ...limits, organisation, id: idOf(organisation, request) };
    if (!this.#declared.has(budget.id) && this.list().length >= BUDGETS_MAX) throw tooMany();
    const created = await shelf.save({ budget, at: clock.now(), by });
    await this.#read();
    const entry = this.byId(budget.id);
    if (entry === undefined)
      throw new GatewayError('internal', { message: 'The budget was removed at the same time.' });
    return { entry, created };
  }

  /**
   * From now on nothing counts on a budget any more; its history stays.
   *
   * @throws `not_found`; `forbidden` for one that the configuration declares
   */
  async remove(id: string): Promise<BudgetInForce> {
    const { shelf, clock } = this.#parts;
    const declared = this.#declared.get(id)?.budget;
    if (declared !== undefined) {
      throw new GatewayError('forbidden', {
        message: `The budget ${id} cannot be removed here: ${declared.declaredIn} declares it. Remove it from that file.`,
      });
    }
    const entry = this.#stored?.get(id);
    if (entry === undefined || !(await shelf.retire(id, clock.now()))) throw unknownBudget(id);
    await this.#read();
    return entry;
  }

  close(): void {
    this.#closing.abort();
    this.#timer?.cancel();
  }

  /** A reading that began before another one ended may be older than what that one found: the later began wins. */
  async #read(): Promise<void> {
    const place = ++this.#reads;
    const stored = new Map<string, BudgetInForce>();
    const declared = new Map<string, BudgetInForce>();
    let afterId: string | undefined;
    for (;;) {
      const page = await this.#parts.shelf.list({ limit: PAGE, ...(afterId === undefined ? {} : { afterId }) });
      for (const entry of page) {
        (entry.budget.declaredIn === undefined ? stored : declared).set(entry.budget.id, entry);
      }
      afterId = page.at(-1)?.budget.id;
      if (page.length < PAGE) break;
    }
    if (place < this.#newestRead) return;
    this.#newestRead = place;
    this.#stored = stored;
    if (this.#parts.declaredInStore === true) this.#declared = declared;
    this.#reindex();
  }

  #reindex(): void {
    const entries = [...(this.#stored?.values() ?? []), ...this.#declared.values()];
    this.#hasCredit = entries.some(({ budget }) => budget.credit);
    this.#index = new BudgetIndex(
      entries.map(({ budget }) => budget),
      this.#windows,
    );
  }

  #again(afterMs: number): void {
    if (this.#closing.signal.aborted) return;
    this.#timer = this.#parts.clock.after(afterMs, () => void this.load());
  }

  /** Saves the latest that was declared, and again when that changed meanwhile. */
  async #saveDeclared(): Promise<void> {
    const { shelf, clock, onTrouble } = this.#parts;
    const { signal } = this.#closing;
    while (this.#wanted !== undefined && !signal.aborted) {
      const { budgets, by } = this.#wanted;
      this.#wanted = undefined;
      try {
        await shelf.saveDeclared(budgets, { at: clock.now(), by });
      } catch (error) {
        onTrouble(error, `the declared budgets are not in the store yet: ${errorMessage(error)}`);
        this.#wanted ??= { budgets, by };
        // Being closed is no error: the loop sees it.
        await sleep(clock, RETRY_MS, signal).catch(() => undefined);
      }
    }
  }
}

/** The same for the same scope, subject and period: who sets a budget twice has one, in every process. */
function idOf(organisation: string, { scope, each, period, credit }: BudgetRequest): string {
  const facts = JSON.stringify([organisation, scope.kind, scope.id, each ?? null, period, credit]);
  return `bud_${hash('sha256', facts, 'hex').slice(0, 24)}`;
}

function unknownYet(): GatewayError {
  return new GatewayError('budget_unavailable', {
    message:
      'The budgets could not be read yet, so that nobody can say whether this key has a cap. Try again in a moment.',
    retryAfterMs: RETRY_MS,
  });
}

function unknownScope({ kind, id }: Budget['scope']): GatewayError {
  return new GatewayError('not_found', { message: `There is no ${kind} ${id.slice(0, 64)}.`, param: 'scope' });
}

function unknownBudget(id: string): GatewayError {
  return new GatewayError('not_found', {
    message: `There is no budget ${id.slice(0, 64)}. GET /admin/budgets lists them.`,
  });
}

function tooMany(): GatewayError {
  return new GatewayError('invalid_request', {
    message: `There are ${BUDGETS_MAX} budgets already. Remove some first.`,
  });
}
