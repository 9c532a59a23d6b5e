import type { Shape } from '../dialect.ts';
import { type OpenAiUsage, writerOf } from '../openai/usage.ts';

/** The `usage` object of a response as JSON; `undefined` when the answer is to have none. */
export function responseUsage(usage: OpenAiUsage, shape: Shape): string | undefined {
  if (shape.usageText !== undefined) return shape.usageText;
  if (shape.usage === 'none') return undefined;
  if (shape.usage === 'no-object') return 'null';
  const write = writerOf(shape);
  const apart = shape.usage === 'reasoning-apart' ? usage.reasoningTokens : 0;
  const cached = shape.usage === 'cached-above-prompt' ? usage.promptTokens + 7 : usage.cachedTokens;
  return (
    `{"input_tokens":${write(usage.promptTokens)},"input_tokens_details":{"cache_write_tokens":0,"cached_tokens":${cached}}` +
    `,"output_tokens":${write(usage.completionTokens - apart)}` +
    `,"output_tokens_details":{"reasoning_tokens":${usage.reasoningTokens}}` +
    `,"total_tokens":${write(usage.promptTokens + usage.completionTokens)}}`
  );
}
