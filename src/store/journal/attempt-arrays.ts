import type { AttemptCheckpoint, AttemptEnd } from '../../protocol/attempt-record.ts';
import type { Usage } from '../../protocol/usage.ts';
import { quoted } from '../pglite/parameters.ts';
import { usageDetail } from '../usage-detail.ts';

/** One column as an array literal, for `unnest`: any number of ends are one statement with one parameter a column. */
type Column<Record> = (record: Record) => string;

const NULL = 'NULL';

/** In the order of the parameters of `APPLY_LATE_ENDS`. */
const LATE_END: readonly Column<AttemptEnd>[] = [
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
  (end) => number(end.usage?.cacheWriteTokens),
  (end) => detail(end.usage),
  (end) => end.chargeNanoUsd ?? NULL,
  (end) => end.holdNanoUsd ?? NULL,
  (end) => (end.overrun === undefined ? NULL : String(end.overrun)),
];

/** In the order of the parameters of `APPLY_CHECKPOINTS`. */
const CHECKPOINT: readonly Column<AttemptCheckpoint>[] = [
  (checkpoint) => String(checkpoint.callStartedAt),
  (checkpoint) => text(checkpoint.callId),
  (checkpoint) => String(checkpoint.attempt),
  ({ usage }) => number(usage.inputTokens),
  ({ usage }) => number(usage.cachedInputTokens),
  ({ usage }) => number(usage.outputTokens),
  ({ usage }) => number(usage.reasoningTokens),
  ({ usage }) => number(usage.cacheWriteTokens),
  ({ usage }) => detail(usage),
  (checkpoint) => checkpoint.costNanoUsd ?? NULL,
];

export function lateEndArrays(ends: readonly AttemptEnd[]): string[] {
  return LATE_END.map((column) => `{${ends.map(column).join(',')}}`);
}

export function checkpointArrays(checkpoints: readonly AttemptCheckpoint[]): string[] {
  return CHECKPOINT.map((column) => `{${checkpoints.map(column).join(',')}}`);
}

function detail(usage: Usage | undefined): string {
  const without = usageDetail(usage);
  return without === undefined ? NULL : text(JSON.stringify(without));
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
