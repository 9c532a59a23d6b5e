import { type NanoUsd, nanoRoundedUp, type PicoUsd, pico } from '../kernel/amounts.ts';
import type { Usage } from '../protocol/usage.ts';

/** What a target charges per token. */
export interface TokenPrices {
  readonly inputPicoUsd: PicoUsd;
  /** Absent: cached input costs what fresh input costs. */
  readonly cachedInputPicoUsd?: PicoUsd;
  /** Absent: writing to a cache costs what fresh input costs. */
  readonly cacheWritePicoUsd?: PicoUsd;
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
  const fresh = input - cached;
  const claimedWritten = BigInt(usage.cacheWriteTokens ?? 0);
  const written = claimedWritten < fresh ? claimedWritten : fresh;
  const writePrice = prices.cacheWritePicoUsd ?? prices.inputPicoUsd;
  const total =
    (fresh - written) * prices.inputPicoUsd +
    written * writePrice +
    cached * cachedPrice +
    output * prices.outputPicoUsd;
  return nanoRoundedUp(pico(total));
}
