import type { NanoUsd } from '../kernel/amounts.ts';
import { nano } from '../kernel/amounts.ts';
import type { Clock, Timer } from '../kernel/clock.ts';
import { GatewayError } from '../kernel/errors.ts';
import { usdText } from '../kernel/usd-text.ts';
import type { AccountRef } from './budget.ts';
import { ratedLines } from './budget-rates.ts';
import type { ChargePolicy, Hold, HoldTaker, Payer, Purse } from './hold.ts';
import type { ChargeLine, GrantedHold, HoldOrder, Ledger, Settlement, SettleOrder, Shortage } from './ledger.ts';

/** Settlements that the store could not take yet are kept up to this number; a restart finds the rest in the journal. */
const LATE_MAX = 10_000;
const LATE_RETRY_MS = 1_000;
/** Calls that are refused while the store is away must not take the place of those that have something to settle. */
const RELEASES_MAX = 5_000;

export interface CashierParts {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Every window of every budget that the payer spends from. Empty: nothing is held. */
  accountsOf(payer: Payer): readonly AccountRef[];
  policy(): ChargePolicy;
  /** Hears of each settlement that was booked. */
  onSettled(settlement: Settlement, payer: Payer): void;
  /** Hears why a settlement has to wait, or why a hold was not taken for a payer without a cap. */
  onTrouble(error: unknown, what: string): void;
}

/** Takes holds from the ledger for whoever has a budget, and sees to it that each is settled once. */
export class Cashier implements HoldTaker {
  readonly #parts: CashierParts;
  readonly #late: { readonly order: SettleOrder; readonly payer: Payer }[] = [];
  #retrying = false;
  #timer: Timer | undefined;
  #closed = false;

  constructor(parts: CashierParts) {
    this.#parts = parts;
  }

  get policy(): ChargePolicy {
    return this.#parts.policy();
  }

  /** Settlements that wait for the store. */
  get lateSettlements(): number {
    return this.#late.length;
  }

  purseOf(payer: Payer): Purse | undefined {
    const accounts = this.#parts.accountsOf(payer);
    if (accounts.length === 0) return undefined;
    const capped = accounts.some(({ budget }) => budget.hard !== undefined || budget.credit);
    return { capped, take: (wanted, least) => this.#take(payer, accounts, capped, { wanted, least }) };
  }

  /** No settlement is tried again from now on: the next start finds what is left. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  async #take(
    payer: Payer,
    accounts: readonly AccountRef[],
    capped: boolean,
    { wanted, least }: Pick<HoldOrder, 'wanted' | 'least'>,
  ): Promise<Hold> {
    const { callId, organisation, project, keyId, at, resolveBy } = payer;
    const order = { holdId: callId, organisation, project, keyId, accounts, wanted, least, at, resolveBy };
    try {
      const verdict = await this.#parts.ledger.take(order);
      if ('refused' in verdict) throw budgetExceeded(verdict.refused, least);
      const granted = { organisation, accounts, amount: verdict.granted };
      return { amount: verdict.granted, settle: (lines) => this.#settle(payer, granted, ratedLines(accounts, lines)) };
    } catch (thrown) {
      // Nobody knows whether it was taken before the store went silent: what was is given back.
      if (capped && isUnavailable(thrown) && this.#late.length < RELEASES_MAX) {
        this.#later({ holdId: callId, at, lines: [] }, payer);
      }
      if (capped || !isUnavailable(thrown)) throw thrown;
      this.#parts.onTrouble(thrown, 'a call without a cap went on without a hold: its budgets do not count it');
      return { amount: nano(0n), settle: () => Promise.resolve(undefined) };
    }
  }

  async #settle(payer: Payer, granted: GrantedHold, lines: readonly ChargeLine[]): Promise<Settlement | undefined> {
    const order: SettleOrder = { holdId: payer.callId, at: this.#parts.clock.now(), lines, granted };
    try {
      return await this.#book(order, payer);
    } catch (thrown) {
      this.#parts.onTrouble(thrown, 'a settlement waits for the store');
      this.#later(order, payer);
      return undefined;
    }
  }

  async #book(order: SettleOrder, payer: Payer): Promise<Settlement> {
    const settlement = await this.#parts.ledger.settle(order);
    if (settlement.first) this.#parts.onSettled(settlement, payer);
    return settlement;
  }

  /** Until then the hold counts. What does not fit here is settled by the next start, from the journal. */
  #later(order: SettleOrder, payer: Payer): void {
    if (this.#late.length >= LATE_MAX || this.#closed) return;
    this.#late.push({ order, payer });
    if (!this.#retrying) this.#retry();
  }

  #retry(): void {
    if (this.#closed) return;
    this.#retrying = true;
    this.#timer = this.#parts.clock.after(LATE_RETRY_MS, () => {
      this.#bookLate()
        .then(() => {
          this.#retrying = false;
        })
        .catch((thrown: unknown) => {
          this.#parts.onTrouble(thrown, `${this.#late.length} settlements wait for the store`);
          this.#retry();
        });
    });
  }

  async #bookLate(): Promise<void> {
    for (let next = this.#late[0]; next !== undefined && !this.#closed; next = this.#late[0]) {
      try {
        await this.#book(next.order, next.payer);
      } catch (thrown) {
        if (isUnavailable(thrown)) throw thrown;
        // Waiting does not mend it, and others wait behind it: the next start finds its hold.
        this.#parts.onTrouble(thrown, `the settlement of ${next.order.holdId} was refused: its hold stays`);
      }
      this.#late.shift();
    }
  }
}

function isUnavailable(thrown: unknown): boolean {
  return thrown instanceof GatewayError && thrown.code === 'budget_unavailable';
}

function budgetExceeded({ account, settled, held, limit }: Shortage, needed: NanoUsd): GatewayError {
  const { budget, subject, windowEnd } = account;
  const { kind, id } = budget.scope;
  const whose = budget.each === undefined ? `${kind} ${id}` : `${budget.each} ${subject || 'unnamed'} of ${kind} ${id}`;
  const left = limit - settled - held;
  const resetsAt = windowEnd === undefined ? undefined : new Date(windowEnd).toISOString();
  const then =
    resetsAt === undefined ? 'Raise the cap, or buy credit' : `It resets at ${resetsAt}; until then, raise the cap`;
  return new GatewayError('budget_exceeded', {
    message: `The budget ${budget.id} of ${whose} has $${usdText(nano(left > 0n ? left : 0n))} left of $${usdText(limit)} (spent $${usdText(settled)}, held $${usdText(held)}), and this call needs $${usdText(needed)} even at its shortest. ${then}, or ask for less.`,
    details: {
      budget: budget.id,
      scope: budget.each ?? kind,
      spent_usd: usdText(settled),
      held_usd: usdText(held),
      limit_usd: usdText(limit),
      needed_usd: usdText(needed),
      resets_at: resetsAt ?? null,
    },
  });
}
