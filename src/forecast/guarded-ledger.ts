import { nano } from '../kernel/amounts.ts';
import { usdText } from '../kernel/usd-text.ts';
import type { AccountRef } from '../money/budget.ts';
import type { HoldOrder, HoldVerdict, Ledger, OpenHold, Settlement, SettleOrder } from '../money/ledger.ts';
import { MemoryLedger } from '../money/memory-ledger.ts';
import type { Watchman } from './watchman.ts';

/** The ledger's model with a guard at each booking: what is settled and held never exceeds a cap. */
export class GuardedLedger implements Ledger {
  readonly #ledger = new MemoryLedger();
  readonly #watchman: Watchman;
  readonly #exact: boolean;
  /** Where an answer was longer than allowed: by how much more than its hold a call was charged, in all. */
  #overrun = 0n;
  readonly #accounts = new Map<string, readonly AccountRef[]>();

  constructor(watchman: Watchman, exact: boolean) {
    this.#watchman = watchman;
    this.#exact = exact;
  }

  /** Whether a hold was taken for a call that is not settled. */
  isHeld(callId: string): boolean {
    return this.#accounts.has(callId);
  }

  async take(order: HoldOrder): Promise<HoldVerdict> {
    if (this.#accounts.has(order.holdId)) this.#watchman.accuse(`${order.holdId} took a second hold`);
    const verdict = await this.#ledger.take(order);
    if ('granted' in verdict) {
      this.#accounts.set(order.holdId, order.accounts);
      if (verdict.granted < order.least) this.#watchman.accuse(`${order.holdId} was granted less than it can do with`);
    }
    this.#check(order.accounts);
    return verdict;
  }

  async settle(order: SettleOrder): Promise<Settlement> {
    const settlement = await this.#ledger.settle(order);
    const { holdId } = order;
    if (!settlement.found) this.#watchman.accuse(`${holdId} was settled without a hold`);
    else if (!settlement.first) this.#watchman.accuse(`${holdId} was settled twice`);
    const accounts = this.#accounts.get(holdId) ?? [];
    // Nothing is set aside where nothing has a cap: what is charged then is above it, and nobody minds.
    if (settlement.overrun > 0n && accounts.some(({ budget }) => budget.hard !== undefined)) {
      this.#overrun += settlement.overrun;
      if (this.#exact) this.#watchman.accuse(`${holdId} was charged $${usdText(settlement.overrun)} above its hold`);
    }
    this.#check(accounts);
    this.#accounts.delete(holdId);
    return settlement;
  }

  openHolds(question: { readonly holder?: string; readonly limit: number }): Promise<OpenHold[]> {
    return this.#ledger.openHolds(question);
  }

  #check(accounts: readonly AccountRef[]): void {
    for (const account of accounts) {
      const { hard } = account.budget;
      if (hard === undefined) continue;
      const { settled, held } = this.#ledger.balance(account);
      const above = settled + held - hard;
      if (above <= 0n || (!this.#exact && above <= this.#overrun)) continue;
      this.#watchman.accuse(`${account.budget.id} stands $${usdText(nano(above))} above its cap`);
    }
  }
}
