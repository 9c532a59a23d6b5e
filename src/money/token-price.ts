import type { Usage } from '../protocol/usage.ts';
import { type NanoUsd, nanoRoundedUp, type PicoUsd, pico } from './amounts.ts';

/** What a target charges per token. */
export interface TokenPrices {
  readonly inputPicoUsd: PicoUsd;
  /** Absent: cached input costs what fresh input costs. */
  readonly cachedInputPicoUsd?: PicoUsd;
  readonly outputPicoUsd: PicoUsd;
}

/**
 * The price of one attempt, rounded up once at the end.
 *
 * @returns `undefined` when a price or a count it depends on is unknown: an
 *   unpriced call is not a free one
 */
export function priceOfUsage(usage: Usage | undefined, prices: TokenPrices | undefined): NanoUsd | undefined {
  if (prices === undefined || usage?.inputTokens === undefined) return undefined;
  const outputTokens = usage.outputTokens ?? 0;
  const cachedTokens = Math.min(usage.cachedInputTokens ?? 0, usage.inputTokens);
  const cachedPrice = prices.cachedInputPicoUsd ?? prices.inputPicoUsd;
  const total =
    BigInt(usage.inputTokens - cachedTokens) * prices.inputPicoUsd +
    BigInt(cachedTokens) * cachedPrice +
    BigInt(outputTokens) * prices.outputPicoUsd;
  return nanoRoundedUp(pico(total));
}
