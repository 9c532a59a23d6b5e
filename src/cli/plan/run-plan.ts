import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { PlanProblem, PlanRequest } from '../../compose/plan.ts';
import { errorCode } from '../../kernel/errors.ts';
import { visibleText } from '../../observability/format.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { CliFailure } from '../failure.ts';
import { printJson } from '../io.ts';
import { nanoDigits } from '../money-text.ts';
import { withRecords } from '../records/open-records.ts';
import type { ServerFlags } from '../running-server.ts';
import { planText } from './plan-text.ts';

const FILE_BYTES_MAX = 2 ** 20;
const DAY_MS = 86_400_000;

export interface PlanFlags extends ServerFlags {
  readonly users?: string;
  readonly active?: string;
  readonly sessions?: string;
  readonly tasks?: string;
  readonly success?: string;
  readonly times?: string;
  readonly calls?: string;
  readonly price?: string;
  readonly model?: string;
  readonly inputTokens?: string;
  readonly outputTokens?: string;
  readonly split?: string;
  readonly retries?: string;
  readonly cacheHits?: string;
  readonly gpu?: string;
  readonly gpuHours?: string;
  /** Milliseconds. */
  readonly fromUsage?: number;
  readonly json?: boolean;
}

/** Where in a plan each flag speaks; `*` is the only route. */
const PATHS = {
  users: ['--users', 'traffic', 'users'],
  active: ['--active', 'traffic', 'active'],
  sessions: ['--sessions', 'traffic', 'sessions_per_user'],
  tasks: ['--tasks', 'traffic', 'tasks_per_session'],
  success: ['--success', 'traffic', 'success'],
  times: ['--times', 'traffic', 'times'],
  calls: ['--calls', 'routes', '*', 'calls'],
  price: ['--price', 'routes', '*', 'price'],
  model: ['--model', 'routes', '*', 'model'],
  inputTokens: ['--input-tokens', 'routes', '*', 'tokens', 'input'],
  outputTokens: ['--output-tokens', 'routes', '*', 'tokens', 'output'],
  split: ['--split', 'routes', '*', 'split'],
  retries: ['--retries', 'retries'],
  cacheHits: ['--cache-hits', 'cache_hits'],
  gpu: ['--gpu', 'gpu', 'price_per_hour'],
  gpuHours: ['--gpu-hours', 'gpu', 'hours'],
} as const satisfies Partial<Record<keyof PlanFlags, readonly [string, ...string[]]>>;

/** Reckons a plan and prints it. @throws `CliFailure` (usage) for a plan that cannot be, with every reason */
export async function runPlan(file: string | undefined, flags: PlanFlags, context: Context): Promise<void> {
  const { io, clock } = context;
  const said = flagsOf(flags);
  if (file === undefined && said.length === 0 && flags.fromUsage === undefined) {
    throw new CliFailure('there is nothing to plan', {
      exitCode: EXIT.usage,
      next: 'name a plan file, or try: leeward plan --users 500000 --active 20% --calls 6 --price 0.008',
    });
  }
  const request: PlanRequest = {
    dataDir: flags.data,
    flags: said,
    ...(file === undefined ? {} : { file: await planFile(file, context) }),
    ...(flags.fromUsage === undefined ? {} : { recorded: await recordedOf(flags, flags.fromUsage, context) }),
  };
  const { planReport } = await import('../../compose/plan.ts');
  const { document, problems } = planReport(request, clock);
  if (document === undefined) throw refused(problems);
  if (flags.json === true) printJson(io, document);
  else io.out(planText(document, io.outTerminal));
}

function flagsOf(flags: PlanFlags): PlanRequest['flags'] {
  return Object.entries(PATHS).flatMap(([name, [flag, ...path]]) => {
    const value = flags[name as keyof typeof PATHS];
    return value === undefined ? [] : [{ flag, path, value }];
  });
}

async function planFile(file: string, { io }: Context): Promise<{ name: string; text: string }> {
  if (file === '-') {
    if (io.input === undefined)
      throw new CliFailure('there is no standard input', { exitCode: EXIT.usage, next: 'name a file' });
    return { name: 'standard input', text: await io.input.text(FILE_BYTES_MAX) };
  }
  try {
    const bytes = statSync(file).size;
    if (bytes > FILE_BYTES_MAX) {
      throw new CliFailure(`${file} has ${bytes} bytes`, {
        exitCode: EXIT.usage,
        next: `a plan has at most ${FILE_BYTES_MAX}`,
      });
    }
    return { name: basename(file), text: readFileSync(file, 'utf8') };
  } catch (cause) {
    if (cause instanceof CliFailure) throw cause;
    const absent = errorCode(cause) === 'ENOENT';
    throw new CliFailure(`${file} cannot be read (${errorCode(cause) ?? 'no reason given'})`, {
      exitCode: absent ? EXIT.notFound : EXIT.unexpected,
      next: absent ? 'check the path' : 'check what it is and who may read it',
      cause,
    });
  }
}

/** What each model was used for, of the running server or of the store when none runs. */
async function recordedOf(
  flags: PlanFlags,
  lengthMs: number,
  context: Context,
): Promise<NonNullable<PlanRequest['recorded']>> {
  const to = context.clock.now();
  let models: NonNullable<PlanRequest['recorded']>['models'] = [];
  let daysMs = lengthMs;
  await withRecords(flags, context, async (records) => {
    const range = { from: new Date(to - lengthMs).toISOString(), to: new Date(to).toISOString() };
    const report = await records.usage({ group_by: 'model', ...range });
    // The server may answer for whole hours; what has not passed yet is no time in which calls were made.
    daysMs = Math.min(Date.parse(report.to), to) - Date.parse(report.from);
    models = report.data
      .filter(({ group, calls }) => group !== null && calls > 0)
      .map((group) => ({
        model: group.group ?? '',
        calls: group.calls,
        callsWithoutCost: group.calls_without_cost,
        costNanoUsd: nanoDigits(group.cost_nano_usd),
      }));
  });
  if (models.length > 0) return { models, days: daysMs / DAY_MS };
  throw new CliFailure(`no call was recorded in that time`, {
    exitCode: EXIT.notFound,
    next: 'name a longer one, or the traffic that is expected',
  });
}

function refused(problems: readonly PlanProblem[]): CliFailure {
  const lines = problems.map(({ place, field, value, allowed }) => {
    const at = place === '' ? '' : `${place}  `;
    const is = value === undefined ? '' : ` is ${JSON.stringify(visibleText(value, 100))};`;
    const known = allowed.startsWith('not known here');
    return `${at}${visibleText(field, 200)}${is} ${known ? 'is' : 'must be'} ${allowed}\n`;
  });
  return new CliFailure('the plan cannot be reckoned', {
    exitCode: EXIT.usage,
    next: 'correct what stands above; docs/cost-planning.md has each field',
    details: lines.join(''),
  });
}
