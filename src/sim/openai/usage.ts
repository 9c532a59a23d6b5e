import type { BadUsageForm, Shape } from '../dialect.ts';

/** Token counts of one answer, all choices together. */
export interface OpenAiUsage {
  readonly promptTokens: number;
  readonly cachedTokens: number;
  /** Reasoning included. */
  readonly completionTokens: number;
  readonly reasoningTokens: number;
}

/** What stands in the place of a count. `NaN` makes the JSON around it invalid, as it does with providers that write it. */
const BAD_COUNTS: Readonly<Record<BadUsageForm, (honest: number) => string>> = {
  negative: () => '-5',
  nan: () => 'NaN',
  string: (honest) => `"${honest}"`,
  huge: () => '1e15',
  fraction: (honest) => String(honest + 0.5),
  null: () => 'null',
};

/** OpenAI's `usage` object of a chat or completions answer as JSON; `undefined` when the answer is to have none. */
export function usageJson(usage: OpenAiUsage, shape: Shape): string | undefined {
  if (shape.usage === 'none') return undefined;
  const write = shape.usage === 'honest' ? String : BAD_COUNTS[shape.usage];
  const total = usage.promptTokens + usage.completionTokens;
  return (
    `{"prompt_tokens":${write(usage.promptTokens)},"completion_tokens":${write(usage.completionTokens)}` +
    `,"total_tokens":${write(total)}` +
    `,"prompt_tokens_details":{"cached_tokens":${usage.cachedTokens},"audio_tokens":0}` +
    `,"completion_tokens_details":{"reasoning_tokens":${usage.reasoningTokens},"audio_tokens":0` +
    `,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}`
  );
}

/** OpenAI's `usage` object of an embeddings answer. */
export function embeddingUsageJson(promptTokens: number, shape: Shape): string | undefined {
  if (shape.usage === 'none') return undefined;
  const write = shape.usage === 'honest' ? String : BAD_COUNTS[shape.usage];
  return `{"prompt_tokens":${write(promptTokens)},"total_tokens":${write(promptTokens)}}`;
}
