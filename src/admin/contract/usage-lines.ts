import { z } from 'zod';
import { replayedUntil } from './calls.ts';
import { asked, count, instant, money, nextCursor, pageQuery } from './leaves.ts';
import { usageFilter, usageRange } from './usage.ts';

const by = z
  .enum(['all', 'end_user', 'task', 'tag'])
  .default('all')
  .describe('Which name rows are told apart by. An attempt with two tags is in two rows of tag.');

const what = z
  .enum(['hours', 'lines'])
  .default('hours')
  .describe('Sums by the hour, or the ledger line of each attempt.');

export const usageHoursQuery = z.strictObject({ ...pageQuery, ...usageRange, ...usageFilter, by });
export const linesQuery = z.strictObject({ ...pageQuery, ...usageRange, ...usageFilter });
export const exportQuery = z.strictObject({
  ...usageRange,
  ...usageFilter,
  by,
  what,
  format: z.enum(['csv', 'jsonl']).default('csv'),
});

const tokens = count.nullable();
const nanoUsd = z.string().nullable();

const usageHour = z
  .object({
    hour: instant.describe('Its first moment.'),
    organisation: z.string(),
    project: z.string(),
    key: z.string(),
    provider: z.string().nullable().describe('Null, as the next three, for what an application reported.'),
    model: z.string().nullable(),
    operation: z.string().nullable(),
    route: z.string().nullable(),
    name: z.string().nullable().describe('The end user, task or tag; null where there is none.'),
    calls: count,
    attempts: count,
    errors: count,
    input_tokens: tokens,
    cached_input_tokens: tokens,
    cache_write_tokens: tokens,
    output_tokens: tokens,
    reasoning_tokens: tokens,
    cost_nano_usd: nanoUsd,
    cost_usd: z.string().nullable(),
    charge_nano_usd: nanoUsd,
    charge_usd: z.string().nullable(),
    reported_nano_usd: nanoUsd,
    reported_usd: z.string().nullable(),
    calls_without_cost: count,
    attempts_without_cost: count,
    estimated_attempts: count,
    overruns: count,
    mean_ms: z.number().nullable(),
    mean_first_token_ms: z.number().nullable(),
  })
  .meta({ id: 'UsageHour' });

export const usageHoursPage = z.object({
  data: z.array(usageHour).describe('In the order of the hours.'),
  next_cursor: nextCursor,
  from: instant,
  to: instant,
  replayed_until: replayedUntil,
});

const line = z
  .object({
    call: z.string(),
    attempt: z.int(),
    call_started_at: instant,
    started_at: instant,
    ended_at: instant.nullable().describe('Null, as what follows from it, while the attempt runs.'),
    organisation: z.string(),
    project: z.string(),
    key: z.string(),
    parent_key: z.string().nullable(),
    end_user: z.string().nullable(),
    task: z.string().nullable(),
    tags: z.array(z.string()),
    operation: z.string(),
    stream: z.boolean(),
    route: z.string(),
    provider: z.string(),
    model: z.string(),
    credential: z.string().nullable(),
    outcome: z.string().nullable(),
    last: z.boolean().nullable().describe("Whether it is its call's last attempt."),
    status: z.int().nullable(),
    input_tokens: tokens,
    cached_input_tokens: tokens,
    cache_write_tokens: tokens,
    output_tokens: tokens,
    reasoning_tokens: tokens,
    usage_details: z.record(z.string(), z.unknown()).nullable(),
    usage_source: z.string().nullable(),
    price_version: z.string(),
    cost_nano_usd: nanoUsd,
    cost_usd: z.string().nullable(),
    charge_nano_usd: nanoUsd,
    charge_usd: z.string().nullable(),
    hold_nano_usd: nanoUsd,
    overrun: z.boolean().nullable(),
    first_token_ms: z.number().nullable(),
    total_ms: z.number().nullable(),
    upstream_request_id: z.string().nullable(),
    client_request_id: z.string().nullable(),
  })
  .meta({ id: 'LedgerLine', description: 'What one attempt used, cost and was charged.' });

export const linesPage = z.object({
  data: z.array(line).describe('The oldest first.'),
  next_cursor: nextCursor,
  from: instant,
  to: instant,
  replayed_until: replayedUntil,
});

export const exported = z.string().describe('CSV (RFC 4180) with a line of headings, or one JSON object a line.');

export const taskQuery = z.strictObject({
  task: asked,
  project: asked.optional().describe('Needed where two projects have a task of this name.'),
});

const taskFigures = {
  calls: count,
  attempts: count,
  errors: count,
  input_tokens: tokens,
  output_tokens: tokens,
  model_cost: money,
  charge: money,
  reported_cost: money,
  calls_without_cost: count,
};

export const taskAnswer = z
  .object({
    task: z.string(),
    project: z.string(),
    outcome: z.string().nullable().describe('success, partial, failure or abandoned, if its application said.'),
    value: z.string().nullable(),
    note: z.string().nullable(),
    reported_at: instant.nullable(),
    cost: money.describe('Of models, as far as it is known, and what was reported.'),
    ...taskFigures,
    models: z.array(z.object({ provider: z.string(), model: z.string(), ...taskFigures })),
    costs: z
      .array(
        z.object({
          id: z.string(),
          kind: z.string(),
          amount: money,
          description: z.string().nullable(),
          end_user: z.string().nullable(),
          reported_at: instant,
        }),
      )
      .describe('The latest first, two hundred at most.'),
    replayed_until: replayedUntil,
  })
  .meta({ id: 'Task' });
