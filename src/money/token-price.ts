import { type NanoUsd, nanoRoundedUp, type PicoUsd, pico } from '../kernel/amounts.ts';
import type { Usage } from '../protocol/usage.ts';

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
  const input = BigInt(usage.inputTokens);
  const output = BigInt(usage.outputTokens ?? 0);
  const claimed = BigInt(usage.cachedInputTokens ?? 0);
  const cached = claimed < input ? claimed : input;
  const cachedPrice = prices.cachedInputPicoUsd ?? prices.inputPicoUsd;
  const total = (input - cached) * prices.inputPicoUsd + cached * cachedPrice + output * prices.outputPicoUsd;
  return nanoRoundedUp(pico(total));
}
