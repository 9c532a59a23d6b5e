import type { Draft } from '../../kernel/draft.ts';
import type { Usage } from '../../protocol/usage.ts';
import { at, firstCount, isRawUsage, putPart, putQuantity } from '../../protocol/usage-fields.ts';

/**
 * What Cohere bills: `billed_units` of a chat's `usage`, or of the `meta` of
 * embeddings and reranking. The `tokens` beside it count templates too, which
 * are not billed; they are taken where nothing else is given.
 */
export function readCohereUsage(value: unknown): Usage | undefined {
  const billed = at(value, 'billed_units');
  const counted = isRawUsage(billed) ? billed : at(value, 'tokens');
  if (!isRawUsage(counted)) return undefined;
  const text = firstCount(counted['input_tokens']);
  const images = firstCount(counted['image_tokens']);
  const usage: Draft<Usage> = {};
  if (text !== undefined || images !== undefined) usage.inputTokens = (text ?? 0) + (images ?? 0);
  // Only what comes out is told of: embeddings have nothing.
  if (usage.inputTokens !== undefined) usage.outputTokens = firstCount(counted['output_tokens']) ?? 0;
  putPart(usage, 'inputImageTokens', images);
  putQuantity(usage, 'rerank-searches', counted['search_units']);
  return usage.inputTokens === undefined && usage.quantities === undefined ? undefined : usage;
}
