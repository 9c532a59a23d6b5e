import type { AttemptEnd } from '../../protocol/attempt-record.ts';
import { quoted } from '../pglite/parameters.ts';
import type { AttemptRow, KnownEnd } from './attempt-fold.ts';

/** One column as an array literal, for `unnest`: 2,000 rows are one statement with one parameter a column. */
type Column<Row> = (row: Row) => string;

const NULL = 'NULL';

/** In the order of the parameters of `INSERT_ATTEMPTS`. */
const ROW_COLUMNS: readonly Column<AttemptRow>[] = [
  ({ start }) => String(start.callStartedAt),
  ({ start }) => text(start.callId),
  ({ start }) => String(start.attempt),
  ({ start }) => String(start.startedAt),
  ({ start }) => text(start.organisation),
  ({ start }) => text(start.project),
  ({ start }) => text(start.keyId),
  ({ start }) => text(start.parentKeyId),
  ({ start }) => text(start.endUser),
  ({ start }) => text(start.task),
  ({ start }) => (start.tags === undefined ? NULL : quoted(textArray(start.tags))),
  ({ start }) => (start.metadata === undefined ? NULL : quoted(json(start.metadata))),
  ({ start }) => text(start.operation),
  ({ start }) => text(start.dialect),
  ({ start }) => String(start.stream),
  ({ start }) => text(start.modelAsked),
  ({ start }) => text(start.route),
  ({ start }) => text(start.routeReason),
  ({ start }) => text(start.provider),
  ({ start }) => text(start.model),
  ({ start }) => text(start.credential),
  ({ start }) => text(start.configVersion),
  ({ start }) => text(start.priceVersion),
  ({ start }) => text(start.traceId),
  ({ start }) => text(start.clientRequestId),
  ...endColumns<AttemptRow>(({ end }) => end),
];

/** In the order of the parameters of `APPLY_LATE_ENDS`. */
const LATE_END_COLUMNS: readonly Column<AttemptEnd>[] = [
  (end) => String(end.callStartedAt),
  (end) => text(end.callId),
  (end) => String(end.attempt),
  ...endColumns<AttemptEnd>((end) => end),
];

export function attemptArrays(rows: readonly AttemptRow[]): string[] {
  return ROW_COLUMNS.map((column) => `{${rows.map(column).join(',')}}`);
}

export function lateEndArrays(ends: readonly AttemptEnd[]): string[] {
  return LATE_END_COLUMNS.map((column) => `{${ends.map(column).join(',')}}`);
}

function endColumns<Row>(of: (row: Row) => KnownEnd | undefined): Column<Row>[] {
  return [
    (row) => number(of(row)?.endedAt),
    (row) => text(of(row)?.outcome),
    (row) => flag(of(row)?.last),
    (row) => number(of(row)?.status),
    (row) => number(of(row)?.clientStatus),
    (row) => text(of(row)?.errorCode),
    (row) => text(of(row)?.errorMessage),
    (row) => text(of(row)?.finishReason),
    (row) => number(of(row)?.usage?.inputTokens),
    (row) => number(of(row)?.usage?.cachedInputTokens),
    (row) => number(of(row)?.usage?.outputTokens),
    (row) => number(of(row)?.usage?.reasoningTokens),
    (row) => text(of(row)?.usageSource),
    (row) => of(row)?.costNanoUsd ?? NULL,
    (row) => number(of(row)?.firstTokenMs),
    (row) => number(of(row)?.totalMs),
    (row) => text(of(row)?.upstreamRequestId),
  ];
}

function number(value: number | undefined): string {
  return value === undefined ? NULL : String(value);
}

function flag(value: boolean | undefined): string {
  return value === undefined ? NULL : String(value);
}

function text(value: string | undefined): string {
  return value === undefined ? NULL : quoted(storable(value));
}

function textArray(values: readonly string[]): string {
  return `{${values.map((value) => quoted(storable(value))).join(',')}}`;
}

function json(values: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(values).map(([name, value]) => [storable(name), storable(value)]);
  return JSON.stringify(Object.fromEntries(pairs));
}

/** Postgres' text holds any character but NUL, and no half of a surrogate pair. */
function storable(value: string): string {
  const wellFormed = value.toWellFormed();
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '\u{fffd}') : wellFormed;
}
