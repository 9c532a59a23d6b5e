import { type Selectable, sql } from 'kysely';
import { idTimeMs } from '../kernel/ids.ts';
import type { AttemptView, CallView } from '../protocol/call-view.ts';
import type { Usage } from '../protocol/usage.ts';
import type { Database } from './database.ts';
import type { AttemptsTable } from './schema.ts';
import { usageWithDetail } from './usage-detail.ts';

export type AttemptSelected = Selectable<AttemptsTable>;

type UsageColumns = Pick<
  AttemptSelected,
  'input_tokens' | 'cached_input_tokens' | 'cache_write_tokens' | 'output_tokens' | 'reasoning_tokens' | 'usage_detail'
>;

/** A call's instant is taken a moment before or after its id is made. */
const ID_SLACK_MS = 1_000;
const RECENT_MAX = 1_000;

/**
 * A call with its attempts, oldest first. The instant inside the id bounds the
 * search to one partition, two around midnight.
 *
 * @param projectId a call of another project is not found
 */
export async function callById(database: Database, callId: string, projectId?: string): Promise<CallView | undefined> {
  const instantMs = idTimeMs(callId);
  if (instantMs === undefined) return undefined;
  let query = database
    .selectFrom('attempts')
    .selectAll()
    .where('call_started_at', '>=', new Date(instantMs - ID_SLACK_MS))
    .where('call_started_at', '<=', new Date(instantMs + ID_SLACK_MS))
    .where('call_id', '=', callId);
  if (projectId !== undefined) query = query.where('project', '=', projectId);
  const attempts = await query.orderBy('attempt').execute();
  return callView(attempts);
}

export interface CallPage {
  /** At most a thousand. */
  readonly limit: number;
  readonly project?: string;
  /** Only calls before this one: the last of the page before. */
  readonly before?: { readonly startedAt: number; readonly id: string };
}

/** The latest calls, the newest first. */
export async function recentCalls(database: Database, { limit, project, before }: CallPage): Promise<CallView[]> {
  let ids = database
    .selectFrom('attempts')
    .select(['call_started_at', 'call_id'])
    .groupBy(['call_started_at', 'call_id'])
    .orderBy('call_started_at', 'desc')
    .orderBy('call_id', 'desc')
    .limit(Math.min(limit, RECENT_MAX));
  if (project !== undefined) ids = ids.where('project', '=', project);
  if (before !== undefined) {
    const startedAt = new Date(before.startedAt);
    // The plain bound lets the planner skip partitions; it does not see through a row comparison.
    ids = ids
      .where('call_started_at', '<=', startedAt)
      .where(sql<boolean>`(call_started_at, call_id) < (${startedAt}::timestamptz, ${before.id})`);
  }
  const attempts = await database
    .with('page', () => ids)
    .selectFrom('page')
    .innerJoin('attempts', (join) =>
      join
        .onRef('attempts.call_started_at', '=', 'page.call_started_at')
        .onRef('attempts.call_id', '=', 'page.call_id'),
    )
    .selectAll('attempts')
    .orderBy('attempts.call_started_at', 'desc')
    .orderBy('attempts.call_id', 'desc')
    .orderBy('attempts.attempt')
    .execute();
  const calls = Map.groupBy(attempts, (attempt) => attempt.call_id);
  return [...calls.values()].flatMap((rows) => callView(rows) ?? []);
}

export interface UsageTotals {
  readonly attempts: bigint;
  /** Of those, the ones whose cost is not known: the sum below is without them. */
  readonly unpricedAttempts: bigint;
  /** Sums of what is known; `undefined` when there are attempts and none of them knows. */
  readonly inputTokens: bigint | undefined;
  readonly outputTokens: bigint | undefined;
  readonly costNanoUsd: bigint | undefined;
}

