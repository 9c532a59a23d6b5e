import { formatCount, visibleText } from '../../observability/format.ts';
import type { Context } from '../context.ts';
import { printJson, type Terminal, tableText } from '../io.ts';
import { usdShown } from '../money-text.ts';
import { type Paint, paintFor } from '../paint.ts';
import type { ServerFlags } from '../running-server.ts';
import { withRecords } from './open-records.ts';
import type { TaskRecord } from './records.ts';

export interface TaskFlags extends ServerFlags {
  readonly project?: string;
  readonly json?: boolean;
}

/** What one task cost, and how it came out. */
export async function showTask(task: string, flags: TaskFlags, context: Context): Promise<void> {
  await withRecords(flags, context, async (records) => {
    const found = await records.task(task, flags.project);
    const { io } = context;
    if (flags.json === true) printJson(io, found);
    else io.out(taskBlock(found, paintFor(io.outTerminal, io.env), io.outTerminal));
  });
}

function taskBlock(task: TaskRecord, paint: Paint, terminal: Terminal | undefined): string {
  const value = task.value == null ? '' : ` (${task.value})`;
  const facts: [string, string | undefined][] = [
    ['project', task.project],
    ['outcome', task.outcome == null ? undefined : `${task.outcome}${value}`],
    ['note', task.note ?? undefined],
    [
      'calls',
      `${formatCount(task.calls)}, of ${formatCount(task.attempts)} attempts ${formatCount(task.errors)} failed`,
    ],
    ['cost', usdShown(task.cost)],
    ['of models', usdShown(task.model_cost)],
    ['reported', task.reported_cost == null ? undefined : usdShown(task.reported_cost)],
    ['charge', task.charge == null ? undefined : usdShown(task.charge)],
    [
      'unknown',
      task.calls_without_cost === 0 ? undefined : `${formatCount(task.calls_without_cost)} calls have no price`,
    ],
  ];
  const lines = facts.flatMap(([name, text]) =>
    text === undefined ? [] : [`  ${paint.dim(name.padEnd(10))}${visibleText(text, 400)}\n`],
  );
  const models = task.models.map(({ provider, model, calls, model_cost: cost }) => [
    visibleText(`${provider}/${model}`, 120),
    formatCount(calls),
    usdShown(cost),
  ]);
  const costs = task.costs.map(({ id, kind, amount, description }) => [
    visibleText(id, 128),
    kind,
    usdShown(amount),
    visibleText(description ?? '', 200),
  ]);
  return [
    `${paint.bold(visibleText(task.task, 256))}\n`,
    ...lines,
    models.length === 0 ? '' : `\n${tableText(['MODEL', 'CALLS', 'COST'], models, terminal)}`,
    costs.length === 0 ? '' : `\n${tableText(['REPORTED', 'KIND', 'AMOUNT', 'DESCRIPTION'], costs, terminal)}`,
  ].join('');
}
