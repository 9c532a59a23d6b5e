import { pico } from '../kernel/amounts.ts';
import { scaledDecimal } from '../kernel/decimal.ts';
import type { Rate } from '../protocol/price-sheet.ts';

/** Dollars in pico-USD. */
const PICO_SCALE = 12;
/** Prices that were computed as floats have up to seventeen digits behind their zeros. */
const FINER_MAX = 24;

/**
 * A price as somebody published it, in dollars, as a rate that is exactly it.
 *
 * @param per for how many units the dollars are: a million tokens, 3,600 seconds
 * @param tiers other prices from some size of the input on
 * @returns `undefined` for text that is no price
 */
export function exactRate(
  dollars: unknown,
  per: bigint,
  tiers: readonly { readonly aboveInputTokens: number; readonly dollars: unknown }[] = [],
): Rate | undefined {
  const texts = [dollars, ...tiers.map((tier) => tier.dollars)];
  for (let finer = 0; finer <= FINER_MAX; finer++) {
    const amounts = texts.map((text) =>
      typeof text === 'string' ? scaledDecimal(text, PICO_SCALE + finer) : undefined,
    );
    if (!amounts.every((amount) => amount !== undefined)) continue;
    const units = per * 10n ** BigInt(finer);
    const common = amounts.reduce(greatestCommonDivisor, units);
    const [base = 0n, ...others] = amounts.map((amount) => amount / common);
    return {
      picoUsd: pico(base),
      per: units / common,
      tiers: tiers
        .map(({ aboveInputTokens }, index) => ({ aboveInputTokens, picoUsd: pico(others[index] ?? base) }))
        .toSorted((one, other) => one.aboveInputTokens - other.aboveInputTokens),
    };
  }
  return undefined;
}

function greatestCommonDivisor(one: bigint, other: bigint): bigint {
  return other === 0n ? one : greatestCommonDivisor(other, one % other);
}
