import { scaledDecimal } from '../kernel/decimal.ts';

type Reviver = (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown;

/**
 * JSON with each number as the text it was written with, because a price that
 * has been a float is no longer exact.
 *
 * @throws SyntaxError
 */
export function parseExactJson(text: string): unknown {
  const asWritten: Reviver = (_key, value, context) => (typeof value === 'number' ? context.source : value);
  return JSON.parse(text, asWritten as (this: unknown, key: string, value: unknown) => unknown);
}

/** A whole number from its text; `undefined` for anything else, and for 0, which in published lists means unknown. */
export function countOf(value: unknown): number | undefined {
  const scaled = typeof value === 'string' ? scaledDecimal(value, 0) : undefined;
  return scaled !== undefined && scaled > 0n && scaled <= 1_000_000_000n ? Number(scaled) : undefined;
}
