import { z } from 'zod';
import { USAGE_GROUPINGS } from '../../protocol/usage-grouping.ts';
import { replayedUntil } from './calls.ts';
import { asked, askedInstant, count, instant, money, nextCursor, PAGE_ENTRIES_MAX, pageQuery } from './leaves.ts';

const name = 'Of end_user, task and tag, one can be asked for at a time, also as the group.';

export const usageFilter = {
  organisation: asked.optional(),
  project: asked.optional(),
  key: asked.optional(),
  provider: asked.optional(),
  model: asked.optional().describe('As the provider names it: gpt-x or openai/gpt-x.'),
  operation: asked.optional(),
  route: asked.optional(),
  end_user: asked.optional().describe(name),
  task: asked.optional().describe(name),
  tag: asked.optional().describe(name),
};

export const usageRange = {
  from: askedInstant.optional().describe('Calls that began in this hour or later. Absent: seven days before to.'),
  to: askedInstant.optional().describe('Calls that began before the end of the hour that holds it. Absent: now.'),
};

export const usageQuery = z.strictObject({
  ...pageQuery,
  limit: pageQuery.limit.unwrap().default(PAGE_ENTRIES_MAX),
  ...usageRange,
  ...usageFilter,
  group_by: z.enum(USAGE_GROUPINGS).default('day').describe('Hours, days and months are those of UTC.'),
});

const tokens = count.nullable().describe('The sum of what is known; null when nothing is.');
const nanoUsd = z
  .string()
  .regex(/^-?\d+$/)
  .nullable();

const figures = {
  calls: count.describe('Each once, in the group of its last attempt. A call that still runs is not counted yet.'),
  attempts: count,
  errors: count.describe('Attempts that failed, broke off or were interrupted. One that the client left is none.'),
  input_tokens: tokens,
  cached_input_tokens: tokens.describe('Of the input tokens.'),
  cache_write_tokens: tokens.describe('Of the input tokens.'),
  output_tokens: tokens,
  reasoning_tokens: tokens.describe('Of the output tokens.'),
  cost_nano_usd: nanoUsd.describe(
    'What the providers take: the sum of what is known, in billionths of a US dollar, in digits; null when nothing is.',
  ),
  cost_usd: z.string().nullable().describe('The same in US dollars, exact.'),
  charge_nano_usd: nanoUsd.describe('What the customers pay, likewise.'),
  charge_usd: z.string().nullable(),
  reported_nano_usd: nanoUsd.describe('What applications reported for their tasks besides models, likewise.'),
  reported_usd: z.string().nullable(),
  calls_without_cost: count.describe('Calls whose cost is not in the sum, because their price is not known.'),
  attempts_without_cost: count,
  estimated_attempts: count.describe('Attempts whose usage was counted here, because the provider did not say.'),
  overruns: count.describe('Attempts of calls whose charge exceeded their hold.'),
  mean_ms: z.number().nullable().describe('Of an attempt, milliseconds.'),
  mean_first_token_ms: z.number().nullable(),
};

const tasks = z
  .object({
    tasks: count.describe('Tasks that calls or reported costs name.'),
    judged: count.describe('Of these, those whose application said how they came out.'),
    successful: count,
    success_rate: z.number().min(0).max(1).nullable().describe('Of the judged ones; null when there are none.'),
    cost: money.describe('What all of them cost: models, as far as it is known, and what was reported.'),
    cost_per_task: money.describe('Rounded to the nearest billionth; null without tasks.'),
    cost_per_successful_task: money.describe(
      'What the judged ones cost for each that was a success, likewise; null when none was.',
    ),
  })
  .nullable()
  .describe('Of all groups, when they are tasks; otherwise null.');

export const usageReport = z
  .object({
    group_by: z.enum(USAGE_GROUPINGS),
    from: instant.describe('The first moment of an hour.'),
    to: instant.describe('The first moment of an hour, or the end of the one that runs.'),
    data: z
      .array(
        z.object({
          group: z
            .string()
            .nullable()
            .describe(
              'A month, a day or the first moment of an hour, provider/model, an id, a name; null for what has none.',
            ),
          project: z.string().nullable().describe('Whose end user or task it is; null for other groups.'),
          outcome: z.string().nullable().describe('How a task came out, if its application said.'),
          ...figures,
        }),
      )
      .describe(
        'Times in their order; everything else by cost and what was reported, the dearest first. A call with two tags is in two groups.',
      ),
    total: z.object(figures).describe('Of all groups, those on other pages included, each call once.'),
    tasks,
    next_cursor: nextCursor,
    replayed_until: replayedUntil,
  })
  .meta({ id: 'UsageReport' });
