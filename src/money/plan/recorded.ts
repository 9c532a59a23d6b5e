import { type Fraction, over, roundedUp, times, whole } from './fraction.ts';
import type { PriceBook } from './plan.ts';
import { mappingOf, type PlanNode } from './plan-node.ts';
import { tierOf } from './plan-prices.ts';

/** What calls of one model used and cost in the recorded days. */
export interface RecordedModel {
  /** `provider/model`. */
  readonly model: string;
  readonly calls: number;
  readonly callsWithoutCost: number;
  /** Absent where nothing is known. */
  readonly costNanoUsd: bigint | undefined;
}

const PLACE = 'recorded usage';
/** What a month of a plan is, as 720 hours are. */
const MONTH_DAYS = whole(30n);
const MILLION = whole(1_000_000n);
const NO_TOKENS = { input: 0n, cachedInput: 0n, output: 0n, quantities: {} };

/**
 * Recorded traffic as the routes of a plan, one for each model: as many calls
 * as make 30 days at that rate, each at what one cost on average, rounded up to
 * a nano-USD. A model whose cost nobody knows gets no price, which the plan is
 * then asked for.
 *
 * @param days the recorded time, above 0
 */
export function recordedRoutes(models: readonly RecordedModel[], days: Fraction, book: PriceBook): PlanNode {
  const text = (value: string): PlanNode => ({ place: PLACE, value });
  const routes = models.map(({ model, calls, callsWithoutCost, costNanoUsd }) => {
    const known = BigInt(calls - callsWithoutCost);
    const perMonth = over(times(whole(BigInt(calls)), MONTH_DAYS), days);
    const tier = tierOf(book.priceOf(model, NO_TOKENS) ?? { outputPicoUsd: undefined });
    const entries: (readonly [string, PlanNode])[] = [
      ['calls_per_month', text(decimals(roundedUp(times(perMonth, MILLION)), 6))],
    ];
    if (costNanoUsd !== undefined && known > 0n) {
      entries.push(['price', text(decimals(roundedUp(over(whole(costNanoUsd), whole(known))), 9))]);
    }
    if (tier !== undefined) entries.push(['tier', text(tier)]);
    return [model, mappingOf(PLACE, entries)] as const;
  });
  return mappingOf(PLACE, [['routes', mappingOf(PLACE, routes)]]);
}

/** A whole number of the last decimal place, as a decimal. */
function decimals(value: bigint, places: number): string {
  const digits = value.toString().padStart(places + 1, '0');
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}
