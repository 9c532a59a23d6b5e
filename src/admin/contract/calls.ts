import { z } from 'zod';
import { OPERATIONS } from '../../protocol/operation.ts';
import { asked, askedInstant, count, instant, money, nextCursor, pageQuery } from './leaves.ts';

const OUTCOMES = ['ok', 'failed', 'truncated', 'cancelled', 'interrupted'] as const;

export const callsQuery = z.strictObject({
  ...pageQuery,
  since: askedInstant.optional().describe('Calls that began then or later. Absent: seven days before until.'),
  until: askedInstant.optional().describe('Calls that began before. Absent: now.'),
  model: asked.optional().describe('As the client asked for it, or as an attempt named it: gpt-x or openai/gpt-x.'),
  provider: asked.optional().describe('Calls with an attempt there.'),
  key: asked.optional(),
  project: asked.optional(),
  task: asked.optional(),
  outcome: z
    .enum([...OUTCOMES, 'running'])
    .optional()
    .describe("How the call ended: its last attempt's outcome."),
});

const usage = z
  .object({
    input_tokens: count.nullable(),
    cached_input_tokens: count.nullable().describe('Of the input tokens.'),
    cache_write_tokens: count.nullable().describe('Of the input tokens, those written to the prompt cache.'),
    output_tokens: count.nullable(),
    reasoning_tokens: count.nullable().describe('Of the output tokens.'),
    details: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe('What else was used: sound, pictures, seconds, tools, the service tier; null where that is nothing.'),
  })
  .nullable();

export const attempt = z
  .object({
    attempt: z.int().min(1),
    provider: z.string(),
    model: z.string(),
    credential: z.string().nullable().describe('The name of the key that was used, never the key.'),
    route_reason: z.string().describe('Why this target was chosen for this attempt.'),
    started_at: instant,
    outcome: z.enum(OUTCOMES).nullable().describe('Null while it runs.'),
    status: z.int().nullable().describe("The provider's HTTP status."),
    error: z.string().nullable(),
    error_message: z.string().nullable(),
    finish_reason: z.string().nullable(),
    first_token_ms: z.number().nullable(),
    total_ms: z.number().nullable(),
    usage,
    usage_source: z.string().nullable().describe('Who counted: provider, estimated or reserved.'),
    cost: money.describe('What the provider takes for it; null when that is not known.'),
    charge: money.describe('What the customer pays for it; null when that is not known.'),
    hold: money.describe('What was set aside for its call; null on a call that took no hold.'),
    overrun: z.boolean().nullable().describe('True when the charge of its call exceeded the hold.'),
    upstream_request_id: z.string().nullable(),
  })
  .meta({ id: 'Attempt' });

export const call = z
  .object({
    id: z.string().describe('What the answer carried as x-leeward-request-id.'),
    created_at: instant,
    state: z.enum(['running', 'ended']),
    outcome: z
      .enum([...OUTCOMES, 'refused'])
      .nullable()
      .describe('How it ended; null while it runs. refused: before any attempt.'),
    operation: z.enum(OPERATIONS),
    dialect: z.string(),
    stream: z.boolean(),
    model_asked: z.string(),
    route: z.string().nullable(),
    provider: z.string().nullable().describe('Of the last attempt.'),
    model: z.string().nullable().describe('Of the last attempt.'),
    status: z.int().nullable().describe('What the client got.'),
    error: z.string().nullable(),
    total_ms: z.number().nullable().describe("From the client's arrival to the last byte."),
    usage: usage.describe('Of the last attempt.'),
    cost: money.describe('Of all attempts; null when one that got an answer has no known price.'),
    charge: money.describe('What the customer pays for all attempts; null when that of none is known.'),
    organisation: z.string(),
    project: z.string(),
    key: z.string(),
    end_user: z.string().nullable(),
    task: z.string().nullable(),
    tags: z.array(z.string()),
    metadata: z.record(z.string(), z.string()),
    client_request_id: z.string().nullable(),
    trace_id: z.string().nullable(),
    config_version: z.string(),
    attempts: z.array(attempt).describe('The oldest first.'),
  })
  .meta({
    id: 'Call',
    description:
      'A call with its attempts. A call that was refused before any attempt has no record in the store: it is found by its id while it is among the latest in memory, and never listed.',
  });

/** How fresh an answer from the store is. */
export const replayedUntil = instant.describe('Everything that happened before is in this answer.');

export const callPage = z
  .object({
    data: z.array(call).describe('The newest first.'),
    next_cursor: nextCursor,
    since: instant.describe('The list reaches back to here.'),
    until: instant,
    replayed_until: replayedUntil,
  })
  .meta({ id: 'CallPage' });
