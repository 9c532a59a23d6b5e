import type { NanoUsd } from '../kernel/amounts.ts';
import type { ChargeLine, Settlement } from './ledger.ts';

/** Who pays for a call, and when. Instants are milliseconds since the epoch. */
export interface Payer {
  readonly callId: string;
  readonly organisation: string;
  readonly project: string;
  readonly keyId: string;
  /** The key's parents, the nearest first. */
  readonly ancestors?: readonly string[];
  readonly endUser?: string;
  readonly task?: string;
  /** All that the call may reach, as `provider/model`: some budgets count some models for more. */
  readonly models: readonly string[];
  readonly at: number;
  /** When the call is over at the latest. */
  readonly resolveBy: number;
}

/** Where the exchange asks for money before a byte goes upstream. */
export interface HoldTaker {
  /** The money that a call is paid from; `undefined` where no budget applies, which is the fast way through. */
  purseOf(payer: Payer): Purse | undefined;
  /** Whether the customer pays for the attempt that answered alone, or for each one. */
  readonly policy: ChargePolicy;
}

export type ChargePolicy = 'winner_only' | 'all_attempts';

export interface Purse {
  /** Some level has a cap: what has no price, or no bound, cannot be paid from it. */
  readonly capped: boolean;
  /**
   * Sets money aside on every level at once: `wanted`, or where that is not
   * left, what is left if it is at least `least`. Durable when it resolves.
   *
   * @throws `budget_exceeded` with the level that could not pay, `budget_unavailable` when nobody can say
   */
  take(wanted: NanoUsd, least: NanoUsd): Promise<Hold>;
}

/** Money set aside for one call. Resolves at most once. */
export interface Hold {
  readonly amount: NanoUsd;
  /**
   * Replaces the hold by what each attempt is charged; no lines release it.
   * What cannot be booked now is booked later: the promise is then `undefined`,
   * and the hold counts until it is.
   */
  settle(lines: readonly ChargeLine[]): Promise<Settlement | undefined>;
}

/** Nobody has a budget. */
export const uncapped: HoldTaker = { policy: 'winner_only', purseOf: () => undefined };
