import { type Ask, askForList } from '../ask-server.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { CliFailure } from '../failure.ts';
import { printJson } from '../io.ts';
import { pathWith } from '../records/asked-records.ts';
import type { ServerFlags } from '../running-server.ts';
import { accountTable, alertTable, budgetTable } from './money-tables.ts';
import { withMoney } from './open-money.ts';
import { accountView, alertView, budgetView } from './views.ts';

export interface MoneyFlags extends ServerFlags {
  readonly json?: boolean;
}

export interface ScopeFlags extends MoneyFlags {
  readonly key?: string;
  readonly project?: string;
  readonly organisation?: boolean;
}

export interface SetFlags extends ScopeFlags {
  readonly per?: string;
  readonly hard?: string;
  readonly soft?: string;
  readonly each?: string;
  readonly timeZone?: string;
  readonly credit?: boolean;
  readonly rate?: readonly string[];
}

const SUBJECTS_MAX = 1_000;

export async function listBudgets(flags: ScopeFlags, context: Context): Promise<void> {
  const { io } = context;
  await withMoney(flags, context, async (ask) => {
    const scope = scopeOf(flags);
    const path = pathWith('/admin/budgets', scope === undefined ? {} : { scope: scope.kind, id: scope.id });
    const budgets = await askForList(ask, { entry: budgetView, path });
    if (flags.json === true) printJson(io, budgets);
    else io.out(budgetTable(budgets, io.outTerminal));
  });
}

/** One budget; of one of each, its accounts. */
export async function showBudget(id: string, flags: MoneyFlags, context: Context): Promise<void> {
  const { io } = context;
  await withMoney(flags, context, async (ask) => {
    const path = `/admin/budgets/${encodeURIComponent(id)}`;
    const budget = await ask({ schema: budgetView, path });
    const accounts = await askForList(ask, { entry: accountView, path: `${path}/accounts`, countMax: SUBJECTS_MAX });
    if (flags.json === true) {
      printJson(io, { ...budget, accounts });
      return;
    }
    io.out(budgetTable([budget], io.outTerminal));
    if (accounts.length > 0) io.out(`\n${accountTable(accounts, io.outTerminal)}`);
    if (accounts.length === SUBJECTS_MAX) io.err(`the latest ${SUBJECTS_MAX} accounts; there may be more\n`);
  });
}

export async function setBudget(flags: SetFlags, context: Context): Promise<void> {
  const { io } = context;
  const body = budgetOf(flags);
  await withMoney(flags, context, async (ask) => {
    const budget = await ask({ schema: budgetView, method: 'POST', path: '/admin/budgets', body });
    if (flags.json === true) {
      printJson(io, budget);
      return;
    }
    io.out(budgetTable([budget], io.outTerminal));
    io.err(`${budget.id} is ${budget.created === true ? 'made' : 'changed'}; it counts from the next call on\n`);
  });
}

export async function removeBudget(id: string, flags: MoneyFlags, context: Context): Promise<void> {
  await withMoney(flags, context, async (ask: Ask) => {
    const path = `/admin/budgets/${encodeURIComponent(id)}/remove`;
    const removed = await ask({ schema: budgetView, method: 'POST', path, body: {} });
    if (flags.json === true) printJson(context.io, removed);
    else context.io.err(`${removed.id} is removed: nothing counts on it any more\n`);
  });
}

/** What a running server has told since its start: a store alone keeps none. */
export async function listAlerts(flags: MoneyFlags, context: Context): Promise<void> {
  const { io } = context;
  await withMoney(flags, context, async (ask) => {
    const alerts = await askForList(ask, { entry: alertView, path: '/admin/alerts' });
    if (flags.json === true) printJson(io, alerts);
    else io.out(alertTable(alerts, io.outTerminal));
  });
}

function budgetOf(flags: SetFlags): Record<string, unknown> {
  const { hard, soft, each, timeZone, credit, rate } = flags;
  const scope = scopeOf(flags);
  if (scope === undefined)
    throw usage('nobody is named whose budget it is', 'add --key ID, --project ID or --organisation');
  const per = flags.per ?? (credit === true ? 'lifetime' : undefined);
  if (per === undefined) throw usage('the budget has no period', 'add --per month, week, day, hour or lifetime');
  return {
    scope,
    per,
    ...(hard === undefined ? {} : { hard_usd: hard }),
    ...(soft === undefined ? {} : { soft_usd: soft }),
    ...(each === undefined ? {} : { each }),
    ...(timeZone === undefined ? {} : { time_zone: timeZone }),
    ...(credit === undefined ? {} : { credit }),
    ...(rate === undefined ? {} : { rates: Object.fromEntries(rate.map(ratePair)) }),
  };
}

/** `openai/*=1.2` */
function ratePair(text: string): [string, string] {
  const mark = text.lastIndexOf('=');
  if (mark < 1) throw usage(`${JSON.stringify(text)} is no rate`, "write it as 'openai/*=1.2'");
  return [text.slice(0, mark), text.slice(mark + 1)];
}

function scopeOf({ key, project, organisation }: ScopeFlags): { kind: string; id?: string } | undefined {
  const named = [
    ...(key === undefined ? [] : [{ kind: 'key', id: key }]),
    ...(project === undefined ? [] : [{ kind: 'project', id: project }]),
    ...(organisation === true ? [{ kind: 'organisation' }] : []),
  ];
  if (named.length > 1) throw usage('a budget is for one of key, project and organisation', 'name one of them');
  return named[0];
}

function usage(what: string, next: string): CliFailure {
  return new CliFailure(what, { exitCode: EXIT.usage, next });
}
