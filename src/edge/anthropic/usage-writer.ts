import type { Rest } from '../../protocol/chat/content.ts';
import type { Usage } from '../../protocol/usage.ts';
import { ownRest } from '../../providers/anthropic/wire.ts';
import { type Fields, isFields } from '../../providers/fields.ts';

/** All members that Anthropic's own answers have, so that strict clients find them. */
const NOTHING = {
  input_tokens: 0,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  cache_creation: null,
  output_tokens: 0,
  output_tokens_details: null,
  server_tool_use: null,
  service_tier: null,
  inference_geo: null,
  speed: null,
} as const;

/** Where the dialect has a word for it, by each vendor's own. */
const TIERS: Readonly<Record<string, string>> = {
  default: 'standard',
  standard: 'standard',
  priority: 'priority',
  batch: 'batch',
};

/**
 * A whole `usage` object. What its own dialect said stays as it was said.
 *
 * Here the fresh input is apart from what was read from a cache and written to
 * one. A count that nobody gave is 0, because the dialect has no word for it.
 */
export function writeUsage(usage: Usage | undefined, tier: string | undefined, rest: Rest | undefined): Fields {
  const own = ownRest(rest);
  if (own !== undefined)
    return { ...NOTHING, cache_creation_input_tokens: null, cache_read_input_tokens: null, ...own };
  if (usage === undefined) return NOTHING;
  const read = usage.cachedInputTokens ?? 0;
  const written = usage.cacheWriteTokens ?? 0;
  const written1h = usage.cacheWrite1hTokens ?? 0;
  const searches = usage.quantities?.['web-searches'];
  return {
    ...NOTHING,
    input_tokens: Math.max(0, (usage.inputTokens ?? 0) - read - written),
    cache_creation_input_tokens: written,
    cache_read_input_tokens: read,
    cache_creation:
      written === 0
        ? null
        : { ephemeral_5m_input_tokens: Math.max(0, written - written1h), ephemeral_1h_input_tokens: written1h },
    output_tokens: usage.outputTokens ?? 0,
    output_tokens_details: usage.reasoningTokens === undefined ? null : { thinking_tokens: usage.reasoningTokens },
    server_tool_use: searches === undefined ? null : { web_search_requests: searches, web_fetch_requests: 0 },
    service_tier: TIERS[tier ?? ''] ?? null,
  };
}

const OF_THE_START = ['service_tier', 'inference_geo', 'speed'] as const;

/** The usage object of `message_delta`: all counts, and what belongs to `message_start` where it came too late for that. */
export function deltaUsage(usage: Fields): Fields {
  const counts: Record<string, unknown> = { ...usage };
  for (const name of OF_THE_START) if (counts[name] === null) delete counts[name];
  return counts;
}

/** The usage object inside what a whole answer of this dialect kept. */
export function usageRest(rest: Rest | undefined): Rest | undefined {
  const usage = ownRest(rest)?.['usage'];
  return rest !== undefined && isFields(usage) ? { dialect: rest.dialect, fields: usage } : undefined;
}
