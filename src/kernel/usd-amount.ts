import { type NanoUsd, nano } from './amounts.ts';
import { scaledDecimal } from './decimal.ts';

const NANO_DECIMALS = 9;
/** A double holds every decimal of so many digits as itself, and prints it as it was written. */
const EXACT_DIGITS = 15;

/** A thousand million dollars: far above any bill, far below what a 64-bit column holds. */
export const NANO_USD_MAX: NanoUsd = nano(1_000_000_000n * 1_000_000_000n);

/**
 * US dollars in decimal digits, exactly.
 *
 * @returns `undefined` for text that is no such number, has more than 9 decimals, a sign, or more than a thousand million dollars
 */
export function usdAmount(text: string): NanoUsd | undefined {
  const amount = scaledDecimal(text.trim(), NANO_DECIMALS);
  return amount === undefined || amount > NANO_USD_MAX ? undefined : nano(amount);
}

/** A number as the decimal that was written; `undefined` when a double cannot tell which one that was. */
export function writtenDecimal(number: number): string | undefined {
  if (!Number.isFinite(number) || number < 0) return undefined;
  const text = String(number);
  const digits = text.replace(/e.*$/, '').replace(/^0\.0*|\./g, '').length;
  return digits > EXACT_DIGITS ? undefined : text;
}
