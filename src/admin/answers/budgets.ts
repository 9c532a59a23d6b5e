import { z } from 'zod';
import { usdPerMillionText } from '../../config/units.ts';
import { type NanoUsd, nano } from '../../kernel/amounts.ts';
import { GatewayError } from '../../kernel/errors.ts';
import type { AccountRef, Budget } from '../../money/budget.ts';
import type { BudgetRequest } from '../../money/budget-request.ts';
import type { BudgetInForce } from '../../money/budgets.ts';
import type { Balance } from '../../money/ledger-books.ts';
import { DEFAULT_ORGANISATION } from '../../store/key-queries.ts';
import type { AdminParts } from '../admin-parts.ts';
import { pageByName, readCursor, writeCursor } from '../cursor.ts';
import type { Answer, Question } from './answers.ts';
import { moneyJson } from './call-json.ts';
import { isoTime, isoTimeOrNull } from './instants.ts';

const LIST = 'budgets';
const ACCOUNTS = 'budget-accounts';
/** The last account's window and subject. */
const position = z.tuple([z.number(), z.string()]);

/** Also what a store has that no server has open. */
export type BudgetParts = Pick<AdminParts, 'clock' | 'money'>;

type BudgetJson = Answer<'get_budget'>;
type AccountJson = Answer<'list_budget_accounts'>['data'][number];

export async function budgetsAnswer(
  parts: BudgetParts,
  { query }: Question<'list_budgets'>,
): Promise<Answer<'list_budgets'>> {
  const { scope, id } = query;
  const wanted = parts.money.budgets
    .list()
    .filter(
      ({ budget }) => (scope ?? budget.scope.kind) === budget.scope.kind && (id ?? budget.scope.id) === budget.scope.id,
    );
  const { data, next_cursor } = pageByName(LIST, wanted, ({ budget }) => budget.id, query);
  const shown: BudgetJson[] = [];
  for (const entry of data) shown.push(await budgetJson(parts, entry));
  return { data: shown, next_cursor };
}

export async function budgetAnswer(parts: BudgetParts, { params }: Question<'get_budget'>): Promise<BudgetJson> {
  return budgetJson(parts, budgetOf(parts, params.id));
}

export async function setBudgetAnswer(
  parts: BudgetParts,
  { body }: Question<'set_budget'>,
  by = 'admin',
): Promise<Answer<'set_budget'>> {
  const { scope, per, credit, rates, ...limits } = body;
  const { entry, created } = await parts.money.budgets.set({
    scope: { kind: scope.kind, id: scope.id ?? DEFAULT_ORGANISATION },
    period: per,
    ...limitsOf(limits),
    credit,
    ...(rates === undefined ? {} : { rates: Object.entries(rates).map(([models, ratePpm]) => ({ models, ratePpm })) }),
    by,
  });
  return { ...(await budgetJson(parts, entry)), created };
}

/** What a question says of limits, as a budget has it. */
export function limitsOf({
  each,
  time_zone,
  hard_usd,
  soft_usd,
}: Pick<Question<'set_budget'>['body'], 'each' | 'time_zone' | 'hard_usd' | 'soft_usd'>): Pick<
  BudgetRequest,
  'each' | 'timeZone' | 'hard' | 'soft'
> {
  return {
    timeZone: time_zone,
    ...(each === undefined ? {} : { each }),
    ...(hard_usd === undefined ? {} : { hard: hard_usd }),
    ...(soft_usd === undefined ? {} : { soft: soft_usd }),
  };
}

export async function removedBudgetAnswer(
  parts: BudgetParts,
  { params }: Question<'remove_budget'>,
): Promise<BudgetJson> {
  return budgetJson(parts, await parts.money.budgets.remove(params.id));
}

export async function budgetAccountsAnswer(
  parts: BudgetParts,
  { params, query }: Question<'list_budget_accounts'>,
): Promise<Answer<'list_budget_accounts'>> {
  const { budget } = budgetOf(parts, params.id);
  const { limit, cursor, subject } = query;
  const [windowStart, lastSubject] = cursor === undefined ? [] : readCursor(ACCOUNTS, position, cursor);
  const found = await parts.money.books.balances({
    budgetId: budget.id,
    limit: limit + 1,
    ...(subject === undefined ? {} : { subject }),
    ...(windowStart === undefined || lastSubject === undefined ? {} : { after: { windowStart, subject: lastSubject } }),
  });
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    data: page.map((account) => accountJson({ ...account, budget }, account)),
    next_cursor:
      last === undefined || found.length === page.length ? null : writeCursor(ACCOUNTS, last.windowStart, last.subject),
  };
}

function budgetOf({ money }: BudgetParts, id: string): BudgetInForce {
  const entry = money.budgets.byId(id);
  if (entry !== undefined) return entry;
  throw new GatewayError('not_found', {
    message: `There is no budget ${id.slice(0, 64)}. GET /admin/budgets lists them.`,
  });
}

async function budgetJson({ money, clock }: BudgetParts, entry: BudgetInForce): Promise<BudgetJson> {
  const { budget, createdAt, createdBy, changedAt } = entry;
  return {
    id: budget.id,
    organisation: budget.organisation,
    scope: { ...budget.scope },
    each: budget.each ?? null,
    per: budget.period,
    time_zone: budget.timeZone,
    hard: moneyJson(budget.hard),
    soft: moneyJson(budget.soft),
    credit: budget.credit,
    rates: ratesJson(budget),
    created_at: isoTime(createdAt),
    created_by: createdBy,
    changed_at: isoTime(changedAt),
    origin: budget.declaredIn === undefined ? 'database' : 'file',
    declared_in: budget.declaredIn ?? null,
    account: budget.each === undefined ? await accountNow() : null,
  };

  async function accountNow(): Promise<AccountJson> {
    const account = money.budgets.accountAt(budget, '', clock.now());
    return accountJson(account, (await money.books.balance(account)) ?? NOTHING);
  }
}

/** Nothing was ever held on it, or bought for it. */
const NOTHING: Balance = { settled: nano(0n), held: nano(0n), credited: nano(0n) };

function accountJson({ budget, subject, windowStart, windowEnd }: AccountRef, balance: Balance): AccountJson {
  const { settled, held, credited } = balance;
  const limit: NanoUsd | undefined = budget.credit ? credited : budget.hard;
  return {
    subject,
    window_start: budget.period === 'lifetime' ? null : isoTime(windowStart),
    resets_at: isoTimeOrNull(windowEnd),
    settled: moneyJson(settled),
    held: moneyJson(held),
    limit: moneyJson(limit),
    left: moneyJson(limit === undefined ? undefined : limit - settled - held),
  };
}

function ratesJson({ rates }: Budget): Record<string, string> | null {
  if (rates === undefined) return null;
  return Object.fromEntries(rates.map(({ models, ratePpm }) => [models, usdPerMillionText(ratePpm)]));
}
