import type { BadUsageForm, Shape } from '../dialect.ts';
import type { CacheAccount } from './marker-cache.ts';

/** What one answer used. */
export interface MessagesUsage {
  /** All that was read, however it is billed: what hosted tools found is read too. */
  readonly promptTokens: number;
  readonly cache: CacheAccount;
  /** Thoughts included. */
  readonly outputTokens: number;
  /** Absent when the answer was not to think. */
  readonly thinkingTokens?: number;
  /** Absent when there were no tools of the provider's. */
  readonly webSearches?: number;
}

/** What stands in the place of a count. `NaN` makes the JSON around it invalid. */
const BAD_COUNTS: Readonly<Partial<Record<BadUsageForm, (honest: number) => string>>> = {
  negative: () => '-5',
  nan: () => 'NaN',
  string: (honest) => `"${honest}"`,
  huge: () => '1e15',
  absurd: () => '1e18',
  fraction: (honest) => String(honest + 0.5),
  null: () => 'null',
  zero: () => '0',
};

/** The `usage` object of a message as JSON; `undefined` when the answer is to have none. */
export function messageUsage(usage: MessagesUsage, shape: Shape): string | undefined {
  return written(usage, shape, (counts) => {
    const { written5mTokens, written1hTokens } = usage.cache;
    // A breakdown that says more than the sum it breaks down.
    const beyond = shape.usage === 'cached-above-prompt' ? usage.promptTokens + 7 : 0;
    const breakdown = `{"ephemeral_5m_input_tokens":${written5mTokens + beyond},"ephemeral_1h_input_tokens":${written1hTokens}}`;
    return `{${counts},"cache_creation":${breakdown}${extras(usage)},"service_tier":"standard","inference_geo":"not_available"}`;
  });
}

/** The same in a stream's `message_delta`: counts of the whole answer so far. */
export function deltaUsage(usage: MessagesUsage, shape: Shape): string | undefined {
  return written(usage, shape, (counts) => `{${counts}${extras(usage)}}`);
}

function written(usage: MessagesUsage, shape: Shape, object: (counts: string) => string): string | undefined {
  if (shape.usageText !== undefined) return shape.usageText;
  if (shape.usage === 'none') return undefined;
  if (shape.usage === 'no-object') return 'null';
  const bad = shape.usage === 'honest' ? undefined : BAD_COUNTS[shape.usage];
  const write = bad ?? String;
  const { promptTokens, cache, outputTokens, thinkingTokens = 0 } = usage;
  const creation = cache.written5mTokens + cache.written1hTokens;
  const apart = shape.usage === 'reasoning-apart' ? thinkingTokens : 0;
  return object(
    `"input_tokens":${write(promptTokens - cache.readTokens - creation)},"cache_creation_input_tokens":${creation}` +
      `,"cache_read_input_tokens":${cache.readTokens},"output_tokens":${write(outputTokens - apart)}`,
  );
}

function extras({ thinkingTokens, webSearches }: MessagesUsage): string {
  const thinking = thinkingTokens === undefined ? '' : `,"output_tokens_details":{"thinking_tokens":${thinkingTokens}}`;
  const searches =
    webSearches === undefined ? '' : `,"server_tool_use":{"web_search_requests":${webSearches},"web_fetch_requests":0}`;
  return thinking + searches;
}
