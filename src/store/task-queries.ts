import { sql } from 'kysely';
import { GatewayError } from '../kernel/errors.ts';
import type {
  JudgedTask,
  KeptTaskCost,
  TaskCost,
  TaskOutcome,
  TaskOwner,
  TaskVerdict,
  TaskView,
} from '../protocol/task.ts';
import type { Database } from './database.ts';
import { addUsage } from './rollup/add-usage.ts';
import { UsageSums } from './rollup/usage-sums.ts';
import { type FiguresRow, figuresOf, SUMS } from './usage-figures.ts';

const COSTS_SHOWN_MAX = 200;

interface OutcomeRow {
  readonly outcome: TaskOutcome;
  readonly value: string | null;
  readonly note: string | null;
  readonly first_at: Date;
  readonly at: Date;
}

/** Keeps how a task came out. The latest word counts; the same one again changes nothing but its instant. */
export async function judgeTask(
  database: Database,
  owner: TaskOwner,
  task: string,
  verdict: TaskVerdict,
  at: number,
): Promise<JudgedTask> {
  const { organisation, project, keyId } = owner;
  const { rows } = await sql<OutcomeRow>`
    insert into task_outcomes as known (organisation, project, task, outcome, value, note, key_id, first_at, at)
    values (${organisation}, ${project}, ${task}, ${verdict.outcome}, ${verdict.value ?? null}::numeric,
      ${verdict.note ?? null}, ${keyId}, ${new Date(at)}, ${new Date(at)})
    on conflict (project, task) do update set
      outcome = excluded.outcome, value = excluded.value, note = excluded.note, key_id = excluded.key_id,
      at = greatest(known.at, excluded.at)
    returning outcome, value::text as value, note, first_at, at`.execute(database);
  const [row] = rows;
  if (row === undefined) throw new Error('the outcome of a task was not kept');
  return judged(row);
}

/**
 * Keeps a cost of a task besides models, and counts it in the hour of `at`.
 *
 * @returns the line as it is kept; `first` is false when it was there already
 * @throws `idempotency_conflict` when the id stands for another line
 */
export async function addTaskCost(
  database: Database,
  owner: TaskOwner,
  task: string,
  cost: TaskCost,
  at: number,
): Promise<{ readonly cost: KeptTaskCost; readonly first: boolean }> {
  return database.transaction().execute(async (transaction) => {
    const { organisation, project, keyId } = owner;
    const { id, kind, amountNanoUsd, description = null, endUser } = cost;
    const { rows } = await sql`
      insert into task_costs (organisation, project, id, task, kind, amount_nano_usd, description, key_id, end_user, at)
      values (${organisation}, ${project}, ${id}, ${task}, ${kind}, ${amountNanoUsd}, ${description}, ${keyId},
        ${endUser ?? null}, ${new Date(at)})
      on conflict (project, id) do nothing
      returning id`.execute(transaction);
    if (rows.length === 0) return { cost: await sameCost(transaction, project, task, cost), first: false };
    const sums = new UsageSums();
    const facts = { organisation, project, keyId, provider: '', model: '', operation: '', route: '', task };
    sums.addReported(endUser === undefined ? facts : { ...facts, endUser }, at, amountNanoUsd);
    await addUsage(transaction, sums);
    return { cost: { ...cost, at }, first: true };
  });
}

async function sameCost(database: Database, project: string, task: string, cost: TaskCost): Promise<KeptTaskCost> {
  const known = await database
    .selectFrom('task_costs')
    .selectAll()
    .where('project', '=', project)
    .where('id', '=', cost.id)
    .executeTakeFirstOrThrow();
  const same =
    known.task === task &&
    known.kind === cost.kind &&
    known.amount_nano_usd === cost.amountNanoUsd &&
    known.description === (cost.description ?? null) &&
    known.end_user === (cost.endUser ?? null);
  if (same) return { ...cost, at: known.at.getTime() };
  throw new GatewayError('idempotency_conflict', {
    message: `The id ${JSON.stringify(cost.id)} stands for another cost already: ${known.amount_nano_usd} nano-USD of ${known.kind} for the task ${JSON.stringify(known.task)}. Give each cost an id of its own.`,
    param: 'id',
  });
}

/** @returns `undefined` for a task that no call, no cost and no outcome of the project names */
export async function taskView(database: Database, project: string, task: string): Promise<TaskView | undefined> {
  const { rows } = await sql<FiguresRow & { readonly provider: string | null; readonly model: string | null }>`
    select provider, model, ${SUMS} from usage_hours
    where kind = 'task' and value = ${task} and value <> '' and project = ${project}
    group by grouping sets ((), (provider, model)) order by provider nulls first, model`.execute(database);
  const [total] = rows;
  const verdict = await verdictOf(database, project, task);
  const costs = await costsOf(database, project, task);
  if (total === undefined || (total.attempts === '0' && costs.length === 0 && verdict === undefined)) return undefined;
  const models = rows.flatMap(({ provider, model, ...row }) =>
    provider === null || provider === '' || model === null ? [] : [{ provider, model, ...figuresOf(row) }],
  );
  return {
    project,
    task,
    total: figuresOf(total, total.attempts === '0' ? '0' : undefined),
    models,
    costs,
    ...(verdict === undefined ? {} : { verdict }),
  };
}

/** The projects that have a task of this name; at most ten of them. */
export async function projectsOfTask(database: Database, task: string): Promise<string[]> {
  const { rows } = await sql<{ readonly project: string }>`
    select project from (
      select project from usage_hours where kind = 'task' and value = ${task} and value <> ''
      union select project from task_outcomes where task = ${task}
    ) as found order by project limit 10`.execute(database);
  return rows.map(({ project }) => project);
}

async function verdictOf(database: Database, project: string, task: string): Promise<JudgedTask | undefined> {
  const { rows } = await sql<OutcomeRow>`
    select outcome, value::text as value, note, first_at, at from task_outcomes
    where project = ${project} and task = ${task}`.execute(database);
  const [row] = rows;
  return row === undefined ? undefined : judged(row);
}

function judged({ outcome, value, note, first_at: firstAt, at }: OutcomeRow): JudgedTask {
  return {
    outcome,
    ...(value === null ? {} : { value }),
    ...(note === null ? {} : { note }),
    firstAt: firstAt.getTime(),
    at: at.getTime(),
  };
}

async function costsOf(database: Database, project: string, task: string): Promise<KeptTaskCost[]> {
  const rows = await database
    .selectFrom('task_costs')
    .selectAll()
    .where('project', '=', project)
    .where('task', '=', task)
    .orderBy('at', 'desc')
    .orderBy('id')
    .limit(COSTS_SHOWN_MAX)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    amountNanoUsd: row.amount_nano_usd,
    ...(row.description === null ? {} : { description: row.description }),
    ...(row.end_user === null ? {} : { endUser: row.end_user }),
    at: row.at.getTime(),
  }));
}
