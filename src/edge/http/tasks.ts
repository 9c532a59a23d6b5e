import type { Caller } from '../../exchange/call.ts';
import type { Clock } from '../../kernel/clock.ts';
import { GatewayError } from '../../kernel/errors.ts';
import type { JudgedTask, KeptTaskCost, TaskCost, TaskOwner, TaskVerdict, TaskView } from '../../protocol/task.ts';
import type { BodyReceiver } from './body.ts';
import { readJson } from './json-body.ts';
import { sendJson } from './reads.ts';
import type { Route, RouteContext } from './routes.ts';
import { costJson, outcomeJson, taskJson } from './task-json.ts';
import { taskCost, taskName, taskVerdict } from './task-request.ts';

/** Where tasks are kept. */
export interface TaskDesk {
  judge(owner: TaskOwner, task: string, verdict: TaskVerdict, at: number): Promise<JudgedTask>;
  /** @throws `idempotency_conflict` when the id stands for another cost */
  addCost(
    owner: TaskOwner,
    task: string,
    cost: TaskCost,
    at: number,
  ): Promise<{ readonly cost: KeptTaskCost; readonly first: boolean }>;
  /** A task of this project, with all of its calls that have ended. */
  find(project: string, task: string): Promise<TaskView | undefined>;
}

export interface TaskParts {
  readonly clock: Clock;
  readonly bodies: BodyReceiver;
  readonly tasks: TaskDesk;
}

/** What an application tells of its tasks, and what it may ask: those of its key's project, and no others. */
export function taskRoutes({ clock, bodies, tasks }: TaskParts): Route[] {
  const read = (context: RouteContext) => readJson(context, bodies, 'this path');
  return [
    {
      method: 'POST',
      path: '/v1/tasks/{id+}/outcome',
      guard: 'key',
      metering: 'none',
      async handle(context) {
        const task = taskName(context.param);
        const verdict = taskVerdict(await read(context));
        const judged = await tasks.judge(ownerOf(context.caller), task, verdict, clock.now());
        sendJson(context.res, context.requestId, outcomeJson(task, judged));
      },
    },
    {
      method: 'POST',
      path: '/v1/tasks/{id+}/costs',
      guard: 'key',
      metering: 'none',
      async handle(context) {
        const task = taskName(context.param);
        const asked = taskCost(await read(context));
        const { cost, first } = await tasks.addCost(ownerOf(context.caller), task, asked, clock.now());
        sendJson(context.res, context.requestId, costJson(task, cost), first ? 201 : 200);
      },
    },
    {
      method: 'GET',
      path: '/v1/tasks/{id+}',
      guard: 'key',
      metering: 'none',
      async handle({ res, requestId, param, caller }) {
        const task = taskName(param);
        const found = await tasks.find(ownerOf(caller).project, task);
        if (found === undefined) {
          throw new GatewayError('not_found', {
            message: `No call, cost or outcome in this project names the task ${JSON.stringify(task)}. Calls name theirs with x-leeward-task.`,
          });
        }
        sendJson(res, requestId, taskJson(found));
      },
    },
  ];
}

function ownerOf(caller: Caller | undefined): TaskOwner {
  if (caller === undefined) throw new GatewayError('internal', { message: 'The route has no caller.' });
  const { organisation, project, keyId } = caller;
  return { organisation, project, keyId };
}
