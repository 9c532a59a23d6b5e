import type { NanoUsd } from '../kernel/amounts.ts';
import type { UsageSource } from '../protocol/usage.ts';
import type { AccountRef } from './budget.ts';

/**
 * Money that is set aside, and what becomes of it. Whatever resolves is
 * durable. The same on the embedded engine and on a server Postgres.
 */
export interface Ledger {
  /**
   * Takes a hold on all accounts at once or on none. Where not all of `wanted`
   * is left on every level, what is left is granted if it is at least `least`.
   * A hold id that was taken before answers as it did then and takes nothing.
   *
   * @throws `budget_unavailable` when the store does not answer
   */
  take(order: HoldOrder): Promise<HoldVerdict>;
  /**
   * Replaces a hold by charges. Resolves at most once: a hold that is settled
   * or released answers with what was booked then. A hold that is not known is
   * not an error: `found` says so.
   *
   * @throws `budget_unavailable` when the store does not answer; sending the same order again is safe
   */
  settle(order: SettleOrder): Promise<Settlement>;
  /**
   * Holds that are neither settled nor released, the oldest first; those that
   * are kept until somebody says what their call cost come behind all others,
   * so that recovery reaches what it can resolve however many of them there are.
   */
  openHolds(question: { readonly holder?: string; readonly limit: number }): Promise<OpenHold[]>;
}

export interface HoldOrder {
  /** The call's id: a call has at most one hold. */
  readonly holdId: string;
  readonly organisation: string;
  readonly project: string;
  readonly keyId: string;
  /** Every level, in any order. Never empty. */
  readonly accounts: readonly AccountRef[];
  readonly wanted: NanoUsd;
  /** At most `wanted`. */
  readonly least: NanoUsd;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** When the call will be over at the latest. */
  readonly resolveBy: number;
}

export type HoldVerdict =
  | { readonly granted: NanoUsd; readonly remaining: NanoUsd | undefined }
  | { readonly refused: Shortage };

/** The level that could not pay. All amounts are of the account as it was when the hold was refused. */
export interface Shortage {
  readonly account: AccountRef;
  readonly settled: NanoUsd;
  readonly held: NanoUsd;
  readonly limit: NanoUsd;
}

export interface SettleOrder {
  readonly holdId: string;
  readonly at: number;
  /** One for each attempt that was made, also for those that cost nothing; none releases the hold. */
  readonly lines: readonly ChargeLine[];
  /** The hold as it was granted, from whoever knows it: saves the ledger a look. What is stored decides. */
  readonly granted?: GrantedHold;
}

export interface GrantedHold {
  readonly organisation: string;
  readonly accounts: readonly AccountRef[];
  readonly amount: NanoUsd;
}

/** One attempt as it is charged. */
export interface ChargeLine {
  readonly attempt: number;
  readonly provider: string;
  readonly model: string;
  /** What the customer pays for it: 0 for an attempt that `winner_only` does not charge. */
  readonly amount: NanoUsd;
  readonly usageSource: UsageSource;
  /** By the budget's id, in millionths: on its accounts the amount counts for this much, rounded up. Absent: for itself. */
  readonly ratesPpm?: Readonly<Record<string, bigint>>;
}

export interface Settlement {
  /** False when no hold has this id. */
  readonly found: boolean;
  /** True when this order did it; false when an earlier one had. */
  readonly first: boolean;
  readonly charged: NanoUsd;
  /** By how much the charge exceeded the hold; 0 as a rule. */
  readonly overrun: NanoUsd;
  /** The least that is left on any capped level; `undefined` when no level has a cap. */
  readonly remaining: NanoUsd | undefined;
  /** Accounts whose settled amount reached, with this charge, their soft cap or their hard one (for a credit: what was bought). */
  readonly passed: readonly PassedMark[];
}

export interface PassedMark {
  readonly budgetId: string;
  readonly subject: string;
  readonly windowStart: number;
  readonly mark: 'soft' | 'hard';
  readonly settled: NanoUsd;
  readonly limit: NanoUsd;
}

export interface OpenHold {
  readonly holdId: string;
  readonly holder: string;
  readonly amount: NanoUsd;
  readonly takenAt: number;
  readonly resolveBy: number;
}
