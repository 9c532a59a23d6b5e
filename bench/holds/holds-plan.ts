/** How much of everything one run does to the ledger. */
export interface HoldsPlan {
  readonly rounds: number;
  /** How often a round that a busy machine disturbed is measured again, over the whole run of an engine. */
  readonly repeatsMax: number;
  /** Before the first round. */
  readonly warmUpHolds: number;
  readonly seconds: number;
  readonly holdsPerSecond: number;
  readonly callers: number;
  /** Attempts a second that the journal brings into the same store meanwhile. */
  readonly attemptsPerSecond: number;
}

export const HOLDS_FULL: HoldsPlan = {
  rounds: 5,
  repeatsMax: 5,
  warmUpHolds: 1_000,
  seconds: 4,
  holdsPerSecond: 500,
  callers: 64,
  attemptsPerSecond: 2_000,
};
export const HOLDS_QUICK: HoldsPlan = { ...HOLDS_FULL, rounds: 1, repeatsMax: 1, warmUpHolds: 500, seconds: 1 };
