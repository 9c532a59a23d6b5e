import { type RawBuilder, sql } from 'kysely';
import type { UsageGrouping } from '../protocol/usage-grouping.ts';
import type { Database } from './database.ts';
import type { UsageKind } from './rollup/usage-sums.ts';
import { type FiguresRow, figuresOf, SUMS, type UsageFigures } from './usage-figures.ts';

/** What usage is narrowed by; what is absent does not narrow. Of `endUser`, `task` and `tag`, one at most. */
export interface UsageFilter {
  readonly organisation?: string;
  readonly project?: string;
  readonly keyId?: string;
  readonly provider?: string;
  /** As the provider names it, or `provider/model`. */
  readonly model?: string;
  readonly operation?: string;
  readonly route?: string;
  readonly endUser?: string;
  readonly task?: string;
  readonly tag?: string;
}

export interface UsageQuestion extends UsageFilter {
  /** Milliseconds since the epoch, first moments of hours: calls that began from `from` on and before `to`. */
  readonly from: number;
  readonly to: number;
  readonly groupBy: UsageGrouping;
  /** The page of groups. */
  readonly limit: number;
  readonly offset: number;
}

export interface UsageGroup extends UsageFigures {
  /** Null: what carries no such name. */
  readonly group: string | null;
  /** Whose name it is: end users and tasks belong to a project. */
  readonly project?: string;
  /** How a task came out, if its application said. */
  readonly outcome?: string;
}

export interface UsageReport {
  /** Times in their order, anything else by cost and what was reported, the dearest first. */
  readonly groups: readonly UsageGroup[];
  /** Of all groups, those on other pages included, each attempt once. */
  readonly total: UsageFigures;
}

type Named = Exclude<UsageKind, 'all'>;

/** Texts are made of groups, not of rows. */
const GROUP_KEY: Readonly<Record<UsageGrouping, RawBuilder<unknown>>> = {
  hour: sql`hour`,
  day: sql`date_bin('1 day', hour, timestamptz '1970-01-01 00:00:00Z')`,
  month: sql`date_trunc('month', hour at time zone 'UTC') at time zone 'UTC'`,
  organisation: sql`organisation`,
  project: sql`project`,
  key: sql`key_id`,
  provider: sql`nullif(provider, '')`,
  model: sql`case when provider = '' then null else provider || '/' || model end`,
  operation: sql`nullif(operation, '')`,
  route: sql`nullif(route, '')`,
  end_user: sql`nullif(value, '')`,
  task: sql`nullif(value, '')`,
  tag: sql`nullif(value, '')`,
};

const AS_TEXT: Readonly<Record<'day' | 'hour' | 'month' | 'other', RawBuilder<string | null>>> = {
  day: sql<string>`to_char(group_key at time zone 'UTC', 'YYYY-MM-DD')`,
  hour: sql<string>`to_char(group_key at time zone 'UTC', 'YYYY-MM-DD"T"HH24:00:00.000"Z"')`,
  month: sql<string>`to_char(group_key at time zone 'UTC', 'YYYY-MM')`,
  other: sql<string | null>`group_key`,
};

interface GroupRow extends FiguresRow {
  readonly group_text: string | null;
  readonly group_project: string | null;
  readonly outcome: string | null;
}

/**
 * What calls of a stretch of time used and cost, in groups: summed up from the
 * hours, never from the attempts.
 */
export async function usageReport(database: Database, question: UsageQuestion): Promise<UsageReport> {
  const { groupBy, limit, offset } = question;
  const time = groupBy === 'day' || groupBy === 'hour' || groupBy === 'month' ? groupBy : undefined;
  const order =
    time === undefined ? sql`spent desc nulls last, tried desc, group_key nulls last, group_project` : sql`group_key`;
  // End users and tasks are names that two projects may both have.
  const project = groupBy === 'task' || groupBy === 'end_user' ? sql`project` : sql`null::text`;
  const outcome =
    groupBy === 'task'
      ? sql`(select outcome from task_outcomes where project = group_project and task = group_key)`
      : sql`null::text`;
  const { rows } = await sql<GroupRow>`
    select *, ${AS_TEXT[time ?? 'other']} as group_text, ${outcome} as outcome
    from (
      select ${GROUP_KEY[groupBy]} as group_key, ${project} as group_project, ${SUMS}
      from usage_hours where ${hoursOf(question, kindOf(question))} group by 1, 2
      order by ${order} limit ${limit} offset ${offset}
    ) as page
    order by ${order}`.execute(database);
  const groups = rows.map((row) => ({
    group: row.group_text,
    ...(row.group_project === null ? {} : { project: row.group_project }),
    ...(row.outcome === null ? {} : { outcome: row.outcome }),
    ...figuresOf(row),
  }));
  return { groups, total: await usageTotal(database, question) };
}

