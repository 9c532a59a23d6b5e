import type { Usage } from '../protocol/usage.ts';

/** What `attempts` has a column for. */
const COLUMNS: ReadonlySet<string> = new Set([
  'inputTokens',
  'cachedInputTokens',
  'cacheWriteTokens',
  'outputTokens',
  'reasoningTokens',
] satisfies (keyof Usage)[]);

/** What of a usage has no column of its own, for `attempts.usage_detail`; `undefined` where that is nothing. */
export function usageDetail(usage: Usage | undefined): Readonly<Record<string, unknown>> | undefined {
  if (usage === undefined) return undefined;
  let detail: Record<string, unknown> | undefined;
  for (const [name, value] of Object.entries(usage)) {
    if (value === undefined || COLUMNS.has(name)) continue;
    detail ??= {};
    detail[name] = typeof value === 'string' ? storable(value) : value;
  }
  return detail;
}

/** The part of a usage that `usageDetail` gave; it was checked when its record was read. */
export function usageWithDetail(detail: Readonly<Record<string, unknown>> | null): Partial<Usage> {
  return detail === null ? {} : detail;
}

/** A `jsonb` holds no NUL and no half of a surrogate pair. Quantities' names have neither. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\u{fffd}');
}
