import { GatewayError } from '../../kernel/errors.ts';
import type { TaskFigures, TaskView } from '../../protocol/task.ts';
import { projectsOfTask, taskView } from '../../store/task-queries.ts';
import { freshen } from '../freshness.ts';
import type { Answer, Question } from './answers.ts';
import { moneyJson } from './call-json.ts';
import { isoTime, isoTimeOrNull } from './instants.ts';
import type { UsageParts } from './usage.ts';

export async function taskAnswer(parts: UsageParts, { query }: Question<'get_task'>): Promise<Answer<'get_task'>> {
  const { database } = parts.store;
  const replayedAt = await freshen(parts);
  const projects = query.project === undefined ? await projectsOfTask(database, query.task) : [query.project];
  const [project, other] = projects;
  if (project !== undefined && other !== undefined) {
    throw new GatewayError('invalid_request', {
      message: `More than one project has a task ${JSON.stringify(query.task)}: ${projects.join(', ')}. Name one as project.`,
      param: 'project',
    });
  }
  const found = project === undefined ? undefined : await taskView(database, project, query.task);
  if (found !== undefined) return taskJson(found, replayedAt);
  throw new GatewayError('not_found', {
    message: `No call, cost or outcome names the task ${JSON.stringify(query.task)}. GET /admin/usage?group_by=task lists them.`,
  });
}

function taskJson(view: TaskView, replayedAt: number): Answer<'get_task'> {
  const { task, project, total, models, costs, verdict } = view;
  const { costNanoUsd, reportedNanoUsd } = total;
  const unknown = costNanoUsd === undefined && reportedNanoUsd === undefined;
  return {
    task,
    project,
    outcome: verdict?.outcome ?? null,
    value: verdict?.value ?? null,
    note: verdict?.note ?? null,
    reported_at: isoTimeOrNull(verdict?.at),
    cost: moneyJson(unknown ? undefined : (costNanoUsd ?? 0n) + (reportedNanoUsd ?? 0n)),
    ...figures(total),
    models: models.map(({ provider, model, ...rest }) => ({ provider, model, ...figures(rest) })),
    costs: costs.map(({ id, kind, amountNanoUsd, description, endUser, at }) => ({
      id,
      kind,
      amount: moneyJson(amountNanoUsd),
      description: description ?? null,
      end_user: endUser ?? null,
      reported_at: isoTime(at),
    })),
    replayed_until: isoTime(replayedAt),
  };
}

function figures(of: TaskFigures) {
  return {
    calls: of.calls,
    attempts: of.attempts,
    errors: of.errors,
    input_tokens: of.inputTokens ?? null,
    output_tokens: of.outputTokens ?? null,
    model_cost: moneyJson(of.costNanoUsd),
    charge: moneyJson(of.chargeNanoUsd),
    reported_cost: moneyJson(of.reportedNanoUsd),
    calls_without_cost: of.callsWithoutCost,
  };
}
