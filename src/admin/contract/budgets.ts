import { z } from 'zod';
import { scaledDecimal } from '../../kernel/decimal.ts';
import { usdAmount } from '../../kernel/usd-amount.ts';
import { BUDGET_PERIODS, BUDGET_SCOPES } from '../../money/budget.ts';
import { asked, instant, money, nextCursor, pageQuery } from './leaves.ts';

/** An amount in a question, as nano-USD. Text, because a JSON number is a float. */
export const askedUsd = z
  .string({ error: 'must be US dollars in quotes, such as "5.00"' })
  .max(64)
  .transform((text, context) => {
    const amount = usdAmount(text);
    if (amount !== undefined) return amount;
    context.addIssue({
      code: 'custom',
      message: 'must be US dollars in digits, such as "5.00", with at most 9 decimals',
    });
    return z.NEVER;
  })
  .describe('US dollars in decimal digits, exact to the ninth decimal.');

const askedRate = z
  .string({ error: 'must be a factor in quotes, such as "1.2"' })
  .max(64)
  .transform((text, context) => {
    const ratePpm = scaledDecimal(text, 6);
    if (ratePpm !== undefined) return ratePpm;
    context.addIssue({ code: 'custom', message: 'must be a factor in digits, such as "1.2", with at most 6 decimals' });
    return z.NEVER;
  });

const SCOPES = BUDGET_SCOPES;

/** What limits say wherever they stand. */
const limits = {
  each: z.enum(['end_user', 'task']).optional().describe('Not one amount, but one for each that calls name.'),
  time_zone: z.string().min(1).max(64).default('UTC').describe('Whose calendar windows keep to, by its IANA name.'),
  hard_usd: askedUsd.optional().describe('What is never exceeded: a call that might is refused. Absent: no cap.'),
  soft_usd: askedUsd
    .optional()
    .describe('An alert is raised once in a window when so much is spent; for credit, when no more is left.'),
  currency: z.literal('USD', { error: 'must be USD: prices and budgets are in US dollars' }).optional(),
};

/** `POST /admin/budgets` takes it. */
export const newBudget = z.strictObject({
  scope: z
    .strictObject({ kind: z.enum(SCOPES), id: asked.optional() })
    .refine(({ kind, id }) => id !== undefined || kind === 'organisation', {
      path: ['id'],
      error: 'must say which one',
    })
    .describe("Whose calls count; an organisation's id, a project's, or a key's."),
  per: z
    .enum(BUDGET_PERIODS)
    .describe('Windows are those of the calendar; lifetime has one without end. Credit is lifetime.'),
  ...limits,
  credit: z.boolean().default(false).describe('Prepaid: what may be spent is what was bought, see /admin/credits.'),
  rates: z
    .record(z.string().min(1).max(256), askedRate)
    .optional()
    .describe('How charges count, by pattern of provider/model, as factors in digits; the first that fits decides.'),
});

/** A cap that comes with a key. */
export const keyCap = z.strictObject({ per: z.enum(BUDGET_PERIODS), ...limits });

export const budgetsQuery = z.strictObject({
  ...pageQuery,
  scope: z.enum(SCOPES).optional(),
  id: asked.optional().describe("The organisation's, project's or key's."),
});

const nanoMoney = money;

/** One window of a budget, for one subject. */
export const budgetAccount = z
  .object({
    subject: z
      .string()
      .describe('The end user or the task, for a budget of each; calls that name none share the empty one.'),
    window_start: instant.nullable().describe('Null for a window without beginning and end.'),
    resets_at: instant.nullable(),
    settled: nanoMoney.describe('What was charged.'),
    held: nanoMoney.describe('What calls under way have set aside.'),
    limit: nanoMoney.describe('The cap, or what was bought; null where nothing limits.'),
    left: nanoMoney.describe('Limit less settled and held. Below 0 after an overrun, or once a cap was lowered.'),
  })
  .meta({ id: 'BudgetAccount' });

export const budget = z
  .object({
    id: z.string(),
    organisation: z.string(),
    scope: z.object({ kind: z.enum(SCOPES), id: z.string() }),
    each: z.enum(['end_user', 'task']).nullable(),
    per: z.enum(BUDGET_PERIODS),
    time_zone: z.string(),
    hard: nanoMoney,
    soft: nanoMoney,
    credit: z.boolean(),
    rates: z.record(z.string(), z.string()).nullable().describe('Factors by pattern of provider/model.'),
    created_at: instant,
    created_by: z.string(),
    changed_at: instant,
    origin: z.enum(['database', 'file']).describe('A budget of the file is changed there and nowhere else.'),
    declared_in: z.string().nullable().describe('The file.'),
    account: budgetAccount
      .nullable()
      .describe('The window of now; null for a budget of each, whose accounts are a list.'),
  })
  .meta({ id: 'Budget' });

export const setBudget = z
  .object({ ...budget.shape, created: z.boolean().describe('False when there was one, which was changed.') })
  .meta({ id: 'SetBudget' });

export const budgetAccountsQuery = z.strictObject({ ...pageQuery, subject: z.string().max(256).optional() });

export const budgetAccounts = z.object({ data: z.array(budgetAccount), next_cursor: nextCursor });
