import { z } from 'zod';
import { replayedUntil } from './calls.ts';
import { asked, askedInstant, count, instant, nextCursor, PAGE_ENTRIES_MAX, pageQuery } from './leaves.ts';

export const USAGE_GROUPS = ['day', 'hour', 'model', 'provider', 'key', 'project', 'task', 'operation'] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number];

export const usageQuery = z.strictObject({
  ...pageQuery,
  limit: pageQuery.limit.unwrap().default(PAGE_ENTRIES_MAX),
  from: askedInstant.optional().describe('Calls that began then or later. Absent: seven days before to.'),
  to: askedInstant.optional().describe('Calls that began before. Absent: now.'),
  project: asked.optional(),
  key: asked.optional(),
  group_by: z.enum(USAGE_GROUPS).default('day').describe('Days and hours are those of UTC.'),
});

const tokens = count.nullable().describe('The sum of what is known; null when nothing is.');

const figures = {
  calls: count.describe('Each once, in the group of its last attempt.'),
  attempts: count,
  errors: count.describe('Attempts that failed, broke off or were interrupted. One that the client left is none.'),
  input_tokens: tokens,
  cached_input_tokens: tokens.describe('Of the input tokens.'),
  output_tokens: tokens,
  cost_nano_usd: z
    .string()
    .regex(/^-?\d+$/)
    .nullable()
    .describe('The sum of what is known, in billionths of a US dollar, in digits; null when nothing is.'),
  cost_usd: z.string().nullable().describe('The same in US dollars, exact.'),
  calls_without_cost: count.describe(
    'Calls whose cost is not in the sum, because their price is not known or they still run.',
  ),
};

export const usageReport = z
  .object({
    group_by: z.enum(USAGE_GROUPS),
    from: instant,
    to: instant,
    data: z
      .array(
        z.object({
          group: z
            .string()
            .nullable()
            .describe(
              'A day or the first moment of an hour, provider/model, an id, a name; null where a call named no task.',
            ),
          ...figures,
        }),
      )
      .describe('Days and hours in their order; everything else by cost, the dearest first.'),
    total: z.object(figures).describe('Of all groups, those on other pages included.'),
    next_cursor: nextCursor,
    replayed_until: replayedUntil,
  })
  .meta({ id: 'UsageReport' });
