import { z } from 'zod';
import type { AdminOperation } from '../endpoints.ts';
import { alert, alertsQuery } from './alerts.ts';
import { budget, budgetAccounts, budgetAccountsQuery, budgetsQuery, newBudget, setBudget } from './budgets.ts';
import { call, callPage, callsQuery } from './calls.ts';
import { effectiveConfig, reloadResult, route } from './config.ts';
import { correctionsResult, newCorrections } from './corrections.ts';
import { booked, booking, bookingsQuery, newBooking } from './credits.ts';
import { createdKey, key, keysQuery, newKey } from './keys.ts';
import { idParams, noQuery, pageOf, pageQuery } from './leaves.ts';
import { model, modelsQuery } from './models.ts';
import { costExplanation, priceSheet, pricesQuery } from './prices.ts';
import { dryRun, imaginedCall } from './simulate.ts';
import { provider, status } from './status.ts';
import { target, targetsQuery } from './targets.ts';
import { usageQuery, usageReport } from './usage.ts';
import {
  exported,
  exportQuery,
  linesPage,
  linesQuery,
  taskAnswer,
  taskQuery,
  usageHoursPage,
  usageHoursQuery,
} from './usage-lines.ts';

/** What one operation takes and gives. */
export interface OperationContract {
  readonly summary: string;
  readonly tag: 'server' | 'configuration' | 'models' | 'keys' | 'money' | 'calls';
  readonly params?: z.ZodType;
  /** Strict: a parameter that nobody knows is refused, because a filter that is ignored lies. */
  readonly query: z.ZodType;
  readonly body?: z.ZodType;
  readonly answer: z.ZodType;
  /** Absent: 200. */
  readonly status?: 201;
  /** Absent: JSON. */
  readonly produces?: readonly string[];
}

/** Every operation of the administrative API; the OpenAPI document is made from it. */
export const ADMIN_CONTRACT = {
  openapi: {
    summary: 'This API as an OpenAPI 3.1 document',
    tag: 'server',
    query: noQuery,
    answer: z.looseObject({ openapi: z.string(), paths: z.record(z.string(), z.unknown()) }),
  },
  status: { summary: 'How the server is', tag: 'server', query: noQuery, answer: status },
  config: {
    summary: 'The configuration in force, without its secrets',
    tag: 'configuration',
    query: noQuery,
    answer: effectiveConfig,
  },
  reload_config: {
    summary: 'Read the configuration file again',
    tag: 'configuration',
    query: noQuery,
    answer: reloadResult,
  },
  list_providers: {
    summary: 'The providers and what was last seen of each',
    tag: 'configuration',
    query: z.strictObject(pageQuery),
    answer: pageOf(provider),
  },
  list_targets: {
    summary: 'The targets that were called since the start: whether calls may go to each now, and why not',
    tag: 'configuration',
    query: targetsQuery,
    answer: pageOf(target),
  },
  simulate: {
    summary: 'What would happen to a call now, without making it',
    tag: 'calls',
    query: noQuery,
    body: imaginedCall,
    answer: dryRun,
  },
  list_routes: {
    summary: 'Routes and aliases with their targets',
    tag: 'configuration',
    query: z.strictObject(pageQuery),
    answer: pageOf(route),
  },
  list_models: { summary: 'The models that calls can name', tag: 'models', query: modelsQuery, answer: pageOf(model) },
  list_prices: {
    summary: 'What models charge for now',
    tag: 'money',
    query: pricesQuery,
    answer: pageOf(priceSheet),
  },
  explain_cost: {
    summary: "A call's cost, line by line",
    tag: 'money',
    params: idParams,
    query: noQuery,
    answer: costExplanation,
  },
  list_keys: { summary: 'The keys, without their secrets', tag: 'keys', query: keysQuery, answer: pageOf(key) },
  create_key: {
    summary: 'Make a key; the answer alone holds its secret',
    tag: 'keys',
    query: noQuery,
    body: newKey,
    answer: createdKey,
    status: 201,
  },
  get_key: { summary: 'One key', tag: 'keys', params: idParams, query: noQuery, answer: key },
  revoke_key: {
    summary: 'Revoke a key and its sub-keys for good',
    tag: 'keys',
    params: idParams,
    query: noQuery,
    answer: key,
  },
  list_budgets: {
    summary: 'The budgets in force, with what is spent, held and left now',
    tag: 'money',
    query: budgetsQuery,
    answer: pageOf(budget),
  },
  set_budget: {
    summary:
      'Set a budget as a whole: that of the same scope, subject, period and kind is changed, otherwise one is made',
    tag: 'money',
    query: noQuery,
    body: newBudget,
    answer: setBudget,
  },
  get_budget: { summary: 'One budget', tag: 'money', params: idParams, query: noQuery, answer: budget },
  remove_budget: {
    summary: 'Remove a budget: nothing counts on it any more, and its history stays',
    tag: 'money',
    params: idParams,
    query: noQuery,
    answer: budget,
  },
  list_budget_accounts: {
    summary: 'What was spent on a budget, by window and subject, the latest windows first',
    tag: 'money',
    params: idParams,
    query: budgetAccountsQuery,
    answer: budgetAccounts,
  },
  list_bookings: {
    summary: 'What was booked by hand, the newest first',
    tag: 'money',
    query: bookingsQuery,
    answer: pageOf(booking),
  },
  book: {
    summary: 'Book a top-up, a refund, an adjustment or a transfer, once',
    tag: 'money',
    query: noQuery,
    body: newBooking,
    answer: booked,
  },
  list_alerts: {
    summary: 'What this server has told of money since its start, the newest first',
    tag: 'money',
    query: alertsQuery,
    answer: pageOf(alert),
  },
  list_calls: { summary: 'Calls, the newest first', tag: 'calls', query: callsQuery, answer: callPage },
  get_call: { summary: 'One call with its attempts', tag: 'calls', params: idParams, query: noQuery, answer: call },
  list_usage_hours: {
    summary: 'What was used and cost, by the hour',
    tag: 'calls',
    query: usageHoursQuery,
    answer: usageHoursPage,
  },
  list_lines: {
    summary: "The ledger's lines, one for each attempt",
    tag: 'calls',
    query: linesQuery,
    answer: linesPage,
  },
  export_usage: {
    summary: 'Hours or lines as a file, however many',
    tag: 'calls',
    query: exportQuery,
    answer: exported,
    produces: ['text/csv', 'application/x-ndjson'],
  },
  get_task: {
    summary: 'One task: its calls, its costs, how it came out',
    tag: 'calls',
    query: taskQuery,
    answer: taskAnswer,
  },
  correct: {
    summary: "Put attempts right by a provider's statement",
    tag: 'calls',
    query: noQuery,
    body: newCorrections,
    answer: correctionsResult,
  },
  usage: { summary: 'What calls used and cost, in groups', tag: 'calls', query: usageQuery, answer: usageReport },
} as const satisfies Record<AdminOperation, OperationContract>;

export type AdminContract = typeof ADMIN_CONTRACT;
