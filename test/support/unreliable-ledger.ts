import { nano } from '../../src/kernel/amounts.ts';
import { GatewayError } from '../../src/kernel/errors.ts';
import type { AccountRef, Budget } from '../../src/money/budget.ts';
import type { HoldOrder, HoldVerdict, Ledger, OpenHold, Settlement, SettleOrder } from '../../src/money/ledger.ts';
import { MemoryLedger } from '../../src/money/memory-ledger.ts';

/** The ledger's rules in memory, behind a store that can be slow, away, or lose an answer. */
export class UnreliableLedger implements Ledger {
  readonly takeOrders: HoldOrder[] = [];
  readonly settleOrders: SettleOrder[] = [];
  readonly #ledger: MemoryLedger;
  /** Set: nothing is answered but this. */
  away: GatewayError | undefined;
  /** The next hold is taken, or the next settlement booked, and then the answer is lost. */
  loseAnswer = false;
  /** What each take, and each settlement, waits for first. */
  beforeTake: () => Promise<void> = async () => undefined;
  beforeSettle: () => Promise<void> = async () => undefined;

  constructor(holder = 'journal/now') {
    this.#ledger = new MemoryLedger(holder);
  }

  static unavailable(): GatewayError {
    return new GatewayError('budget_unavailable', { message: 'the store is away' });
  }

  balance(account: AccountRef): { readonly settled: bigint; readonly held: bigint } {
    const { settled, held } = this.#ledger.balance(account) ?? { settled: 0n, held: 0n };
    return { settled, held };
  }

  async openCount(): Promise<number> {
    return (await this.#ledger.openHolds({ limit: 1_000_000 })).length;
  }

  async take(order: HoldOrder): Promise<HoldVerdict> {
    await this.beforeTake();
    if (this.away !== undefined) throw this.away;
    this.takeOrders.push(order);
    return this.#answer(await this.#ledger.take(order));
  }

  async settle(order: SettleOrder): Promise<Settlement> {
    await this.beforeSettle();
    if (this.away !== undefined) throw this.away;
    this.settleOrders.push(order);
    return this.#answer(await this.#ledger.settle(order));
  }

  async openHolds(question: { readonly holder?: string; readonly limit: number }): Promise<OpenHold[]> {
    if (this.away !== undefined) throw this.away;
    return this.#ledger.openHolds(question);
  }

  #answer<Answer>(answer: Answer): Answer {
    if (!this.loseAnswer) return answer;
    this.loseAnswer = false;
    throw UnreliableLedger.unavailable();
  }
}

/** The one window of a lifetime budget of a test's key. Without `hard` it only counts. */
export function lifetimeAccount(id: string, hard?: bigint): AccountRef {
  const budget: Budget = {
    id,
    organisation: 'org_test',
    scope: { kind: 'key', id: 'key_test' },
    period: 'lifetime',
    timeZone: 'UTC',
    credit: false,
    ...(hard === undefined ? {} : { hard: nano(hard) }),
  };
  return { budget, subject: '', windowStart: 0 };
}
