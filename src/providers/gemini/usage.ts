import type { Draft } from '../../kernel/draft.ts';
import type { Usage } from '../../protocol/usage.ts';
import {
  at,
  firstCount,
  isRawUsage,
  putPart,
  putTier,
  type RawUsage,
  sumOfKnown,
} from '../../protocol/usage-fields.ts';

/**
 * Gemini's `usageMetadata`. The prompt includes what was cached; what tools
 * read comes on top of it, and thoughts come on top of the candidates. A count
 * of 0 is left out by the provider (ai.google.dev/api, UsageMetadata).
 */
export function readGeminiUsage(value: unknown): Usage | undefined {
  if (!isRawUsage(value)) return undefined;
  const prompt = firstCount(value['promptTokenCount']);
  const candidates = firstCount(value['candidatesTokenCount'], value['responseTokenCount']);
  if (prompt === undefined && candidates === undefined) return undefined;
  const tools = firstCount(value['toolUsePromptTokenCount']);
  const thoughts = firstCount(value['thoughtsTokenCount']);
  const usage: Draft<Usage> = {};
  const input = sumOfKnown(prompt, tools);
  if (input !== undefined) usage.inputTokens = input;
  const cached = firstCount(value['cachedContentTokenCount']);
  if (cached !== undefined) usage.cachedInputTokens = cached;
  const said = candidates ?? leftOver(value, input, thoughts);
  const output = said === undefined ? undefined : sumOfKnown(said, thoughts);
  if (output !== undefined) usage.outputTokens = output;
  if (thoughts !== undefined) usage.reasoningTokens = thoughts;
  putMedia(usage, value);
  putTier(usage, value['serviceTier'] ?? trafficTier(value['trafficType']));
  return usage;
}

/** What the total has beside the rest: the candidates, where they are not counted. Without a total there are none, unless it is said that there are. */
function leftOver(value: RawUsage, input: number | undefined, thoughts: number | undefined): number | undefined {
  const total = firstCount(value['totalTokenCount']);
  if (total !== undefined) return firstCount(total - (input ?? 0) - (thoughts ?? 0));
  const told = value['candidatesTokenCount'] ?? value['responseTokenCount'];
  return told === undefined || told === null ? 0 : undefined;
}

const MEDIA = [
  ['inputAudioTokens', ['AUDIO'], ['promptTokensDetails', 'toolUsePromptTokensDetails']],
  ['inputImageTokens', ['IMAGE', 'DOCUMENT'], ['promptTokensDetails', 'toolUsePromptTokensDetails']],
  ['inputVideoTokens', ['VIDEO'], ['promptTokensDetails', 'toolUsePromptTokensDetails']],
  ['cachedAudioTokens', ['AUDIO'], ['cacheTokensDetails']],
  ['cachedImageTokens', ['IMAGE', 'DOCUMENT'], ['cacheTokensDetails']],
  ['cachedVideoTokens', ['VIDEO'], ['cacheTokensDetails']],
  ['outputAudioTokens', ['AUDIO'], ['candidatesTokensDetails', 'responseTokensDetails']],
  ['outputImageTokens', ['IMAGE', 'DOCUMENT'], ['candidatesTokensDetails', 'responseTokensDetails']],
  ['outputVideoTokens', ['VIDEO'], ['candidatesTokensDetails', 'responseTokensDetails']],
] as const;

function putMedia(usage: Draft<Usage>, value: RawUsage): void {
  for (const [field, modalities, lists] of MEDIA) {
    const counts = lists.flatMap((list) => ofModality(value[list], modalities));
    putPart(usage, field, sumOfKnown(...counts));
  }
}

function ofModality(list: unknown, modalities: readonly string[]): (number | undefined)[] {
  if (!Array.isArray(list)) return [];
  return list
    .filter((one) => modalities.includes(String(at(one, 'modality'))))
    .map((one) => firstCount(at(one, 'tokenCount')));
}

/** Vertex AI names its tiers by traffic: `ON_DEMAND`, `ON_DEMAND_FLEX`, `PROVISIONED_THROUGHPUT`. */
function trafficTier(traffic: unknown): unknown {
  return typeof traffic === 'string' ? traffic.replace(/^ON_DEMAND_/, '') : undefined;
}
