import type { NanoUsd } from '../kernel/amounts.ts';

/** What a budget is set for. */
export const BUDGET_SCOPES = ['organisation', 'project', 'key'] as const;
export type BudgetScope = (typeof BUDGET_SCOPES)[number];

/** Windows are aligned to the calendar of the budget's time zone; `lifetime` has one window without end. */
export const BUDGET_PERIODS = ['lifetime', 'month', 'week', 'day', 'hour'] as const;
export type BudgetPeriod = (typeof BUDGET_PERIODS)[number];

/**
 * How much may be spent by whom in which window. One with neither `hard` nor
 * `credit` refuses nothing: it only counts and alerts.
 */
export interface Budget {
  /** `bud_…`, or `file.<name>` for one that the configuration declares. */
  readonly id: string;
  readonly organisation: string;
  readonly scope: { readonly kind: BudgetScope; readonly id: string };
  /** Present: not one amount for the whole scope, but one for each end user, or each task, in it. */
  readonly each?: 'end_user' | 'task';
  readonly period: BudgetPeriod;
  /** An IANA name, as in `Europe/Berlin`. */
  readonly timeZone: string;
  /** No hold is admitted that would make settled + held exceed it. */
  readonly hard?: NanoUsd;
  /** An alert is raised once per window when settled reaches it; for a credit, when no more than this is left of it. */
  readonly soft?: NanoUsd;
  /** Prepaid: what may be spent is what was bought, instead of `hard`. Always of the period `lifetime`. */
  readonly credit: boolean;
  /**
   * How a charge counts here, by model; the first pattern that fits decides, and
   * without one it counts as it is. Patterns are those of `kernel/name-pattern.ts`.
   */
  readonly rates?: readonly BudgetRate[];
  /** The configuration file that declares it. Absent for a budget of the store. */
  readonly declaredIn?: string;
}

/** Charges for some models count more, or less, than they are. */
export interface BudgetRate {
  /** Of `provider/model`, as in `openai/*`. */
  readonly models: string;
  /** In millionths: 1_200_000n counts a charge of 10 as 12, rounded up to the next nano-USD. */
  readonly ratePpm: bigint;
}

/** One window of one budget; the row that money is counted on. */
export interface AccountRef {
  readonly budget: Budget;
  /** The end user or the task, for a budget of each; otherwise empty. */
  readonly subject: string;
  /** Milliseconds since the epoch; 0 for `lifetime`. */
  readonly windowStart: number;
  /** The first instant after the window; absent for `lifetime`. */
  readonly windowEnd?: number;
  /**
   * What a hold counts for here, in millionths of its amount, rounded up: the
   * dearest rate of all targets that the call may reach. Absent: its amount.
   */
  readonly ratePpm?: bigint;
}
