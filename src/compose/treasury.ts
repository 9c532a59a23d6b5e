import type { LoadedConfig } from '../config/config.ts';
import { type Clock, sleep } from '../kernel/clock.ts';
import { type Alert, Alerts } from '../money/alerts.ts';
import type { Budget } from '../money/budget.ts';
import { Budgets } from '../money/budgets.ts';
import { Cashier } from '../money/cashier.ts';
import type { HoldTaker, Payer } from '../money/hold.ts';
import type { HoldOrder, HoldVerdict } from '../money/ledger.ts';
import type { LedgerBooks } from '../money/ledger-books.ts';
import { LookingLedger } from '../money/looking-ledger.ts';
import { MoneyWatch } from '../money/money-watch.ts';
import type { Log } from '../observability/log.ts';
import { callById } from '../store/attempt-queries.ts';
import { correctAttempt } from '../store/correction-queries.ts';
import type { GroupedLedger } from '../store/ledger/grouped-ledger.ts';
import { openLedger } from '../store/ledger/open-ledger.ts';
import { StoreLedgerBooks } from '../store/ledger/store-ledger-books.ts';
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
  /** Hears of each alert, besides the log. */
  onAlert?(alert: Alert): void;
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
  /** What is booked by hand. */
  readonly books: LedgerBooks;
  readonly alerts: Alerts;
  /** Makes alerts of what money does. */
  readonly watch: MoneyWatch;
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
    this.books = new StoreLedgerBooks(store);
    this.budgets = new Budgets({
      shelf: budgetShelf(store.database),
      clock,
      organisationOf: (scope) => parts.organisationOf(scope),
      cheapestCall: (scope, rule) => parts.cheapestCall(scope, rule),
      ...(store.kind === 'server' ? { refreshMs: REFRESH_MS } : {}),
      onTrouble: (err, what) => log.warn({ err }, what),
    });
    this.alerts = new Alerts(clock, (alert) => {
      const { number: _, at: __, message, ...facts } = alert;
      log.warn(loggable(facts), message);
      parts.onAlert?.(alert);
    });
    this.watch = new MoneyWatch({
      alerts: this.alerts,
      clock,
      budget: (id) => this.budgets.byId(id)?.budget,
      creditOf: (payer) => this.budgets.creditOf(payer),
      balance: (account) => this.books.balance(account),
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
      onSettled: (settlement, payer) => this.watch.settled(settlement, payer),
      onTrouble: (err, what) => log.warn({ err }, what),
    });
    this.#recovery = new HoldRecovery({
      ledger: this.ledger,
      books: this.books,
      clock,
      log,
      journal: store.journal.name,
      holder,
      replayed: () => store.journal.flush(),
      callById: (callId) => callById(store.database, callId),
      async onReserved(call, { attempt }, amount) {
        await correctAttempt(store.database, {
          statement: `reserved/${call.id}`,
          callId: call.id,
          attempt,
          costNanoUsd: amount,
          chargeNanoUsd: amount,
          usageSource: 'reserved',
          createdBy: holder,
          at: clock.now(),
        });
      },
      policy: () => this.policy,
      ratedBudgets: () => this.ratedBudgets(),
    });
  }

  get policy(): HoldTaker['policy'] {
    return this.#cashier.policy;
  }

  /** Budgets on which some models count for more, or less, than they cost. */
  ratedBudgets(): readonly Budget[] {
    return this.budgets.list().flatMap(({ budget }) => (budget.rates === undefined ? [] : [budget]));
  }

  /** Asks as a call would whether it can be paid, and takes nothing. */
  get looking(): HoldTaker {
    return new Cashier({
      ledger: new LookingLedger(this.books),
      clock: this.#parts.clock,
      accountsOf: (payer) => this.budgets.accountsOf(payer),
      policy: () => this.#loaded.config.money.charge,
      onSettled: () => undefined,
      onTrouble: (err, what) => this.#parts.log.warn({ err }, what),
    });
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
    this.watch.close();
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

/** Amounts as text: a log line is JSON, which has no integers of that size. */
function loggable(facts: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) =>
      typeof value === 'bigint' ? [`${name}NanoUsd`, value.toString()] : [name, value],
    ),
  );
}
