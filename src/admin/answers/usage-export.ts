import { type CsvCell, csvLine } from '../../kernel/csv-text.ts';
import { freshen } from '../freshness.ts';
import { StreamedAnswer } from '../streamed-answer.ts';
import type { Question } from './answers.ts';
import type { UsageParts } from './usage.ts';
import { hourJson, hoursPage, hoursStretch, lineJson, linesPage, linesStretch } from './usage-lines.ts';

/** Rows that are in memory at once. */
const PAGE_ROWS = 500;

type ExportQuery = Question<'export_usage'>['query'];
type Row = Readonly<Record<string, unknown>>;

/** All rows of a range as a file, a page of them at a time. Its first page is there before it begins, so that a refusal is one. */
export async function exportAnswer(parts: UsageParts, { query }: Question<'export_usage'>): Promise<StreamedAnswer> {
  const rows = query.what === 'hours' ? hours(parts, query) : lines(parts, query);
  await freshen(parts);
  const first = await rows.next();
  const contentType = query.format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson';
  const text = query.format === 'csv' ? csvOf(COLUMNS[query.what], all(first, rows)) : jsonLinesOf(all(first, rows));
  return new StreamedAnswer(contentType, `leeward-${query.what}.${query.format}`, text);
}

async function* hours(parts: UsageParts, query: ExportQuery): AsyncGenerator<Row[]> {
  const page = hoursPage(parts, query, hoursStretch(query, parts));
  let after: { hour: number; id: string } | undefined;
  for (;;) {
    const rows = await page(PAGE_ROWS, after);
    yield rows.map(hourJson);
    after = rows.at(-1);
    if (rows.length < PAGE_ROWS) return;
  }
}

async function* lines(parts: UsageParts, query: ExportQuery): AsyncGenerator<Row[]> {
  const page = linesPage(parts, query, linesStretch(query, parts));
  let after: { callStartedAt: number; callId: string; attempt: number } | undefined;
  for (;;) {
    const rows = await page(PAGE_ROWS, after);
    yield rows.map(lineJson);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_ROWS) return;
    after = { callStartedAt: last.call_started_at.getTime(), callId: last.call_id, attempt: last.attempt };
  }
}

async function* all(first: IteratorResult<Row[]>, rest: AsyncGenerator<Row[]>): AsyncGenerator<Row[]> {
  if (first.done === true) return;
  yield first.value;
  yield* rest;
}

async function* csvOf(columns: readonly string[], pages: AsyncIterable<Row[]>): AsyncGenerator<string> {
  yield csvLine(columns);
  for await (const rows of pages) {
    if (rows.length > 0) yield rows.map((row) => csvLine(columns.map((column) => cellOf(row[column])))).join('');
  }
}

async function* jsonLinesOf(pages: AsyncIterable<Row[]>): AsyncGenerator<string> {
  for await (const rows of pages) {
    if (rows.length > 0) yield rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  }
}

/** Lists are joined by a semicolon; objects are JSON. */
function cellOf(value: unknown): CsvCell {
  if (Array.isArray(value)) return value.join(';');
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return value as CsvCell;
}

const COLUMNS: Readonly<Record<ExportQuery['what'], readonly string[]>> = {
  hours: [
    'hour',
    'organisation',
    'project',
    'key',
    'provider',
    'model',
    'operation',
    'route',
    'name',
    'calls',
    'attempts',
    'errors',
    'input_tokens',
    'cached_input_tokens',
    'cache_write_tokens',
    'output_tokens',
    'reasoning_tokens',
    'cost_nano_usd',
    'cost_usd',
    'charge_nano_usd',
    'charge_usd',
    'reported_nano_usd',
    'reported_usd',
    'calls_without_cost',
    'attempts_without_cost',
    'estimated_attempts',
    'overruns',
    'mean_ms',
    'mean_first_token_ms',
  ],
  lines: [
    'call',
    'attempt',
    'call_started_at',
    'started_at',
    'ended_at',
    'organisation',
    'project',
    'key',
    'parent_key',
    'end_user',
    'task',
    'tags',
    'operation',
    'stream',
    'route',
    'provider',
    'model',
    'credential',
    'outcome',
    'last',
    'status',
    'input_tokens',
    'cached_input_tokens',
    'cache_write_tokens',
    'output_tokens',
    'reasoning_tokens',
    'usage_details',
    'usage_source',
    'price_version',
    'cost_nano_usd',
    'cost_usd',
    'charge_nano_usd',
    'charge_usd',
    'hold_nano_usd',
    'overrun',
    'first_token_ms',
    'total_ms',
    'upstream_request_id',
    'client_request_id',
  ],
};
