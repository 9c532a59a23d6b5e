/**
 * What a provider says it used, split by price class. Counts are tokens.
 * Unknown is `undefined`, never 0: an absent count is not a free one.
 */
export interface Usage {
  /** All input tokens, cached ones included. */
  readonly inputTokens?: number;
  /** Of the input, those read from the provider's prompt cache. */
  readonly cachedInputTokens?: number;
  /** Of the input, those written to the provider's prompt cache, where it counts them. */
  readonly cacheWriteTokens?: number;
  /** All output tokens, reasoning included. */
  readonly outputTokens?: number;
  /** Of input and output, those that are sound or pictures, which most providers price apart. */
  readonly mediaTokens?: number;
  /** Of the output, those spent on hidden reasoning. */
  readonly reasoningTokens?: number;
}

/** Who says so: the provider, our own count, or the hold we had taken. */
export type UsageSource = 'provider' | 'estimated' | 'reserved';

/** A token count as a provider may send it: a whole number from 0 to 10^12, or unknown. */
export function tokenCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= 1e12 ? value : undefined;
}
