import { z } from 'zod';
import { nano } from '../../kernel/amounts.ts';
import { GatewayError } from '../../kernel/errors.ts';
import { usdText } from '../../kernel/usd-text.ts';
import type { UsageFigures } from '../../store/usage-figures.ts';
import {
  filteredKind,
  type TasksSummary,
  tasksSummary,
  type UsageFilter,
  type UsageGroup,
  usageReport,
} from '../../store/usage-queries.ts';
import type { AdminParts } from '../admin-parts.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import { freshen } from '../freshness.ts';
import type { Answer, Question } from './answers.ts';
import { moneyJson } from './call-json.ts';
import { isoTime } from './instants.ts';
import { usageRangeOf } from './range.ts';

const LIST = 'usage';
/** How many groups came before, and the range of the first page. */
const position = z.tuple([z.int().min(0), z.number(), z.number()]);

/** Also what a store has that no server has open. */
export type UsageParts = Pick<AdminParts, 'clock' | 'store' | 'journal' | 'warn'>;

type UsageQuery = Question<'usage'>['query'];

export async function usageAnswer(parts: UsageParts, { query }: Question<'usage'>): Promise<Answer<'usage'>> {
  const { limit, cursor, group_by: groupBy } = query;
  const after = cursor === undefined ? undefined : readCursor(LIST, position, cursor);
  const nowAt = parts.clock.now();
  const [from, to] =
    after === undefined
      ? usageRangeOf({ from: query.from, to: query.to, names: ['from', 'to'] }, nowAt)
      : [after[1], after[2]];
  const offset = after?.[0] ?? 0;
  const filter = usageFilterOf(query);
  refuseTwoNames(query);
  const replayedAt = await freshen(parts);
  const { database } = parts.store;
  const { groups, total } = await usageReport(database, { from, to, groupBy, limit: limit + 1, offset, ...filter });
  const tasks = groupBy === 'task' ? await tasksSummary(database, { from, to, ...filter }) : undefined;
  return {
    group_by: groupBy,
    from: isoTime(from),
    to: isoTime(to),
    data: groups.slice(0, limit).map(groupJson),
    total: figuresJson(total),
    tasks: tasks === undefined ? null : tasksJson(tasks),
    next_cursor: groups.length > limit ? writeCursor(LIST, offset + limit, from, to) : null,
    replayed_until: isoTime(replayedAt),
  };
}

export function usageFilterOf(query: Partial<UsageQuery>): UsageFilter {
  const { organisation, project, key, provider, model, operation, route, end_user: endUser, task, tag } = query;
  return {
    ...(organisation === undefined ? {} : { organisation }),
    ...(project === undefined ? {} : { project }),
    ...(key === undefined ? {} : { keyId: key }),
    ...(provider === undefined ? {} : { provider }),
    ...(model === undefined ? {} : { model }),
    ...(operation === undefined ? {} : { operation }),
    ...(route === undefined ? {} : { route }),
    ...(endUser === undefined ? {} : { endUser }),
    ...(task === undefined ? {} : { task }),
    ...(tag === undefined ? {} : { tag }),
  };
}

/** @throws `invalid_request` for a question that the hours cannot answer, because they hold one name at a time */
export function refuseTwoNames(query: Partial<UsageQuery>): void {
  const given = (['end_user', 'task', 'tag'] as const).filter((name) => query[name] !== undefined);
  const { group_by: groupBy } = query;
  const grouped =
    groupBy === 'end_user' || groupBy === 'task' || groupBy === 'tag' ? groupBy : filteredKind(usageFilterOf(query));
  const other = given.find((name) => name !== grouped);
  if (other === undefined || grouped === undefined) return;
  throw new GatewayError('invalid_request', {
    message: `Usage by ${grouped} cannot be narrowed by ${other} as well: of end_user, task and tag, ask for one at a time. GET /admin/calls narrows by any.`,
    param: other,
  });
}

function groupJson({ group, project, outcome, ...figures }: UsageGroup): Answer<'usage'>['data'][number] {
  return { group, project: project ?? null, outcome: outcome ?? null, ...figuresJson(figures) };
}

export function figuresJson(figures: UsageFigures): Answer<'usage'>['total'] {
  const { costNanoUsd, chargeNanoUsd, reportedNanoUsd } = figures;
  return {
    calls: figures.calls,
    attempts: figures.attempts,
    errors: figures.errors,
    input_tokens: figures.inputTokens ?? null,
    cached_input_tokens: figures.cachedInputTokens ?? null,
    cache_write_tokens: figures.cacheWriteTokens ?? null,
    output_tokens: figures.outputTokens ?? null,
    reasoning_tokens: figures.reasoningTokens ?? null,
    cost_nano_usd: costNanoUsd?.toString() ?? null,
    cost_usd: usd(costNanoUsd),
    charge_nano_usd: chargeNanoUsd?.toString() ?? null,
    charge_usd: usd(chargeNanoUsd),
    reported_nano_usd: reportedNanoUsd?.toString() ?? null,
    reported_usd: usd(reportedNanoUsd),
    calls_without_cost: figures.callsWithoutCost,
    attempts_without_cost: figures.unpricedAttempts,
    estimated_attempts: figures.estimatedAttempts,
    overruns: figures.overruns,
    mean_ms: rounded(figures.meanMs),
    mean_first_token_ms: rounded(figures.meanFirstTokenMs),
  };
}

function tasksJson(summary: TasksSummary): Answer<'usage'>['tasks'] {
  const { tasks, judged, successful, costNanoUsd, judgedCostNanoUsd } = summary;
  return {
    tasks,
    judged,
    successful,
    success_rate: judged === 0 ? null : successful / judged,
    cost: moneyJson(costNanoUsd),
    cost_per_task: moneyJson(perOne(costNanoUsd, tasks)),
    cost_per_successful_task: moneyJson(perOne(judgedCostNanoUsd, successful)),
  };
}

/** Rounded to the nearest, halves up: a mean, which nobody pays. */
export function perOne(amount: bigint, count: number): bigint | undefined {
  if (count === 0) return undefined;
  const divisor = BigInt(count);
  return (2n * amount + divisor) / (2n * divisor);
}

export function usd(amount: bigint | undefined): string | null {
  return amount === undefined ? null : usdText(nano(amount));
}

function rounded(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms * 10) / 10;
}
