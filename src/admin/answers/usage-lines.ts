import { z } from 'zod';
import { usageJson } from '../../protocol/usage-json.ts';
import { usageOf } from '../../store/attempt-queries.ts';
import {
  type LedgerLine,
  ledgerLines,
  type Stretch,
  type UsageHour,
  usageHours,
} from '../../store/usage-line-queries.ts';
import type { UsageFilter } from '../../store/usage-queries.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import { freshen } from '../freshness.ts';
import type { Answer, Question } from './answers.ts';
import { isoTime, isoTimeOrNull } from './instants.ts';
import { rangeOf, usageRangeOf } from './range.ts';
import { figuresJson, refuseTwoNames, type UsageParts, usageFilterOf, usd } from './usage.ts';

const HOURS = 'usage-hours';
const LINES = 'lines';
/** The last row, and the range of the first page. */
const hourPosition = z.tuple([z.number(), z.string(), z.number(), z.number()]);
const linePosition = z.tuple([z.number(), z.string(), z.int(), z.number(), z.number()]);

type Query = Partial<Question<'list_usage_hours'>['query']>;
type Page<Row, After> = (limit: number, after: After | undefined) => Promise<Row[]>;

export type HourRow = Answer<'list_usage_hours'>['data'][number];
export type LineRow = Answer<'list_lines'>['data'][number];

export async function usageHoursAnswer(
  parts: UsageParts,
  { query }: Question<'list_usage_hours'>,
): Promise<Answer<'list_usage_hours'>> {
  const { cursor, limit } = query;
  const after = cursor === undefined ? undefined : readCursor(HOURS, hourPosition, cursor);
  const stretch = after === undefined ? hoursStretch(query, parts) : { from: after[2], to: after[3] };
  const page = hoursPage(parts, query, stretch);
  const replayedAt = await freshen(parts);
  const rows = await page(limit + 1, after === undefined ? undefined : { hour: after[0], id: after[1] });
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const { from, to } = stretch;
  return {
    data: shown.map(hourJson),
    next_cursor: last === undefined || rows.length <= limit ? null : writeCursor(HOURS, last.hour, last.id, from, to),
    from: isoTime(from),
    to: isoTime(to),
    replayed_until: isoTime(replayedAt),
  };
}

export async function linesAnswer(parts: UsageParts, { query }: Question<'list_lines'>): Promise<Answer<'list_lines'>> {
  const { cursor, limit } = query;
  const after = cursor === undefined ? undefined : readCursor(LINES, linePosition, cursor);
  const stretch = after === undefined ? linesStretch(query, parts) : { from: after[3], to: after[4] };
  const replayedAt = await freshen(parts);
  const behind = after === undefined ? undefined : { callStartedAt: after[0], callId: after[1], attempt: after[2] };
  const rows = await linesPage(parts, query, stretch)(limit + 1, behind);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const { from, to } = stretch;
  const next = last && writeCursor(LINES, last.call_started_at.getTime(), last.call_id, last.attempt, from, to);
  return {
    data: shown.map(lineJson),
    next_cursor: rows.length <= limit ? null : (next ?? null),
    from: isoTime(from),
    to: isoTime(to),
    replayed_until: isoTime(replayedAt),
  };
}

export function hoursStretch({ from, to }: Query, { clock }: UsageParts): Stretch {
  const [first, end] = usageRangeOf({ from, to, names: ['from', 'to'] }, clock.now());
  return { from: first, to: end };
}

/** Lines are read a page at a time, so that their range may be as long as that of hours. */
export function linesStretch({ from, to }: Query, { clock }: UsageParts): Stretch {
  const [first, end] = rangeOf({ from, to, names: ['from', 'to'] }, clock.now(), LINE_DAYS_MAX);
  return { from: first, to: end };
}

const LINE_DAYS_MAX = 1_100;

export function hoursPage(
  { store }: UsageParts,
  query: Query,
  stretch: Stretch,
): Page<UsageHour, { readonly hour: number; readonly id: string }> {
  const { by = 'all' } = query;
  refuseTwoNames({ ...query, ...(by === 'all' ? {} : { group_by: by }) });
  const filter = usageFilterOf(query);
  const kind = by === 'all' ? (nameOf(filter) ?? 'all') : by;
  return (limit, after) =>
    usageHours(store.database, { ...filter, ...stretch }, kind, { limit, ...(after === undefined ? {} : { after }) });
}

export function linesPage(
  { store }: UsageParts,
  query: Query,
  stretch: Stretch,
): Page<LedgerLine, { readonly callStartedAt: number; readonly callId: string; readonly attempt: number }> {
  const filter = usageFilterOf(query);
  return (limit, after) =>
    ledgerLines(store.database, { ...filter, ...stretch }, { limit, ...(after === undefined ? {} : { after }) });
}

function nameOf({ endUser, task, tag }: UsageFilter): 'end_user' | 'task' | 'tag' | undefined {
  if (endUser !== undefined) return 'end_user';
  if (task !== undefined) return 'task';
  return tag === undefined ? undefined : 'tag';
}

export function hourJson(row: UsageHour): HourRow {
  return {
    hour: isoTime(row.hour),
    organisation: row.organisation,
    project: row.project,
    key: row.keyId,
    provider: orNull(row.provider),
    model: orNull(row.model),
    operation: orNull(row.operation),
    route: orNull(row.route),
    name: orNull(row.name),
    ...figuresJson(row),
  };
}

export function lineJson(row: LedgerLine): LineRow {
  const usage = usageJson(usageOf(row));
  return {
    call: row.call_id,
    attempt: row.attempt,
    call_started_at: isoTime(row.call_started_at.getTime()),
    started_at: isoTime(row.started_at.getTime()),
    ended_at: isoTimeOrNull(row.ended_at?.getTime()),
    organisation: row.organisation,
    project: row.project,
    key: row.key_id,
    parent_key: row.parent_key_id,
    end_user: row.end_user,
    task: row.task,
    tags: row.tags ?? [],
    operation: row.operation,
    stream: row.stream,
    route: row.route,
    provider: row.provider,
    model: row.model,
    credential: row.credential,
    outcome: row.outcome,
    last: row.last,
    status: row.status,
    input_tokens: usage?.input_tokens ?? null,
    cached_input_tokens: usage?.cached_input_tokens ?? null,
    cache_write_tokens: usage?.cache_write_tokens ?? null,
    output_tokens: usage?.output_tokens ?? null,
    reasoning_tokens: usage?.reasoning_tokens ?? null,
    usage_details: usage?.details == null ? null : { ...usage.details },
    usage_source: row.usage_source,
    price_version: row.price_version,
    cost_nano_usd: row.cost_nano_usd?.toString() ?? null,
    cost_usd: usd(row.cost_nano_usd ?? undefined),
    charge_nano_usd: row.charge_nano_usd?.toString() ?? null,
    charge_usd: usd(row.charge_nano_usd ?? undefined),
    hold_nano_usd: row.hold_nano_usd?.toString() ?? null,
    overrun: row.overrun,
    first_token_ms: row.first_token_ms,
    total_ms: row.total_ms,
    upstream_request_id: row.upstream_request_id,
    client_request_id: row.client_request_id,
  };
}

function orNull(text: string): string | null {
  return text === '' ? null : text;
}
