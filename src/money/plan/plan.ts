import type { NanoUsd } from '../../kernel/amounts.ts';
import type { Fraction } from './fraction.ts';

/** What a model costs decides which tier its calls are counted in. */
export const TIERS = ['cheap', 'middle', 'frontier'] as const;
export type Tier = (typeof TIERS)[number];

/** A month's expected use, understood and priced. */
export interface Plan {
  /** `base`, or the scenario's name. */
  readonly name: string;
  /** Absent where a plan counts calls a month and names no users. */
  readonly traffic: Traffic | undefined;
  /** Multiplies every volume. */
  readonly times: Fraction;
  readonly routes: readonly RoutePlan[];
  readonly totalCost: TotalCostPlan;
  readonly gpu: GpuPlan | undefined;
  /** From this share of calls on frontier models on, the plan says so. */
  readonly premiumFrom: Fraction;
}

export interface Traffic {
  /** Of a month; `undefined` where tasks are counted directly. */
  readonly sessions: Fraction | undefined;
  readonly tasks: Fraction;
  /** Of the tasks, those that succeed. */
  readonly success: Fraction;
}

export interface RoutePlan {
  readonly name: string;
  readonly volume: { readonly per: 'task' | 'session' | 'month'; readonly calls: Fraction };
  /** Calls that are made, and paid for, once more; 2 % of the calls is 1/50. */
  readonly retries: Fraction;
  /** Calls that the gateway's own cache answers, which no provider is paid for. */
  readonly cacheHits: Fraction;
  /** What the calls are spread over; the shares add up to 1. */
  readonly lines: readonly RouteLine[];
}

export interface RouteLine {
  /** Absent where nothing says which. */
  readonly tier: Tier | undefined;
  readonly share: Fraction;
  readonly call: CallPrice;
}

/** What one call costs, and of what that is made. */
export interface CallPrice {
  /** Every part rounded up to a nano-USD, as the ledger rounds each attempt. */
  readonly amount: NanoUsd;
  readonly parts: readonly { readonly label: string; readonly amount: NanoUsd }[];
}

export interface GpuPlan {
  readonly perHour: Fraction;
  /** That it is paid for in a month, whether it works or not. */
  readonly hours: Fraction;
  /** What one can serve; absent: whatever comes. */
  readonly callsPerHour: Fraction | undefined;
}

/** What beside the providers' fees a month costs: as shares of the whole, or as amounts. */
export type TotalCostPlan =
  | {
      readonly kind: 'shares';
      /** True where the plan says nothing of it and the shipped shares stand in. */
      readonly assumed: boolean;
      readonly fees: Fraction;
      readonly others: readonly { readonly name: string; readonly share: Fraction }[];
    }
  | { readonly kind: 'amounts'; readonly others: readonly { readonly name: string; readonly amount: NanoUsd }[] };

/** What one call uses of a model. */
export interface CallUse {
  /** Tokens. */
  readonly input: bigint;
  /** Of the input, those that a provider's prompt cache holds. */
  readonly cachedInput: bigint;
  readonly output: bigint;
  /** What is not sold by the token, with at most six decimals: `images:1024x1024:high`, `video-seconds:1080p`. */
  readonly quantities: Readonly<Record<string, Fraction>>;
}

/** A price list's answer for one call of a model. */
export interface BookPrice {
  readonly amount: NanoUsd;
  /** Pico-USD for a token of output, by which models are told apart; absent where output is not charged for. */
  readonly outputPicoUsd: bigint | undefined;
}

/** What models cost. */
export interface PriceBook {
  /** @returns `undefined` where no price is known */
  priceOf(model: string, use: CallUse): BookPrice | undefined;
  /** A model that has a price and nearly this name. */
  nearest(model: string): string | undefined;
}

/** Something in a plan that cannot be. */
export interface PlanProblem {
  readonly place: string;
  /** `traffic.active`. */
  readonly field: string;
  /** As it was written; absent where something is missing. */
  readonly value: string | undefined;
  /** What would be right. */
  readonly allowed: string;
}
