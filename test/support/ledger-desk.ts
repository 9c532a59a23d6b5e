/** A ledger over a store, with short words for what a test does to it. */
import { nano } from '../../src/kernel/amounts.ts';
import { type Clock, systemClock } from '../../src/kernel/clock.ts';
import type { AccountRef, Budget } from '../../src/money/budget.ts';
import type { ChargeLine, GrantedHold, HoldVerdict } from '../../src/money/ledger.ts';
import { Windows } from '../../src/money/windows.ts';
import { DatabaseError } from '../../src/store/database-error.ts';
import { saveBudget } from '../../src/store/ledger/budget-queries.ts';
import { GroupedLedger, type LedgerConnection } from '../../src/store/ledger/grouped-ledger.ts';
import { StoreLedgerBooks } from '../../src/store/ledger/store-ledger-books.ts';
import type { Store } from '../../src/store/store.ts';
import { collectedLog } from '../../src/store/testing/scratch.ts';
import { enginesHere } from './engines.ts';

/** The instant at which a desk's calls are made unless told. */
export const DESK_NOW = Date.UTC(2026, 10, 21, 12);

let sequence = 0;

/** An id that no other desk of this process has. */
export function unique(prefix: string): string {
  return `${prefix}_${++sequence}`;
}

/** A session on which every order goes into the whole statement: it refuses the one for what is usual, as that does itself. */
function wholeOnly(connection: LedgerConnection): LedgerConnection {
  return {
    async query(text, values) {
      if (!text.includes('ledger_usual')) return connection.query(text, values);
      throw new DatabaseError({ message: 'a test wants the whole statement', code: 'LW001' });
    },
  };
}

/** What is usual has a statement of its own, and everything the whole one: by either way, whatever is asked is done. */
export async function ledgerWays() {
  return (await enginesHere()).flatMap((name) => [
    { name, title: 'by the statement for what is usual', whole: false },
    { name, title: 'by the whole statement', whole: true },
  ]);
}

export interface DeskOptions {
  /** Every order goes into the whole statement. */
  readonly whole?: boolean;
  readonly holder?: string;
  readonly clock?: Clock;
  readonly connection?: LedgerConnection;
}

export class LedgerDesk {
  readonly ledger: GroupedLedger;
  readonly books: StoreLedgerBooks;
  readonly store: Store;
  readonly log = collectedLog();
  readonly #windows = new Windows();
  /** What the desk's callers know of their holds. */
  readonly #granted = new Map<string, GrantedHold>();

  constructor(store: Store, { holder = 'run_1', clock = systemClock, connection, whole = false }: DeskOptions = {}) {
    const session = connection ?? store.connection('ledger');
    this.store = store;
    this.ledger = new GroupedLedger({
      connection: whole ? wholeOnly(session) : session,
      holder,
      clock,
      log: this.log,
    });
    this.books = new StoreLedgerBooks(store);
  }

  /** A budget of its own; a lifetime without a cap unless told. */
  async budget(given: Partial<Budget> = {}): Promise<Budget> {
    const budget: Budget = {
      id: unique('bud'),
      organisation: 'org_1',
      scope: { kind: 'key', id: 'key_1' },
      period: 'lifetime',
      timeZone: 'UTC',
      credit: false,
      ...given,
    };
    await saveBudget(this.store.database, { budget, at: DESK_NOW, by: 'a test' });
    return budget;
  }

  async account(given: Partial<Budget> = {}, subject = '', at = DESK_NOW): Promise<AccountRef> {
    return this.#windows.accountOf(await this.budget(given), subject, at);
  }

  /** The account of the same budget in the window of another instant. */
  at(account: AccountRef, instant: number): AccountRef {
    return this.#windows.accountOf(account.budget, account.subject, instant);
  }

  take(
    accounts: readonly AccountRef[],
    wanted: bigint,
    given: { id?: string; least?: bigint; at?: number } = {},
  ): Promise<HoldVerdict> {
    const { id = unique('call'), least = wanted, at = DESK_NOW } = given;
    const taken = this.ledger.take({
      holdId: id,
      organisation: 'org_1',
      project: 'proj_1',
      keyId: 'key_1',
      accounts,
      wanted: nano(wanted),
      least: nano(least),
      at,
      resolveBy: at + 60_000,
    });
    return taken.then((verdict) => {
      if ('granted' in verdict) this.#granted.set(id, { organisation: 'org_1', accounts, amount: verdict.granted });
      return verdict;
    });
  }

  /** One line for each amount; none releases the hold. */
  settle(holdId: string, ...amounts: readonly (bigint | Partial<ChargeLine>)[]) {
    const lines = amounts.map((given, index) => ({
      attempt: index + 1,
      provider: 'sim',
      model: 'fast',
      usageSource: 'provider' as const,
      ...(typeof given === 'bigint' ? { amount: nano(given) } : { amount: nano(0n), ...given }),
    }));
    const granted = this.#granted.get(holdId);
    return this.ledger.settle({ holdId, at: DESK_NOW + 1, lines, ...(granted === undefined ? {} : { granted }) });
  }

  async balances(...accounts: readonly AccountRef[]) {
    return Promise.all(accounts.map((account) => this.books.balance(account)));
  }

  booking(id: string, amount: bigint) {
    return { id, organisation: 'org_1', amount: nano(amount), at: DESK_NOW, createdBy: 'a test' };
  }
}

/** A balance as {@link LedgerDesk.balances} answers it. */
export function balance(settled: bigint, held: bigint, credited = 0n) {
  return { settled, held, credited };
}
