import type { Usage } from './usage.ts';

/** A usage as answers show it. Unknown is null, never 0. */
export interface UsageJson {
  readonly input_tokens: number | null;
  readonly cached_input_tokens: number | null;
  readonly cache_write_tokens: number | null;
  readonly output_tokens: number | null;
  readonly reasoning_tokens: number | null;
  /** Whatever else it holds, by the names of `Usage` in snake case; null where that is nothing. */
  readonly details: Readonly<Record<string, unknown>> | null;
}

export function usageJson(usage: Usage | undefined): UsageJson | null {
  if (usage === undefined) return null;
  const { inputTokens, cachedInputTokens, cacheWriteTokens, outputTokens, reasoningTokens, ...rest } = usage;
  const details = Object.entries(rest).filter(([, value]) => value !== undefined);
  return {
    input_tokens: inputTokens ?? null,
    cached_input_tokens: cachedInputTokens ?? null,
    cache_write_tokens: cacheWriteTokens ?? null,
    output_tokens: outputTokens ?? null,
    reasoning_tokens: reasoningTokens ?? null,
    details: details.length === 0 ? null : Object.fromEntries(details.map(([name, value]) => [snakeCase(name), value])),
  };
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]|\d+[a-z]/g, (part) => `_${part.toLowerCase()}`);
}
