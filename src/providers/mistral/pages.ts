import type { Draft } from '../../kernel/draft.ts';
import type { Usage } from '../../protocol/usage.ts';
import { at, putQuantity } from '../../protocol/usage-fields.ts';

/** `usage_info` of Mistral's OCR: sold by the page, and by a dearer one where annotations were asked for. */
export function readPagesUsage(value: unknown, annotated: boolean): Usage | undefined {
  const usage: Draft<Usage> = {};
  putQuantity(usage, annotated ? 'annotated-pages' : 'pages', at(value, 'pages_processed'));
  return usage.quantities === undefined ? undefined : usage;
}
