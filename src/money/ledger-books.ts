import type { NanoUsd } from '../kernel/amounts.ts';
import type { AccountRef, Budget } from './budget.ts';

/**
 * What is done to the ledger by hand, or by whoever reconciles it. Each booking
 * has an id of its caller's choice and happens once: the same one again answers
 * `again`.
 */
export interface LedgerBooks {
  /** Credit is bought: what may be spent on the account grows by `amount`. */
  topUp(booking: Booking & { readonly account: AccountRef; readonly paid: NanoUsd }): Promise<Booked>;
  /** Credit is handed back: what may be spent shrinks, by no more than is left. `paid` is what the buyer gets for it. */
  withdraw(booking: Booking & { readonly account: AccountRef; readonly paid: NanoUsd }): Promise<Booked>;
  /** Credit moves from one account to another, no more than is left. */
  transfer(booking: Booking & { readonly from: AccountRef; readonly to: AccountRef }): Promise<Booked>;
  /** What was charged is given back on all these accounts, no more than each was charged. */
  refund(booking: Booking & { readonly accounts: readonly AccountRef[] }): Promise<Booked>;
  /** What is settled on these accounts is put right, up or down, with no call to blame. */
  adjust(booking: Booking & Adjustment & { readonly accounts: readonly AccountRef[] }): Promise<Booked>;
  /**
   * What an attempt was charged is put right on the accounts of its call's hold,
   * in the window that paid for it, at the rates at which it was charged there.
   *
   * @throws `not_found` when the call has no settled hold
   */
  correct(booking: Booking & Adjustment & { readonly callId: string; readonly attempt: number }): Promise<Booked>;
  /** Marks a hold as one that waits for somebody to say what its call cost. It counts until then. @returns whether it was open */
  keep(holdId: string): Promise<boolean>;
  /** The account's balances; `undefined` when nothing was ever held on it or bought for it. */
  balance(account: AccountRef): Promise<Balance | undefined>;
  /** Balances of a budget's accounts, the latest windows first. */
  balances(question: BalanceQuestion): Promise<AccountBalance[]>;
  /** Reckons every balance anew from transfers and open holds. @throws the signal's reason */
  verify(signal?: AbortSignal): Promise<Verification>;
}

export interface Booking {
  /** Such as `top_up/inv_2026_11`; unique in the whole ledger. */
  readonly id: string;
  readonly organisation: string;
  /** More than nothing. */
  readonly amount: NanoUsd;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly note?: string;
  readonly createdBy: string;
}

export interface Adjustment {
  /** `more`: settled grows; `less`: it shrinks, by no more than there is. */
  readonly towards: 'more' | 'less';
}

/**
 * `short`: an account has not that much to give, and nothing was booked.
 * `conflict`: the id stands for another booking.
 */
export type Booked = 'booked' | 'again' | 'short' | 'conflict';

export interface Balance {
  readonly settled: NanoUsd;
  readonly held: NanoUsd;
  /** What was bought, for a credit; otherwise 0. */
  readonly credited: NanoUsd;
}

export interface AccountBalance extends Balance {
  readonly budgetId: string;
  readonly subject: string;
  /** Milliseconds since the epoch, as in {@link AccountRef}. */
  readonly windowStart: number;
  readonly windowEnd?: number;
}

export interface BalanceQuestion {
  readonly budgetId: string;
  readonly subject?: string;
  /** Only the window that begins then. */
  readonly windowStart?: number;
  /** Only accounts after this one, in the order of the answer: the last of the page before. */
  readonly after?: { readonly windowStart: number; readonly subject: string };
  readonly limit: number;
}

/** What a check found. The ledger is sound when `wrong` is empty and both sums are the same. */
export interface Verification {
  readonly accounts: number;
  readonly transfers: number;
  readonly openHolds: number;
  /** Over all transfers and levels, and what the accounts say that they were charged and credited. */
  readonly debits: NanoUsd;
  readonly credits: NanoUsd;
  /** At most a hundred accounts whose balances are not what transfers and holds add up to. */
  readonly wrong: readonly WrongBalance[];
}

export interface WrongBalance {
  readonly budgetId: string;
  readonly subject: string;
  readonly windowStart: number;
  readonly stored: Balance;
  readonly reckoned: Balance;
}

/** A budget as it is kept. Instants are milliseconds since the epoch. */
export interface StoredBudget {
  readonly budget: Budget;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly changedAt: number;
  /** Since when it counts for no new call. */
  readonly retiredAt?: number;
}
