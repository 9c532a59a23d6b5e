import { z } from 'zod';
import { count } from './leaves.ts';

const CORRECTIONS_MAX = 500;

/** Of what a double and a `bigint` column hold without loss. */
const tokens = z.int().min(0).max(1e12).optional();
const nanoUsd = z
  .string()
  .regex(/^\d{1,18}$/, { error: 'must be nano-USD in at most 18 digits, as text' })
  .describe('Billionths of a US dollar, in digits.');

export const newCorrections = z.strictObject({
  statement: z
    .string()
    .min(1)
    .max(256)
    .describe('Names the statement. What it says of an attempt is booked once, however often it is sent.'),
  corrections: z
    .array(
      z.strictObject({
        call_id: z.string().min(1).max(128),
        attempt: z.int().min(1).max(1_000),
        usage: z
          .strictObject({
            input_tokens: tokens,
            cached_input_tokens: tokens,
            cache_write_tokens: tokens,
            output_tokens: tokens,
            reasoning_tokens: tokens,
          })
          .optional()
          .describe('Counts that are absent stay as they are.'),
        cost_nano_usd: nanoUsd.describe('What the provider takes for the attempt, in billionths of a US dollar.'),
        charge_nano_usd: nanoUsd
          .optional()
          .describe(
            'What the customer pays for it. Absent: as much as it costs where that was so before or was not known; otherwise as before.',
          ),
      }),
    )
    .min(1)
    .max(CORRECTIONS_MAX),
});

const refused = z.object({
  call_id: z.string(),
  attempt: z.int(),
  reason: z.string().describe('unknown_attempt, running, or why its account could not be put right.'),
});

export const correctionsResult = z
  .object({
    statement: z.string(),
    corrected: count.describe('Attempts that are as the statement says from now on.'),
    again: count.describe('Attempts that this statement had corrected before.'),
    booked: count.describe('Of both, those whose charge on budgets or credits was put right now.'),
    settled: count.describe('Holds that were kept for this, and are settled now.'),
    refused: z.array(refused).describe('Left as they are.'),
    unbooked: z.array(refused).describe('Corrected, but not on their accounts.'),
  })
  .meta({ id: 'CorrectionsResult' });
