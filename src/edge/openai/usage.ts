import type { Draft } from '../../kernel/draft.ts';
import { tokenCount, type Usage } from '../../protocol/usage.ts';

/**
 * OpenAI's `usage` object: `prompt_tokens` includes the cached ones,
 * `completion_tokens` includes the reasoning ones. Where the object's own total
 * says that it does not (xAI counts them apart: docs.x.ai, consumption and rate
 * limits, as quoted in vercel/ai pull request 12425, read 2026-11-21), they are
 * added. A count that is negative, fractional or absurd is unknown.
 */
export function readUsage(value: unknown): Usage | undefined {
  if (!isObject(value)) return undefined;
  const inputTokens = tokenCount(value['prompt_tokens']);
  const cachedInputTokens = tokenCount(detail(value['prompt_tokens_details'], 'cached_tokens'));
  const cacheWriteTokens = tokenCount(detail(value['prompt_tokens_details'], 'cache_write_tokens'));
  const reasoningTokens = tokenCount(detail(value['completion_tokens_details'], 'reasoning_tokens'));
  const outputTokens = wholeOutput(tokenCount(value['completion_tokens']), reasoningTokens, inputTokens, value);
  if (inputTokens === undefined && outputTokens === undefined) return undefined;
  const usage: Draft<Usage> = {};
  if (inputTokens !== undefined) usage.inputTokens = inputTokens;
  if (cachedInputTokens !== undefined) usage.cachedInputTokens = cachedInputTokens;
  if (cacheWriteTokens !== undefined && cacheWriteTokens > 0) usage.cacheWriteTokens = cacheWriteTokens;
  if (outputTokens !== undefined) usage.outputTokens = outputTokens;
  if (reasoningTokens !== undefined) usage.reasoningTokens = reasoningTokens;
  for (const [field, side, key] of MEDIA) {
    const tokens = tokenCount(detail(value[side], key));
    if (tokens !== undefined && tokens > 0) usage[field] = tokens;
  }
  return usage;
}

const MEDIA = [
  ['inputAudioTokens', 'prompt_tokens_details', 'audio_tokens'],
  ['inputImageTokens', 'prompt_tokens_details', 'image_tokens'],
  ['inputVideoTokens', 'prompt_tokens_details', 'video_tokens'],
  ['outputAudioTokens', 'completion_tokens_details', 'audio_tokens'],
  ['outputImageTokens', 'completion_tokens_details', 'image_tokens'],
  ['outputVideoTokens', 'completion_tokens_details', 'video_tokens'],
] as const;

function wholeOutput(
  output: number | undefined,
  reasoning: number | undefined,
  input: number | undefined,
  { total_tokens: total }: Record<string, unknown>,
): number | undefined {
  if (output === undefined || reasoning === undefined || reasoning === 0 || input === undefined) return output;
  return total === input + output + reasoning ? output + reasoning : output;
}

function detail(value: unknown, key: string): unknown {
  return isObject(value) ? value[key] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