/** What the attempts of calls since an instant used and cost. @param since milliseconds since the epoch */
export async function usageTotals(
  database: Database,
  { since, project }: { readonly since: number; readonly project?: string },
): Promise<UsageTotals> {
  let query = database
    .selectFrom('attempts')
    .select([
      sql<bigint>`count(*)`.as('attempts'),
      sql<bigint>`count(*) filter (where cost_nano_usd is null)`.as('unpriced'),
      // A sum of bigints is numeric, which has no JavaScript type of its own.
      sql<bigint | null>`sum(input_tokens)::bigint`.as('input'),
      sql<bigint | null>`sum(output_tokens)::bigint`.as('output'),
      sql<bigint | null>`sum(cost_nano_usd)::bigint`.as('cost'),
    ])
    .where('call_started_at', '>=', new Date(since));
  if (project !== undefined) query = query.where('project', '=', project);
  const row = await query.executeTakeFirstOrThrow();
  const known = (sum: bigint | null) => sum ?? (row.attempts === 0n ? 0n : undefined);
  return {
    attempts: row.attempts,
    unpricedAttempts: row.unpriced,
    inputTokens: known(row.input),
    outputTokens: known(row.output),
    costNanoUsd: known(row.cost),
  };
}

/** The call that its rows tell of, in the order of its attempts; `undefined` for none. */
export function callView(attempts: readonly AttemptSelected[]): CallView | undefined {
  const first = attempts[0];
  if (first === undefined) return undefined;
  const last = attempts.find((attempt) => attempt.last === true);
  return {
    id: first.call_id,
    startedAt: first.call_started_at.getTime(),
    organisation: first.organisation,
    project: first.project,
    keyId: first.key_id,
    ...present('endUser', first.end_user),
    ...present('task', first.task),
    ...present('tags', first.tags),
    ...present('metadata', first.metadata),
    operation: first.operation,
    dialect: first.dialect,
    stream: first.stream,
    modelAsked: first.model_asked,
    route: first.route,
    ...present('clientStatus', last?.client_status),
    ...present('errorCode', last?.error_code),
    ...present('totalMs', totalMs(first, last)),
    ...present('clientRequestId', first.client_request_id),
    ...present('traceId', first.trace_id),
    configVersion: first.config_version,
    attempts: attempts.map(attemptView),
  };
}

function totalMs(first: AttemptSelected, last: AttemptSelected | undefined): number | undefined {
  if (last === undefined || last.ended_at === null || last.outcome === 'interrupted') return undefined;
  return last.ended_at.getTime() - first.call_started_at.getTime();
}

function attemptView(row: AttemptSelected): AttemptView {
  return {
    attempt: row.attempt,
    provider: row.provider,
    model: row.model,
    ...present('credential', row.credential),
    routeReason: row.route_reason,
    startedAt: row.started_at.getTime(),
    ...present('outcome', row.outcome),
    ...present('status', row.status),
    ...present('errorCode', row.error_code),
    ...present('errorMessage', row.error_message),
    ...present('finishReason', row.finish_reason),
    ...present('usage', usageOf(row)),
    ...present('usageSource', row.usage_source),
    ...present('costNanoUsd', row.cost_nano_usd),
    ...present('chargeNanoUsd', row.charge_nano_usd),
    ...present('holdNanoUsd', row.hold_nano_usd),
    ...present('overrun', row.overrun),
    ...present('firstTokenMs', row.first_token_ms),
    ...present('totalMs', row.total_ms),
    ...present('upstreamRequestId', row.upstream_request_id),
    priceVersion: row.price_version,
  };
}

/** What a row tells of its usage, whether it has a column for it or not; `undefined` when that is nothing. */
export function usageOf(row: UsageColumns): Usage | undefined {
  const usage: Usage = {
    ...present('inputTokens', tokens(row.input_tokens)),
    ...present('cachedInputTokens', tokens(row.cached_input_tokens)),
    ...present('outputTokens', tokens(row.output_tokens)),
    ...present('reasoningTokens', tokens(row.reasoning_tokens)),
    ...present('cacheWriteTokens', tokens(row.cache_write_tokens)),
    ...usageWithDetail(row.usage_detail),
  };
  return Object.keys(usage).length === 0 ? undefined : usage;
}

/** A single attempt's count is at most 10^12 and fits a number. */
function tokens(count: bigint | null): number | undefined {
  return count === null ? undefined : Number(count);
}

/** The field alone, or nothing: unknown is absent in a view, never null. */
function present<Name extends string, Value>(name: Name, value: Value | null | undefined): { [key in Name]?: Value } {
  return value === null || value === undefined ? {} : ({ [name]: value } as { [key in Name]?: Value });
}
