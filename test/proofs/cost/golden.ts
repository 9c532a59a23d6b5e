import type { Catalog } from '../../../src/catalog/catalog.ts';
import { catalogPrices } from '../../../src/compose/catalog-prices.ts';
import { VirtualClock } from '../../../src/kernel/clock.ts';
import { costOf } from '../../../src/money/price-sheet.ts';
import type { Quantities, Usage } from '../../../src/protocol/usage.ts';
import { readAnthropicUsage } from '../../../src/providers/anthropic/usage.ts';
import { readBedrockUsage } from '../../../src/providers/bedrock/usage.ts';
import { readCohereUsage } from '../../../src/providers/cohere/usage.ts';
import { readGeminiUsage } from '../../../src/providers/gemini/usage.ts';
import { readPagesUsage } from '../../../src/providers/mistral/pages.ts';
import { readUsage } from '../../../src/providers/openai/usage.ts';
import { derivation } from './compare.ts';
import { GOLDEN_AT, type GoldenCase, type GoldenReader } from './golden-cases.ts';

const READERS: Readonly<Record<GoldenReader, (body: unknown, beside: unknown) => Usage | undefined>> = {
  openai: readUsage,
  anthropic: readAnthropicUsage,
  gemini: readGeminiUsage,
  bedrock: readBedrockUsage,
  cohere: readCohereUsage,
  'mistral-pages': (body) => readPagesUsage(body, false),
  'mistral-annotated-pages': (body) => readPagesUsage(body, true),
  quantities: (body) => ({ quantities: body as Quantities }),
};

/** What we price a golden case at, and how. */
export function pricedGolden(
  catalog: Catalog,
  one: Omit<GoldenCase, 'derivation' | 'nanoUsd'>,
): { readonly ours: bigint | undefined; readonly how: string } {
  const { vendor, model, reader, body, beside, extra, at = GOLDEN_AT } = one;
  const read = READERS[reader](body, beside);
  const usage = read && { ...read, ...extra };
  const sheet = catalogPrices(() => catalog, [vendor], new VirtualClock(Date.parse(at)))?.(model);
  return { ours: costOf(sheet, usage), how: derivation(sheet, usage) };
}