/** What all calls of a stretch of time used and cost together, each attempt once. */
export async function usageTotal(
  database: Database,
  question: UsageFilter & Pick<UsageQuestion, 'from' | 'to'>,
): Promise<UsageFigures> {
  const { rows } = await sql<FiguresRow>`
    select ${SUMS} from usage_hours where ${hoursOf(question, filteredKind(question) ?? 'all')}`.execute(database);
  const [row] = rows;
  if (row === undefined) throw new Error('the usage query gave no total');
  return figuresOf(row, row.attempts === '0' ? '0' : undefined);
}

export interface TasksSummary {
  /** Tasks with a name. */
  readonly tasks: number;
  /** Of these, those whose application said how they came out, and those that it called a success. */
  readonly judged: number;
  readonly successful: number;
  /** What all of them cost, models and reported costs together; of these, what the judged ones did. */
  readonly costNanoUsd: bigint;
  readonly judgedCostNanoUsd: bigint;
}

/** How many tasks there were, how they came out, and what they cost. */
export async function tasksSummary(
  database: Database,
  question: UsageFilter & Pick<UsageQuestion, 'from' | 'to'>,
): Promise<TasksSummary> {
  const { rows } = await sql<Readonly<Record<keyof TasksSummary, string>>>`
    select count(*)::text as tasks, count(outcome)::text as judged,
      count(*) filter (where outcome = 'success')::text as successful,
      coalesce(sum(cost), 0)::text as "costNanoUsd",
      coalesce(sum(cost) filter (where outcome is not null), 0)::text as "judgedCostNanoUsd"
    from (
      select project, value as task, coalesce(sum(cost_nano_usd), 0) + coalesce(sum(reported_nano_usd), 0) as cost
      from usage_hours where ${hoursOf(question, 'task')} and value <> '' group by 1, 2
    ) as spent left join task_outcomes using (project, task)`.execute(database);
  const [row] = rows;
  if (row === undefined) throw new Error('the tasks query gave no row');
  return {
    tasks: Number(row.tasks),
    judged: Number(row.judged),
    successful: Number(row.successful),
    costNanoUsd: BigInt(row.costNanoUsd),
    judgedCostNanoUsd: BigInt(row.judgedCostNanoUsd),
  };
}

/** The name that a filter narrows by, where it does; the hours hold one name at a time. */
export function filteredKind({ endUser, task, tag }: UsageFilter): Named | undefined {
  if (endUser !== undefined) return 'end_user';
  if (task !== undefined) return 'task';
  return tag === undefined ? undefined : 'tag';
}

function kindOf(question: UsageQuestion): UsageKind {
  const { groupBy } = question;
  if (groupBy === 'end_user' || groupBy === 'task' || groupBy === 'tag') return groupBy;
  return filteredKind(question) ?? 'all';
}

export function hoursOf(
  question: UsageFilter & Pick<UsageQuestion, 'from' | 'to'>,
  kind: UsageKind,
): RawBuilder<unknown> {
  const { from, to, organisation, project, keyId, provider, model, operation, route } = question;
  const value = question.endUser ?? question.task ?? question.tag;
  const conditions = [
    sql`kind = ${kind} and hour >= ${new Date(from)} and hour < ${new Date(to)}`,
    value === undefined ? undefined : sql`value = ${value} and value <> ''`,
    organisation === undefined ? undefined : sql`organisation = ${organisation}`,
    project === undefined ? undefined : sql`project = ${project}`,
    keyId === undefined ? undefined : sql`key_id = ${keyId}`,
    provider === undefined ? undefined : sql`provider = ${provider}`,
    model === undefined ? undefined : sql`(model = ${model} or provider || '/' || model = ${model})`,
    operation === undefined ? undefined : sql`operation = ${operation}`,
    route === undefined ? undefined : sql`route = ${route}`,
  ];
  return sql.join(
    conditions.filter((condition) => condition !== undefined),
    sql` and `,
  );
}
