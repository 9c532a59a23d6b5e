import type { Draft } from '../../kernel/draft.ts';
import type { Usage } from '../../protocol/usage.ts';
import { at, firstCount, isRawUsage, putPart, sumOfKnown } from '../../protocol/usage-fields.ts';

/**
 * The `usage` object of Bedrock's Converse. `inputTokens` counts what was
 * neither read from a cache nor written to one (docs.aws.amazon.com, TokenUsage).
 */
export function readBedrockUsage(value: unknown): Usage | undefined {
  if (!isRawUsage(value)) return undefined;
  const fresh = firstCount(value['inputTokens']);
  const read = firstCount(value['cacheReadInputTokens'], value['cacheReadInputTokenCount']);
  const written = firstCount(value['cacheWriteInputTokens'], value['cacheWriteInputTokenCount']);
  const output = firstCount(value['outputTokens']);
  if (fresh === undefined && output === undefined) return undefined;
  const usage: Draft<Usage> = {};
  if (fresh !== undefined) usage.inputTokens = fresh + (read ?? 0) + (written ?? 0);
  if (read !== undefined) usage.cachedInputTokens = read;
  putPart(usage, 'cacheWriteTokens', written);
  if (output !== undefined) usage.outputTokens = output;
  putPart(usage, 'cacheWrite1hTokens', written1h(value['cacheDetails']));
  return usage;
}

function written1h(details: unknown): number | undefined {
  if (!Array.isArray(details)) return undefined;
  const hours = details.filter((one) => at(one, 'ttl') === '1h');
  return sumOfKnown(...hours.map((one) => firstCount(at(one, 'inputTokens'))));
}
