import type { Config, LoadedConfig } from '../config/config.ts';
import { nano } from '../kernel/amounts.ts';
import { type Clock, sleep } from '../kernel/clock.ts';
import { GatewayError } from '../kernel/errors.ts';
import type { Budget } from '../money/budget.ts';
import { BudgetIndex } from '../money/budget-index.ts';
import { Cashier } from '../money/cashier.ts';
import type { HoldTaker, Payer } from '../money/hold.ts';
import type { Settlement } from '../money/ledger.ts';
import { Windows } from '../money/windows.ts';
import type { Log } from '../observability/log.ts';
import { callById } from '../store/attempt-queries.ts';
import { listBudgets, saveDeclaredBudgets } from '../store/ledger/budget-queries.ts';
import type { GroupedLedger } from '../store/ledger/grouped-ledger.ts';
import { openLedger } from '../store/ledger/open-ledger.ts';
import type { Store } from '../store/store.ts';
import { HoldRecovery, holderOf } from './hold-recovery.ts';

const RETRY_MS = 1_000;
const PAGE = 1_000;

export interface TreasuryParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly startedAt: number;
  readonly tenant: { readonly organisation: string };
  readonly loaded: LoadedConfig;
  /** Hears of each settlement. */
  onSettled?(settlement: Settlement, payer: Payer): void;
}

/**
 * What stands between a call and its money: which budgets are in force, the
 * ledger that counts them, and the recovery of what an earlier run had set
 * aside.
 */
export class Treasury implements HoldTaker {
  readonly ledger: GroupedLedger;
  readonly #parts: TreasuryParts;
  readonly #cashier: Cashier;
  readonly #recovery: HoldRecovery;
  readonly #windows = new Windows();
  readonly #stopping = new AbortController();
  #loaded: LoadedConfig;
  #index: BudgetIndex | undefined;
  #loading: Promise<void> = Promise.resolve();

  constructor(parts: TreasuryParts) {
    const { store, clock, log, startedAt } = parts;
    this.#parts = parts;
    this.#loaded = parts.loaded;
    const holder = holderOf(store.journal.name, startedAt);
    this.ledger = openLedger(store, { holder, clock, log });
    this.#cashier = new Cashier({
      ledger: this.ledger,
      clock,
      accountsOf: (payer) => this.#known().accountsOf(payer),
      policy: () => this.#loaded.config.money.charge,
      onSettled: (settlement, payer) => parts.onSettled?.(settlement, payer),
      onTrouble: (err, what) => log.warn({ err }, what),
    });
    this.#recovery = new HoldRecovery({
      ledger: this.ledger,
      clock,
      log,
      journal: store.journal.name,
      holder,
      replayed: () => store.journal.flush(),
      callById: (callId) => callById(store.database, callId),
    });
  }

  get policy(): HoldTaker['policy'] {
    return this.#cashier.policy;
  }

  purseOf(payer: Payer): ReturnType<HoldTaker['purseOf']> {
    return this.#cashier.purseOf(payer);
  }

  /** The budgets in force. @throws `budget_unavailable` until they have been read once */
  get budgets(): BudgetIndex {
    return this.#known();
  }

  /** Reads the budgets, which a start waits for, and begins to resolve what earlier runs left; both go on until the store answers. */
  async start(): Promise<void> {
    try {
      await this.refresh();
    } catch (err) {
      this.#parts.log.warn({ err }, 'the budgets could not be read yet: nobody may spend until they are');
      this.#refreshLater();
    }
    this.#recovery.start();
  }

  /** Reads the budgets anew, after one was changed. @throws what the store answers; then the old ones stay in force */
  refresh(): Promise<void> {
    this.#loading = this.#loading.catch(() => undefined).then(() => this.#read());
    return this.#loading;
  }

  /** Budgets of another configuration count once they are in the store, a moment later. */
  reloaded(loaded: LoadedConfig): void {
    this.#loaded = loaded;
    this.refresh().catch((err: unknown) => {
      this.#parts.log.warn({ err }, 'the budgets of the new configuration are not in force yet');
      this.#refreshLater();
    });
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    this.#cashier.close();
    await this.#recovery.stop();
    await this.#loading.catch(() => undefined);
    await this.ledger.stop();
  }

  #known(): BudgetIndex {
    if (this.#index !== undefined) return this.#index;
    throw new GatewayError('budget_unavailable', {
      message: 'The budgets could not be read yet, because the store does not answer. Try again in a moment.',
      retryAfterMs: 1_000,
    });
  }

  async #read(): Promise<void> {
    const { store, clock, tenant } = this.#parts;
    const declared = declaredBudgets(this.#loaded, tenant.organisation);
    await saveDeclaredBudgets(store.database, declared, { at: clock.now(), by: this.#loaded.path ?? 'configuration' });
    this.#index = new BudgetIndex(await this.#all(), this.#windows);
  }

  async #all(): Promise<Budget[]> {
    const all: Budget[] = [];
    for (let afterId: string | undefined; ; ) {
      const page = await listBudgets(this.#parts.store.database, {
        limit: PAGE,
        ...(afterId === undefined ? {} : { afterId }),
      });
      all.push(...page.map(({ budget }) => budget));
      afterId = page.at(-1)?.budget.id;
      if (page.length < PAGE) return all;
    }
  }

  #refreshLater(): void {
    sleep(this.#parts.clock, RETRY_MS, this.#stopping.signal)
      .then(() => this.refresh())
      .catch((err: unknown) => {
        if (this.#stopping.signal.aborted) return;
        this.#parts.log.debug({ err }, 'the budgets could still not be read');
        this.#refreshLater();
      });
  }
}

/** The budgets of a configuration, as the ledger knows them. */
export function declaredBudgets({ config, path }: LoadedConfig, organisation: string): Budget[] {
  return [...config.budgets.values()].map((budget) => ({
    id: `file.${budget.name}`,
    organisation,
    scope: scopeOf(budget.scope, organisation),
    ...(budget.each === undefined ? {} : { each: budget.each }),
    period: budget.period,
    timeZone: budget.timeZone,
    ...(budget.hardNanoUsd === undefined ? {} : { hard: nano(budget.hardNanoUsd) }),
    ...(budget.softNanoUsd === undefined ? {} : { soft: nano(budget.softNanoUsd) }),
    credit: budget.credit,
    ...(budget.rates === undefined ? {} : { rates: budget.rates }),
    declaredIn: path ?? 'leeward.yaml',
  }));
}

type BudgetConfig = Config['budgets'] extends ReadonlyMap<string, infer Each> ? Each : never;

function scopeOf(scope: BudgetConfig['scope'], organisation: string): Budget['scope'] {
  return scope.kind === 'organisation'
    ? { kind: 'organisation', id: organisation }
    : { kind: scope.kind, id: scope.id };
}
