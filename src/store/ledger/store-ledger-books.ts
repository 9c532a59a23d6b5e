import { GatewayError } from '../../kernel/errors.ts';
import type { AccountRef } from '../../money/budget.ts';
import type {
  AccountBalance,
  Adjustment,
  Balance,
  BalanceQuestion,
  Booked,
  Booking,
  LedgerBooks,
  Verification,
} from '../../money/ledger-books.ts';
import type { Store } from '../store.ts';
import { balanceOf, balancesOf } from './balance-queries.ts';
import { countedOf, pathOfCall } from './call-path.ts';
import { accountValues, FIND_ACCOUNTS, instant } from './ledger-statements.ts';
import { verifyLedger } from './ledger-verification.ts';

const POST = `
select ledger_post($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) as booked`;

const KEEP = `
update holds set state = 'kept' where id = $1 and state in ('held', 'kept') returning id`;

type Kind = 'top_up' | 'refund' | 'adjustment' | 'transfer';
type Contra = 'spend' | 'adjustment' | 'funding' | 'credit';

/** One transfer as `ledger_post` takes it. */
interface Entry {
  readonly kind: Kind;
  readonly contra: Contra;
  readonly debited: readonly bigint[];
  readonly credited: readonly bigint[];
  /** What it counts for on each account, where that is not the amount. */
  readonly counted?: readonly bigint[];
  readonly paid?: bigint;
  readonly callId?: string;
  readonly attempt?: number;
}

/** Bookings by hand, over the store's pool: nothing waits for them. */
export class StoreLedgerBooks implements LedgerBooks {
  readonly #store: Pick<Store, 'pool' | 'database' | 'kind'>;

  constructor(store: Pick<Store, 'pool' | 'database' | 'kind'>) {
    this.#store = store;
  }

  async topUp({ account, paid, ...booking }: Parameters<LedgerBooks['topUp']>[0]): Promise<Booked> {
    const credited = await this.#accountIds([account]);
    return this.#post(booking, { kind: 'top_up', contra: 'funding', debited: [], credited, paid });
  }

  async withdraw({ account, paid, ...booking }: Parameters<LedgerBooks['withdraw']>[0]): Promise<Booked> {
    const debited = await this.#accountIds([account]);
    return this.#post(booking, { kind: 'refund', contra: 'funding', debited, credited: [], paid });
  }

  async transfer({ from, to, ...booking }: Parameters<LedgerBooks['transfer']>[0]): Promise<Booked> {
    const [debited, credited] = await Promise.all([this.#accountIds([from]), this.#accountIds([to])]);
    if (debited[0] === credited[0]) throw invalid('the credit would stay where it is: name two accounts');
    return this.#post(booking, { kind: 'transfer', contra: 'credit', debited, credited });
  }

  async refund({ accounts, ...booking }: Parameters<LedgerBooks['refund']>[0]): Promise<Booked> {
    const credited = await this.#accountIds(accounts);
    return this.#post(booking, { kind: 'refund', contra: 'spend', debited: [], credited });
  }

  async adjust({ accounts, towards, ...booking }: Parameters<LedgerBooks['adjust']>[0]): Promise<Booked> {
    return this.#post(booking, adjustment(towards, await this.#accountIds(accounts)));
  }

  async correct(given: Parameters<LedgerBooks['correct']>[0]): Promise<Booked> {
    const { callId, attempt, towards, ...booking } = given;
    const path = await pathOfCall(this.#store.database, callId, attempt);
    if (path === undefined) {
      throw new GatewayError('not_found', { message: `No settled hold is known of the call ${callId}.` });
    }
    const counted = countedOf(path, booking.amount);
    return this.#post(booking, {
      ...adjustment(towards, path.accounts),
      ...(counted === undefined ? {} : { counted }),
      callId,
      attempt,
    });
  }

  async keep(holdId: string): Promise<boolean> {
    return (await this.#store.pool.query(KEEP, [holdId])).rows.length > 0;
  }

  balance(account: AccountRef): Promise<Balance | undefined> {
    return balanceOf(this.#store.database, account);
  }

  balances(question: BalanceQuestion): Promise<AccountBalance[]> {
    return balancesOf(this.#store.database, question);
  }

  verify(signal?: AbortSignal): Promise<Verification> {
    const { pool, kind } = this.#store;
    return verifyLedger(pool, { embedded: kind === 'embedded', ...(signal === undefined ? {} : { signal }) });
  }

  async #accountIds(accounts: readonly AccountRef[]): Promise<bigint[]> {
    const { rows } = await this.#store.pool.query(FIND_ACCOUNTS, accountValues(accounts));
    const ids = new Map(rows.map((row) => [Number(row['place']), BigInt(String(row['account']))]));
    return accounts.map(({ budget }, index) => {
      const id = ids.get(index + 1);
      if (id === undefined) throw invalid(`There is no budget ${budget.id}.`);
      return id;
    });
  }

  async #post(booking: Booking, entry: Entry): Promise<Booked> {
    const { id, organisation, amount, at, note, createdBy } = booking;
    if (amount <= 0n)
      throw invalid(`An amount of ${amount} nano-USD cannot be booked: it has to be more than nothing.`);
    const { rows } = await this.#store.pool.query(POST, [
      ...[id, entry.kind, entry.contra, amount, entry.debited, entry.credited, entry.counted ?? null, instant(at)],
      ...[organisation, entry.callId ?? null, entry.attempt ?? null, entry.paid ?? null, note ?? null, createdBy],
    ]);
    const booked = rows[0]?.['booked'];
    if (booked === 'booked' || booked === 'again' || booked === 'short' || booked === 'conflict') return booked;
    throw new Error(`the ledger answered ${String(booked)} to the booking ${id}`);
  }
}

function adjustment(towards: Adjustment['towards'], accounts: readonly bigint[]): Entry {
  const [debited, credited] = towards === 'more' ? [accounts, []] : [[], accounts];
  return { kind: 'adjustment', contra: 'adjustment', debited, credited };
}

function invalid(message: string): GatewayError {
  return new GatewayError('invalid_request', { message });
}
