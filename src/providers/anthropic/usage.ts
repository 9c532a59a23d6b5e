import type { Draft } from '../../kernel/draft.ts';
import type { Usage } from '../../protocol/usage.ts';
import {
  at,
  firstCount,
  isRawUsage,
  putPart,
  putQuantity,
  putTier,
  type RawUsage,
  sumOfKnown,
} from '../../protocol/usage-fields.ts';

/**
 * The `usage` object of Anthropic's Messages. Here `input_tokens` counts only
 * what was neither read from a cache nor written to one: the three are added.
 * Fetching pages has no fee; searching has one, running code has one too
 * (platform.claude.com/docs, pricing).
 */
export function readAnthropicUsage(value: unknown): Usage | undefined {
  if (!isRawUsage(value)) return undefined;
  const fresh = firstCount(value['input_tokens']);
  const read = firstCount(value['cache_read_input_tokens']);
  const written5m = firstCount(at(value, 'cache_creation', 'ephemeral_5m_input_tokens'));
  const written1h = firstCount(at(value, 'cache_creation', 'ephemeral_1h_input_tokens'));
  const written = firstCount(value['cache_creation_input_tokens']) ?? sumOfKnown(written5m, written1h);
  const output = firstCount(value['output_tokens']);
  const usage: Draft<Usage> = {};
  if (fresh !== undefined) usage.inputTokens = fresh + (read ?? 0) + (written ?? 0);
  if (read !== undefined) usage.cachedInputTokens = read;
  putPart(usage, 'cacheWriteTokens', written);
  if (output !== undefined) usage.outputTokens = output;
  putPart(usage, 'reasoningTokens', firstCount(at(value, 'output_tokens_details', 'thinking_tokens')));
  putPart(usage, 'cacheWrite1hTokens', written1h);
  putQuantity(usage, 'web-searches', at(value, 'server_tool_use', 'web_search_requests'));
  putQuantity(usage, 'code-executions', at(value, 'server_tool_use', 'code_execution_requests'));
  putQuantity(usage, 'tool-calls:advisor', advisorMessages(value['iterations']));
  if (fresh === undefined && output === undefined) return undefined;
  putTier(usage, tierOf(value));
  if (usage.serviceTier === 'batch') usage.batch = true;
  return usage;
}

/** Another model's answers inside this one; its tokens are not among those counted above, and are billed all the same. */
function advisorMessages(iterations: unknown): number {
  return Array.isArray(iterations) ? iterations.filter((one) => at(one, 'type') === 'advisor_message').length : 0;
}

/** Inference that is bound to a country, or is faster, has prices of its own, as a service tier has. */
function tierOf({ service_tier: tier, inference_geo: geo, speed }: RawUsage): unknown {
  if (speed === 'fast') return speed;
  return geo === 'us' && (tier === 'standard' || tier === undefined || tier === null) ? 'geo_us' : tier;
}

/**
 * The usage objects of one stream together. `message_start` has the input and
 * a placeholder for the output; each `message_delta` has running totals, of
 * whatever it names: a later count replaces an earlier one.
 */
export function mergedAnthropicUsage(earlier: RawUsage | undefined, later: RawUsage): RawUsage {
  const known = Object.entries(later).filter(([, value]) => value !== undefined && value !== null);
  return { ...earlier, ...Object.fromEntries(known) };
}
