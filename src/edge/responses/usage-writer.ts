import type { Usage } from '../../protocol/usage.ts';
import type { WireObject } from '../../providers/openai/wire.ts';

/**
 * Usage as clients of this dialect read it, `null` where nothing is known. A
 * part that nobody counted is 0, because the dialect has no word for it.
 */
export function usageJson(usage: Usage | undefined): WireObject | null {
  if (usage === undefined) return null;
  const input = usage.inputTokens ?? 0;
  const output = usage.outputTokens ?? 0;
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: usage.cachedInputTokens ?? 0,
      cache_write_tokens: usage.cacheWriteTokens ?? 0,
    },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage.reasoningTokens ?? 0 },
    total_tokens: input + output,
  };
}
