import { scaledDecimal } from '../../kernel/decimal.ts';

/** An exact amount of pico-USD. */
export interface Fraction {
  readonly numerator: bigint;
  /** Above 0. */
  readonly denominator: bigint;
}

/** The exact sum; its denominator is the product of those that are not 1, each taken once. */
export function sumOf(amounts: readonly Fraction[]): Fraction {
  let numerator = 0n;
  let denominator = 1n;
  for (const amount of amounts) {
    if (amount.denominator === denominator) numerator += amount.numerator;
    else if (amount.denominator === 1n) numerator += amount.numerator * denominator;
    else {
      numerator = numerator * amount.denominator + amount.numerator * denominator;
      denominator *= amount.denominator;
    }
  }
  return { numerator, denominator };
}

/** Pico-USD a whole unit, rounded up. `divisor` must be above 0. */
export function dividedRoundedUp(amount: bigint, divisor: bigint): bigint {
  return (amount + divisor - 1n) / divisor;
}

/** Quantities are counted in millionths, because seconds are not whole. */
export const MILLIONTHS = 1_000_000n;

/** A count of quantities in millionths; `undefined` for one that is no count, or finer. */
export function millionthsOf(count: number | undefined): bigint | undefined {
  return scaledDecimal(String(count), 6);
}

/** Whole amounts get the denominator 1, so that sums of them stay small. */
export function reduced(numerator: bigint, denominator: bigint): Fraction {
  if (denominator === 1n || numerator % denominator !== 0n) return { numerator, denominator };
  return { numerator: dividedRoundedUp(numerator, denominator), denominator: 1n };
}
