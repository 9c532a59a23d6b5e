import type { HoldOrder, HoldVerdict, Ledger, OpenHold, Settlement, SettleOrder } from './ledger.ts';
import type { LedgerBooks } from './ledger-books.ts';
import { MemoryLedger } from './memory-ledger.ts';

/**
 * A ledger that answers as the real one would now, and books nothing: each hold
 * is asked of a model of the rules that starts from the balances as they are.
 */
export class LookingLedger implements Ledger {
  readonly #books: Pick<LedgerBooks, 'balance'>;

  constructor(books: Pick<LedgerBooks, 'balance'>) {
    this.#books = books;
  }

  async take(order: HoldOrder): Promise<HoldVerdict> {
    const model = new MemoryLedger('looking');
    for (const account of order.accounts) {
      const balance = await this.#books.balance(account);
      if (balance !== undefined) model.open(account, balance);
    }
    return model.take(order);
  }

  /** No hold of this ledger was ever taken. */
  settle(order: SettleOrder): Promise<Settlement> {
    return new MemoryLedger('looking').settle(order);
  }

  openHolds(): Promise<OpenHold[]> {
    return Promise.resolve([]);
  }
}
