import { type Selectable, sql } from 'kysely';
import type { Database } from './database.ts';
import type { UsageKind } from './rollup/usage-sums.ts';
import type { AttemptsTable } from './schema.ts';
import { type FiguresRow, figuresOf, type UsageFigures } from './usage-figures.ts';
import { hoursOf, type UsageFilter } from './usage-queries.ts';

/** One row of usage: an hour of one key, target and route, and of one name where it is told apart by names. */
export interface UsageHour extends UsageFigures {
  /** Milliseconds since the epoch. */
  readonly hour: number;
  readonly organisation: string;
  readonly project: string;
  readonly keyId: string;
  /** Empty, as are the three after it, for what an application reported. */
  readonly provider: string;
  readonly model: string;
  readonly operation: string;
  readonly route: string;
  /** The end user, the task or the tag; empty where there is none, and where all are one. */
  readonly name: string;
  /** Where the row stands among those of its hour. */
  readonly id: string;
}

export interface Stretch {
  /** Milliseconds since the epoch; of hours, their first moments. */
  readonly from: number;
  readonly to: number;
}

export interface HoursPage {
  readonly limit: number;
  readonly after?: { readonly hour: number; readonly id: string };
}

interface HourRow extends FiguresRow {
  readonly hour: Date;
  readonly id: string;
  readonly value: string;
  readonly organisation: string;
  readonly project: string;
  readonly key_id: string;
  readonly provider: string;
  readonly model: string;
  readonly operation: string;
  readonly route: string;
}

/** The hours themselves, in their order. @param kind what they are told apart by */
export async function usageHours(
  database: Database,
  question: UsageFilter & Stretch,
  kind: UsageKind,
  { limit, after }: HoursPage,
): Promise<UsageHour[]> {
  const behind =
    after === undefined ? sql`true` : sql`(hour, id) > (${new Date(after.hour)}::timestamptz, ${after.id}::uuid)`;
  const { rows } = await sql<HourRow>`
    select hour, id::text as id, value, organisation, project, key_id, provider, model, operation, route,
      calls::text as calls, attempts::text as attempts, errors::text as errors, input_tokens::text as input_tokens,
      cached_input_tokens::text as cached_input_tokens, cache_write_tokens::text as cache_write_tokens,
      output_tokens::text as output_tokens, reasoning_tokens::text as reasoning_tokens,
      cost_nano_usd::text as cost_text, charge_nano_usd::text as charge, reported_nano_usd::text as reported,
      calls_without_cost::text as calls_without_cost, unpriced::text as unpriced, estimated::text as estimated,
      overruns::text as overruns, total_ms::float8 / nullif(timed, 0) as mean_ms,
      first_token_ms::float8 / nullif(first_tokens, 0) as mean_first_token_ms
    from usage_hours where ${hoursOf(question, kind)} and ${behind}
    order by hour, usage_hours.id limit ${limit}`.execute(database);
  return rows.map((row) => ({
    hour: row.hour.getTime(),
    id: row.id,
    name: row.value,
    organisation: row.organisation,
    project: row.project,
    keyId: row.key_id,
    provider: row.provider,
    model: row.model,
    operation: row.operation,
    route: row.route,
    ...figuresOf(row),
  }));
}

export type LedgerLine = Selectable<AttemptsTable>;

/** Which lines to list; what is absent does not narrow. */
export type LineFilter = Pick<
  UsageFilter,
  'organisation' | 'project' | 'keyId' | 'provider' | 'model' | 'task' | 'endUser' | 'operation' | 'route' | 'tag'
>;

export interface LinesPage {
  readonly limit: number;
  readonly after?: { readonly callStartedAt: number; readonly callId: string; readonly attempt: number };
}

/** The ledger's lines: one for each attempt of a call that began in a stretch of time, the oldest first. */
export async function ledgerLines(
  database: Database,
  { from, to, ...filter }: LineFilter & Stretch,
  { limit, after }: LinesPage,
): Promise<LedgerLine[]> {
  let query = database
    .selectFrom('attempts')
    .selectAll()
    .where('call_started_at', '>=', new Date(from))
    .where('call_started_at', '<', new Date(to))
    .orderBy('call_started_at')
    .orderBy('call_id')
    .orderBy('attempt')
    .limit(limit);
  const { organisation, project, keyId, provider, model, task, endUser, operation, route, tag } = filter;
  if (organisation !== undefined) query = query.where('organisation', '=', organisation);
  if (project !== undefined) query = query.where('project', '=', project);
  if (keyId !== undefined) query = query.where('key_id', '=', keyId);
  if (provider !== undefined) query = query.where('provider', '=', provider);
  if (model !== undefined) query = query.where(sql<boolean>`(model = ${model} or provider || '/' || model = ${model})`);
  if (task !== undefined) query = query.where('task', '=', task);
  if (endUser !== undefined) query = query.where('end_user', '=', endUser);
  if (operation !== undefined) query = query.where(sql<boolean>`operation = ${operation}`);
  if (route !== undefined) query = query.where('route', '=', route);
  if (tag !== undefined) query = query.where(sql<boolean>`${tag} = any (tags)`);
  if (after !== undefined) {
    const startedAt = new Date(after.callStartedAt);
    // The plain bound lets the planner skip partitions; it does not see through a row comparison.
    query = query
      .where('call_started_at', '>=', startedAt)
      .where(
        sql<boolean>`(call_started_at, call_id, attempt) > (${startedAt}::timestamptz, ${after.callId}, ${after.attempt}::int)`,
      );
  }
  return query.execute();
}
