import type { AttemptEnd } from '../../protocol/attempt-record.ts';
import { quoted } from '../pglite/parameters.ts';

/** One column as an array literal, for `unnest`: any number of ends are one statement with one parameter a column. */
type Column = (end: AttemptEnd) => string;

const NULL = 'NULL';

/** In the order of the parameters of `APPLY_LATE_ENDS`. */
const COLUMNS: readonly Column[] = [
  (end) => String(end.callStartedAt),
  (end) => text(end.callId),
  (end) => String(end.attempt),
  (end) => String(end.endedAt),
  (end) => text(end.outcome),
  (end) => String(end.last),
  (end) => number(end.status),
  (end) => number(end.clientStatus),
  (end) => text(end.errorCode),
  (end) => text(end.errorMessage),
  (end) => text(end.finishReason),
  (end) => number(end.usage?.inputTokens),
  (end) => number(end.usage?.cachedInputTokens),
  (end) => number(end.usage?.outputTokens),
  (end) => number(end.usage?.reasoningTokens),
  (end) => text(end.usageSource),
  (end) => end.costNanoUsd ?? NULL,
  (end) => number(end.firstTokenMs),
  (end) => String(end.totalMs),
  (end) => text(end.upstreamRequestId),
];

export function lateEndArrays(ends: readonly AttemptEnd[]): string[] {
  return COLUMNS.map((column) => `{${ends.map(column).join(',')}}`);
}

function number(value: number | undefined): string {
  return value === undefined ? NULL : String(value);
}

function text(value: string | undefined): string {
  return value === undefined ? NULL : quoted(storable(value));
}

/** Postgres' text holds any character but NUL, and no half of a surrogate pair. */
function storable(value: string): string {
  const wellFormed = value.toWellFormed();
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '\u{fffd}') : wellFormed;
}
