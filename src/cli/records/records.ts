import { z } from 'zod';

/*
 * The parts of the administrative API's answers that are read here. Fields
 * this version does not know are let through, so that `--json` prints all.
 */

const money = z.looseObject({ nano_usd: z.string(), usd: z.string() }).nullish();
const count = z.number().nullish();

const usage = z
  .looseObject({
    input_tokens: count,
    cached_input_tokens: count,
    cache_write_tokens: count,
    output_tokens: count,
    reasoning_tokens: count,
    details: z.record(z.string(), z.unknown()).nullish(),
  })
  .nullish();

export const attemptRecord = z.looseObject({
  attempt: z.number(),
  provider: z.string(),
  model: z.string(),
  credential: z.string().nullish(),
  route_reason: z.string().nullish(),
  started_at: z.string().nullish(),
  outcome: z.string().nullish(),
  status: z.number().nullish(),
  error: z.string().nullish(),
  error_message: z.string().nullish(),
  finish_reason: z.string().nullish(),
  first_token_ms: count,
  total_ms: count,
  usage,
  usage_source: z.string().nullish(),
  cost: money,
  charge: money,
  hold: money,
  overrun: z.boolean().nullish(),
  upstream_request_id: z.string().nullish(),
});

export const callRecord = z.looseObject({
  id: z.string(),
  created_at: z.string(),
  state: z.string(),
  outcome: z.string().nullish(),
  operation: z.string().nullish(),
  dialect: z.string().nullish(),
  stream: z.boolean().nullish(),
  model_asked: z.string(),
  route: z.string().nullish(),
  provider: z.string().nullish(),
  model: z.string().nullish(),
  status: z.number().nullish(),
  error: z.string().nullish(),
  total_ms: count,
  usage,
  cost: money,
  charge: money,
  project: z.string().nullish(),
  key: z.string().nullish(),
  end_user: z.string().nullish(),
  task: z.string().nullish(),
  tags: z.array(z.string()).nullish(),
  client_request_id: z.string().nullish(),
  trace_id: z.string().nullish(),
  config_version: z.string().nullish(),
  attempts: z.array(attemptRecord),
});

const figures = {
  calls: z.number(),
  attempts: z.number(),
  errors: z.number(),
  input_tokens: count,
  cached_input_tokens: count,
  output_tokens: count,
  cost_nano_usd: z.string().nullish(),
  cost_usd: z.string().nullish(),
  charge_nano_usd: z.string().nullish(),
  reported_nano_usd: z.string().nullish(),
  calls_without_cost: z.number(),
};

export const usageGroup = z.looseObject({
  group: z.string().nullable(),
  project: z.string().nullish(),
  outcome: z.string().nullish(),
  ...figures,
});

const tasks = z.looseObject({
  tasks: z.number(),
  judged: z.number(),
  successful: z.number(),
  success_rate: z.number().nullish(),
  cost: money,
  cost_per_task: money,
  cost_per_successful_task: money,
});

export const usageReport = z.looseObject({
  group_by: z.string(),
  from: z.string(),
  to: z.string(),
  data: z.array(usageGroup),
  total: z.looseObject(figures),
  tasks: tasks.nullish(),
  next_cursor: z.string().nullish(),
});

/** A row of an export; what it holds is the server's to say. */
export const usageRow = z.looseObject({});

const taskFigures = { calls: z.number(), attempts: z.number(), errors: z.number(), model_cost: money, charge: money };

export const taskRecord = z.looseObject({
  task: z.string(),
  project: z.string(),
  outcome: z.string().nullish(),
  value: z.string().nullish(),
  note: z.string().nullish(),
  cost: money,
  ...taskFigures,
  reported_cost: money,
  calls_without_cost: z.number(),
  models: z.array(
    z.looseObject({
      provider: z.string(),
      model: z.string(),
      ...taskFigures,
      input_tokens: count,
      output_tokens: count,
    }),
  ),
  costs: z.array(z.looseObject({ id: z.string(), kind: z.string(), amount: money, description: z.string().nullish() })),
});

export type TaskRecord = z.output<typeof taskRecord>;
export type AttemptRecord = z.output<typeof attemptRecord>;
export type CallRecord = z.output<typeof callRecord>;
export type UsageGroup = z.output<typeof usageGroup>;
export type UsageReport = z.output<typeof usageReport>;

/** What `calls list` looks for; instants in ISO 8601. */
export interface CallFilter {
  readonly limit: number;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly model?: string | undefined;
  readonly provider?: string | undefined;
  readonly key?: string | undefined;
  readonly project?: string | undefined;
  readonly task?: string | undefined;
  readonly outcome?: string | undefined;
}

/** What usage is narrowed by; instants in ISO 8601. */
export interface UsageFilter {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly organisation?: string | undefined;
  readonly project?: string | undefined;
  readonly key?: string | undefined;
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
  readonly operation?: string | undefined;
  readonly route?: string | undefined;
  readonly end_user?: string | undefined;
  readonly task?: string | undefined;
  readonly tag?: string | undefined;
}

export interface UsageQuery extends UsageFilter {
  readonly group_by: string;
}

/** What a gateway has recorded: through the server that runs, or from the store when none does. */
export interface Records {
  /** The newest first. */
  calls(filter: CallFilter): Promise<CallRecord[]>;
  /** All of them, a page at a time, the newest first. */
  eachCall(filter: Omit<CallFilter, 'limit'>): AsyncIterable<CallRecord>;
  /** @throws `CliFailure` or `not_found` for an id nobody knows */
  call(id: string): Promise<CallRecord>;
  usage(query: UsageQuery): Promise<UsageReport>;
  /** The hours that usage is summed up from, all of them, a page at a time. @param by which name they are told apart by */
  eachHour(filter: UsageFilter & { readonly by: string }): AsyncIterable<Readonly<Record<string, unknown>>>;
  /** The ledger's lines, one for each attempt, all of them, a page at a time. */
  eachLine(filter: UsageFilter): AsyncIterable<Readonly<Record<string, unknown>>>;
  /** @throws `CliFailure` or `not_found` for a task nobody knows */
  task(task: string, project: string | undefined): Promise<TaskRecord>;
}

/** The store of a data directory in place of its server: answers what `GET` would. */
export interface OpenStoreRecords {
  /** @throws `not_found` and `invalid_request`, as the server would */
  get(path: string): Promise<unknown>;
  close(): Promise<void>;
}
