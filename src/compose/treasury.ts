import type { LoadedConfig } from '../config/config.ts';
import { type Clock, sleep } from '../kernel/clock.ts';
import { Budgets } from '../money/budgets.ts';
import { Cashier } from '../money/cashier.ts';
import type { HoldTaker, Payer } from '../money/hold.ts';
import type { HoldOrder, HoldVerdict, Settlement } from '../money/ledger.ts';
import type { Log } from '../observability/log.ts';
import { callById } from '../store/attempt-queries.ts';
import type { GroupedLedger } from '../store/ledger/grouped-ledger.ts';
import { openLedger } from '../store/ledger/open-ledger.ts';
import type { Store } from '../store/store.ts';
import type { BudgetScopes } from './budget-scopes.ts';
import { budgetShelf } from './budget-shelf.ts';
import { declaredBudgets } from './declared-budgets.ts';
import { HoldRecovery, holderOf } from './hold-recovery.ts';

/** How long a budget that another process set on the same server may go unseen. */
const REFRESH_MS = 2_000;
/** How long a hold waits for budgets of a configuration that has just come into force. */
const DECLARING_MS_MAX = 1_000;

export interface TreasuryParts extends BudgetScopes {
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
  /** Those in force. */
  readonly budgets: Budgets;
  readonly #parts: TreasuryParts;
  readonly #cashier: Cashier;
  readonly #recovery: HoldRecovery;
  #loaded: LoadedConfig;

  constructor(parts: TreasuryParts) {
    const { store, clock, log, startedAt } = parts;
    this.#parts = parts;
    this.#loaded = parts.loaded;
    const holder = holderOf(store.journal.name, startedAt);
    this.ledger = openLedger(store, { holder, clock, log });
    this.budgets = new Budgets({
      shelf: budgetShelf(store.database),
      clock,
      organisationOf: (scope) => parts.organisationOf(scope),
      cheapestCall: (scope) => parts.cheapestCall(scope),
      ...(store.kind === 'server' ? { refreshMs: REFRESH_MS } : {}),
      onTrouble: (err, what) => log.warn({ err }, what),
    });
    this.#cashier = new Cashier({
      ledger: {
        take: (order) => this.#take(order),
        settle: (order) => this.ledger.settle(order),
        openHolds: (question) => this.ledger.openHolds(question),
      },
      clock,
      accountsOf: (payer) => this.budgets.accountsOf(payer),
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

  /** Reads the budgets, which a start waits for, and begins to resolve what earlier runs left; both go on until the store answers. */
  async start(): Promise<void> {
    this.#declare();
    await this.budgets.load();
    this.#recovery.start();
  }

  /** The budgets of another configuration count at once. */
  reloaded(loaded: LoadedConfig): void {
    this.#loaded = loaded;
    this.#declare();
  }

  async close(): Promise<void> {
    this.budgets.close();
    this.#cashier.close();
    await this.#recovery.stop();
    await this.budgets.declaring;
    await this.ledger.stop();
  }

  #declare(): void {
    const declared = declaredBudgets(this.#loaded, this.#parts.tenant.organisation);
    this.budgets.declare(declared, this.#loaded.path ?? 'configuration');
  }

  /** What the configuration declares cannot be held on before it is in the store, which is a matter of milliseconds. */
  #take(order: HoldOrder): Promise<HoldVerdict> {
    const { declaring } = this.budgets;
    if (declaring === undefined) return this.ledger.take(order);
    const waiting = new AbortController();
    const long = sleep(this.#parts.clock, DECLARING_MS_MAX, waiting.signal).catch(() => undefined);
    return Promise.race([declaring, long]).then(() => {
      waiting.abort();
      return this.ledger.take(order);
    });
  }
}
