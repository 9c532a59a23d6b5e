import { nano } from '../../kernel/amounts.ts';
import { usdText } from '../../kernel/usd-text.ts';
import type { JudgedTask, KeptTaskCost, TaskFigures, TaskView } from '../../protocol/task.ts';

/** A task as `GET /v1/tasks/{id}` answers it. Amounts are decimal strings in US dollars; unknown is null, never 0. */
export function taskJson({ project, task, total, models, costs, verdict }: TaskView): Record<string, unknown> {
  const { costNanoUsd, reportedNanoUsd } = total;
  const known = costNanoUsd === undefined && reportedNanoUsd === undefined;
  return {
    id: task,
    object: 'task',
    project,
    outcome: verdict === undefined ? null : outcomeJson(task, verdict),
    cost: known ? null : money((costNanoUsd ?? 0n) + (reportedNanoUsd ?? 0n)),
    ...figuresJson(total),
    models: models.map(({ provider, model, ...figures }) => ({ provider, model, ...figuresJson(figures) })),
    costs: costs.map((cost) => costJson(task, cost)),
  };
}

export function outcomeJson(task: string, { outcome, value, note, firstAt, at }: JudgedTask): Record<string, unknown> {
  return {
    object: 'task.outcome',
    task,
    outcome,
    value: value ?? null,
    note: note ?? null,
    first_reported_at: isoTime(firstAt),
    reported_at: isoTime(at),
  };
}

export function costJson(task: string, cost: KeptTaskCost): Record<string, unknown> {
  return {
    id: cost.id,
    object: 'task.cost',
    task,
    kind: cost.kind,
    amount: money(cost.amountNanoUsd),
    description: cost.description ?? null,
    end_user: cost.endUser ?? null,
    reported_at: isoTime(cost.at),
  };
}

function figuresJson(figures: TaskFigures): Record<string, unknown> {
  return {
    calls: figures.calls,
    attempts: figures.attempts,
    errors: figures.errors,
    input_tokens: figures.inputTokens ?? null,
    output_tokens: figures.outputTokens ?? null,
    model_cost: money(figures.costNanoUsd),
    charge: money(figures.chargeNanoUsd),
    reported_cost: money(figures.reportedNanoUsd),
    calls_without_cost: figures.callsWithoutCost,
  };
}

function money(amount: bigint | undefined): { currency: 'USD'; amount: string } | null {
  return amount === undefined ? null : { currency: 'USD', amount: usdText(nano(amount)) };
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}
