import type { Draft } from '../../kernel/draft.ts';
import type { Usage } from '../../protocol/usage.ts';
import {
  at,
  firstCount,
  isRawUsage,
  putPart,
  putProviderCost,
  putQuantity,
  putTier,
  type RawUsage,
  sumOfKnown,
} from '../../protocol/usage-fields.ts';

/**
 * The `usage` object of the OpenAI family, in both of its namings: that of
 * Chat Completions (`prompt_tokens`) and that of Responses, Realtime, images
 * and transcriptions (`input_tokens`). The input includes the cached tokens,
 * the output the reasoning ones. A count that is negative, fractional or absurd
 * is unknown.
 *
 * @param beside what the usage lies in: its `service_tier` says at which prices
 */
export function readUsage(value: unknown, beside?: unknown): Usage | undefined {
  if (!isRawUsage(value)) return undefined;
  const input = firstCount(value['prompt_tokens'], value['input_tokens']) ?? embedded(value, beside);
  const ins = detailsOf(value, ['prompt_tokens_details', 'input_tokens_details', 'input_token_details']);
  const outs = detailsOf(value, ['completion_tokens_details', 'output_tokens_details', 'output_token_details']);
  const reasoning = firstCount(outs['reasoning_tokens'], value['reasoning_tokens']);
  const output = wholeOutput(value, input, reasoning);
  const usage: Draft<Usage> = {};
  if (input !== undefined) usage.inputTokens = input;
  const cached = cachedOf(value, ins);
  if (cached !== undefined) usage.cachedInputTokens = cached;
  putPart(usage, 'cacheWriteTokens', firstCount(ins['cache_write_tokens']));
  if (output !== undefined) usage.outputTokens = output;
  if (reasoning !== undefined) usage.reasoningTokens = reasoning;
  putMedia(usage, ins, outs);
  putPart(usage, 'citationTokens', firstCount(value['citation_tokens']));
  putFees(usage, value);
  if (input === undefined && output === undefined && usage.quantities === undefined) return undefined;
  putTier(usage, value['service_tier'] ?? at(beside, 'service_tier'));
  putProviderCost(usage, typeof value['cost'] === 'number' ? value['cost'] : at(value, 'cost', 'total_cost'));
  return usage;
}

/** Voyage counts what it embeds by its total alone (docs.voyageai.com, embeddings). */
function embedded(value: RawUsage, beside: unknown): number | undefined {
  const alone = isAbsent(value, 'prompt_tokens', 'input_tokens', 'completion_tokens', 'output_tokens');
  return alone && at(beside, 'object') === 'list' ? firstCount(value['total_tokens']) : undefined;
}

function detailsOf(value: RawUsage, names: readonly string[]): RawUsage {
  return names.map((name) => value[name]).find(isRawUsage) ?? {};
}

/**
 * Where a provider has its own place for it: DeepSeek `prompt_cache_hit_tokens`
 * (api-docs.deepseek.com, context caching), Moonshot and Anthropic's
 * compatible surface `cached_tokens`, Mistral `num_cached_tokens`, older xAI
 * `cached_prompt_text_tokens` (as recorded answers have them, read 2026-11-21).
 */
function cachedOf(value: RawUsage, ins: RawUsage): number | undefined {
  return firstCount(
    ins['cached_tokens'],
    value['prompt_cache_hit_tokens'],
    value['cached_tokens'],
    value['num_cached_tokens'],
    value['cached_prompt_text_tokens'],
  );
}

/**
 * All of the output. xAI counts reasoning beside it, which the total tells
 * (docs.x.ai, consumption and rate limits, as quoted in vercel/ai pull request
 * 12425, read 2026-11-21). Perplexity counts reasoning and cited passages
 * beside it, and its total tells nothing of them (docs.perplexity.ai, pricing).
 */
function wholeOutput(value: RawUsage, input: number | undefined, reasoning: number | undefined): number | undefined {
  const output = firstCount(value['completion_tokens'], value['output_tokens']);
  const { total_tokens: total } = value;
  if (output === undefined) {
    // Embeddings have no output, and say so by their total alone.
    return input !== undefined && total === input && isAbsent(value, 'completion_tokens', 'output_tokens')
      ? 0
      : undefined;
  }
  const citations = firstCount(value['citation_tokens']);
  if (
    citations !== undefined ||
    value['num_search_queries'] !== undefined ||
    value['search_context_size'] !== undefined
  ) {
    return sumOfKnown(output, reasoning, citations);
  }
  const apart = reasoning !== undefined && reasoning > 0 && input !== undefined && total === input + output + reasoning;
  return apart ? sumOfKnown(output, reasoning) : output;
}

function isAbsent(value: RawUsage, ...names: readonly string[]): boolean {
  return names.every((name) => value[name] === undefined || value[name] === null);
}

function putMedia(usage: Draft<Usage>, ins: RawUsage, outs: RawUsage): void {
  const cached = isRawUsage(ins['cached_tokens_details']) ? ins['cached_tokens_details'] : {};
  putPart(usage, 'inputAudioTokens', firstCount(ins['audio_tokens']));
  putPart(usage, 'cachedAudioTokens', firstCount(cached['audio_tokens']));
  putPart(usage, 'inputImageTokens', firstCount(ins['image_tokens']));
  putPart(usage, 'cachedImageTokens', firstCount(cached['image_tokens']));
  putPart(usage, 'inputVideoTokens', firstCount(ins['video_tokens']));
  putPart(usage, 'outputAudioTokens', firstCount(outs['audio_tokens']));
  putPart(usage, 'outputImageTokens', firstCount(outs['image_tokens']));
  putPart(usage, 'outputVideoTokens', firstCount(outs['video_tokens']));
}

/** What is sold beside tokens, where the usage counts it. */
function putFees(usage: Draft<Usage>, value: RawUsage): void {
  // Perplexity; OpenRouter.
  putQuantity(usage, 'web-searches', value['num_search_queries']);
  putQuantity(usage, 'web-searches', at(value, 'server_tool_use', 'web_search_requests'));
  // xAI's live search is sold by the source.
  putQuantity(usage, 'tool-calls:source', value['num_sources_used']);
  // xAI's voice.
  putQuantity(usage, 'conversation-seconds', value['billable_audio_seconds']);
  putQuantity(usage, 'text-messages', value['input_text_messages']);
  // Transcriptions that are sold by their length.
  if (value['type'] === 'duration') putQuantity(usage, 'transcription-seconds', value['seconds']);
}
