import type { Draft } from '../../kernel/draft.ts';
import { tokenCount, type Usage } from '../../protocol/usage.ts';

/**
 * OpenAI's `usage` object: `prompt_tokens` includes the cached ones,
 * `completion_tokens` includes the reasoning ones. A count that is negative,
 * fractional or absurd is unknown.
 */
export function readUsage(value: unknown): Usage | undefined {
  if (!isObject(value)) return undefined;
  const inputTokens = tokenCount(value['prompt_tokens']);
  const outputTokens = tokenCount(value['completion_tokens']);
  const cachedInputTokens = tokenCount(detail(value['prompt_tokens_details'], 'cached_tokens'));
  const reasoningTokens = tokenCount(detail(value['completion_tokens_details'], 'reasoning_tokens'));
  if (inputTokens === undefined && outputTokens === undefined) return undefined;
  const mediaTokens = mediaOf(value['prompt_tokens_details']) + mediaOf(value['completion_tokens_details']);
  const usage: Draft<Usage> = {};
  if (inputTokens !== undefined) usage.inputTokens = inputTokens;
  if (cachedInputTokens !== undefined) usage.cachedInputTokens = cachedInputTokens;
  if (outputTokens !== undefined) usage.outputTokens = outputTokens;
  if (reasoningTokens !== undefined) usage.reasoningTokens = reasoningTokens;
  if (mediaTokens !== 0) usage.mediaTokens = mediaTokens;
  return usage;
}

const MEDIA = ['audio_tokens', 'image_tokens', 'video_tokens'];

function mediaOf(details: unknown): number {
  if (!isObject(details)) return 0;
  return MEDIA.reduce((sum, key) => sum + (tokenCount(details[key]) ?? 0), 0);
}

function detail(value: unknown, key: string): unknown {
  return isObject(value) ? value[key] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
