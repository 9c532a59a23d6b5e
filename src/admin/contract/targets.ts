import { z } from 'zod';
import { DIALECTS } from '../../protocol/operation.ts';
import { asked, count, pageQuery } from './leaves.ts';

export const targetsQuery = z.strictObject({ ...pageQuery, provider: asked.optional() });

const durationMs = z.number().min(0);
const percent = z.number().min(0).max(100);

const closure = z
  .object({
    kind: z
      .enum(['breaker', 'slow', 'cool-down', 'headroom', 'concurrency', 'credential'])
      .describe(
        'breaker: it fails. slow: its first tokens come late. cool-down: the provider throttles it. headroom: little is left of its rate limit. concurrency: it has as many calls as it bears. credential: the provider refuses the key.',
      ),
    reason: z.string(),
    asked: z.boolean().describe('The provider named the time itself, by Retry-After.'),
    for_ms: durationMs.nullable().describe('How much longer; null where that depends on calls under way.'),
  })
  .meta({ id: 'Closure' });

const breaker = z
  .object({
    state: z
      .enum(['closed', 'open', 'half-open', 'returning'])
      .describe('As an electrician says it: closed lets calls through, open does not.'),
    openings: count,
    opens_for_ms: durationMs.nullable().describe('Until it lets a probe through; null unless it is open.'),
  })
  .meta({ id: 'Breaker' });

/** What routing knows of a provider's model with one credential. */
export const target = z
  .object({
    id: z.string().describe('provider/model, and #credential where there is one.'),
    provider: z.string(),
    model: z.string(),
    credential: z.string().nullable(),
    dialects: z
      .array(z.enum(DIALECTS))
      .describe(
        'What its provider speaks; a call in another dialect is translated, where it can be. Empty once it is no longer configured.',
      ),
    available: z.boolean().describe('Calls may go to it now.'),
    closure: closure.nullable().describe('Why they may not, and for how long.'),
    in_flight: count,
    concurrency_limit: z.number().nullable().describe('Calls at once that it is thought to bear.'),
    first_token_p50_ms: durationMs.nullable().describe('Of the latest streamed answers; null while few are known.'),
    first_token_p95_ms: durationMs.nullable(),
    ended: z
      .object({ ok: count, failed: count, neutral: count, throttled: count, credential: count })
      .describe('Attempts by how they ended. neutral says nothing about the target: its client left, or was wrong.'),
    breaker: breaker.extend({ failures_in_row: count, calls: count, failed: count }).nullable(),
    slow: breaker.extend({ slow_percent: percent, bound_ms: durationMs }).nullable(),
    headroom: z
      .object({ requests_percent: percent.nullable(), tokens_percent: percent.nullable() })
      .nullable()
      .describe("What is left of the provider's rate limits, as it says itself."),
    retries: z
      .object({ allowed: count, refused: count, left: z.number() })
      .nullable()
      .describe('Of its retry budget: those that it paid for, those that it did not, and how many it would now.'),
  })
  .meta({ id: 'Target' });
