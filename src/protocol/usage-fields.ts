import { scaledDecimal } from '../kernel/decimal.ts';
import type { Draft } from '../kernel/draft.ts';
import { type Quantity, specialTier, tokenCount, type Usage } from './usage.ts';

/** A provider's usage object before it is read. */
export type RawUsage = Readonly<Record<string, unknown>>;

export function isRawUsage(value: unknown): value is RawUsage {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What lies at a path of an answer; `undefined` where it does not go on. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const key of path) found = isRawUsage(found) ? found[key] : undefined;
  return found;
}

/** The first of some values that is a token count. Negative, fractional and absurd ones are none. */
export function firstCount(...values: readonly unknown[]): number | undefined {
  for (const value of values) {
    const count = tokenCount(value);
    if (count !== undefined) return count;
  }
  return undefined;
}

/** The sum of what is known; `undefined` when nothing is. */
export function sumOfKnown(...counts: readonly (number | undefined)[]): number | undefined {
  let sum: number | undefined;
  for (const count of counts) if (count !== undefined) sum = (sum ?? 0) + count;
  return tokenCount(sum);
}

type TokenField = {
  [Field in keyof Usage]-?: number extends Usage[Field] ? Field : never;
}[keyof Usage];

/** Sets a count that is known and above 0: the parts of a whole that are not there need not be told. */
export function putPart(usage: Draft<Usage>, field: TokenField, count: number | undefined): void {
  if (count !== undefined && count > 0) usage[field] = count;
}

/** Adds so many units that are not tokens. What is no amount, or none, adds nothing. */
export function putQuantity(usage: Draft<Usage>, quantity: Quantity, value: unknown): void {
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0 || value > 1e9) return;
  // Seconds are measured in floats: what is finer than a millionth is noise.
  const amount = Number(value.toFixed(6));
  usage.quantities = { ...usage.quantities, [quantity]: (usage.quantities?.[quantity] ?? 0) + amount };
}

export function putTier(usage: Draft<Usage>, value: unknown): void {
  const tier = specialTier(value);
  if (tier !== undefined) usage.serviceTier = tier;
}

/** What a provider says that it charges, in dollars as a JSON number. It is kept to be compared, and so may be rounded. */
export function putProviderCost(usage: Draft<Usage>, dollars: unknown): void {
  if (typeof dollars !== 'number' || !(dollars >= 0) || dollars > 1e6) return;
  const nano = scaledDecimal(dollars.toFixed(9), 9);
  if (nano !== undefined) usage.providerCostNanoUsd = String(nano);
}
