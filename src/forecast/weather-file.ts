import { z } from 'zod';
import { duration, namePattern, text } from '../config/leaves.ts';
import { amount, count, share, timeOfDay } from './file-leaves.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const WINDOWS_MAX = 1_000;
const POINTS_MAX = 288;
const DAYS_MAX = 366;

const FAILURES = ['refuse', 'reset', 'error', 'overloaded', 'hang', 'truncate', 'garbage'] as const;

const failure = z
  .enum(FAILURES)
  .prefault('error')
  .describe(
    'What calls meet: a refused connection, a reset one, a 5xx, a 529, silence, an answer that breaks off, or bytes that are none.',
  );

const window = {
  day: count(1, DAYS_MAX).optional().describe('Of the file, counted from 1. Default: every day.'),
  from: timeOfDay(),
  to: timeOfDay(),
};

const windows = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z
    .array(z.strictObject({ ...window, ...shape }))
    .max(WINDOWS_MAX)
    .prefault([]);

const latencyProfile = z
  .strictObject({
    first_token: z
      .array(z.strictObject({ at: timeOfDay(), p50: duration(1, HOUR), p95: duration(1, HOUR) }))
      .min(1)
      .max(POINTS_MAX)
      .describe('Time to the first token over the day: half of the calls are below p50, 95 % below p95.'),
    tail: z
      .strictObject({ share: share(), times: amount(1, 1_000) })
      .optional()
      .describe('This share of calls takes so many times as long.'),
    tokens_per_second: amount(0.1, 100_000).prefault(60).describe('Once it speaks.'),
  })
  .describe('How fast a provider is over the day.');

const randomOutages = z
  .strictObject({
    per_day: amount(0, 1_000).describe('How many are to be expected.'),
    length: z
      .strictObject({ p50: duration(SECOND, 24 * HOUR), p95: duration(SECOND, 24 * HOUR) })
      .describe('How long they last.'),
    kind: failure,
    share: share().prefault('100%').describe('Of the calls, those that meet it.'),
  })
  .describe('Outages at times that follow from the seed, for each provider that the name fits at others.');

const rateLimit = z
  .strictObject({
    calls_per_minute: amount(1, 10_000_000).optional(),
    tokens_per_minute: amount(1, 100_000_000_000).optional(),
    retry_after: z.boolean().prefault(true).describe('Whether a 429 says when to come again.'),
    headers: z.boolean().prefault(true).describe('Whether each answer says what is left.'),
  })
  .describe('What the provider allows all day.');

const capacity = z
  .strictObject({
    at_once: count(1, 1_000_000).describe('Calls that it works on at once; others wait in line.'),
    queue: count(0, 10_000_000).optional().describe('How many may wait. Default: as many as it works on.'),
    when_full: z.literal([429, 503]).prefault(503),
  })
  .describe('How much the provider can do.');

const conditions = z.strictObject({
  latency: text('the name of a profile').optional().describe('A profile of this file, or one that Leeward comes with.'),
  errors: share().optional().describe('Calls that meet a 5xx at any time: noise.'),
  content_policy: share().optional().describe('Calls that its content policy refuses at any time.'),
  outages: windows({ kind: failure, share: share().prefault('100%') }).describe('When calls fail.'),
  random_outages: z.array(randomOutages).max(20).prefault([]),
  slow: windows({ times: amount(0.1, 1_000) }).describe('When it takes so many times as long.'),
  throttled: windows({
    share: share().prefault('100%'),
    retry_after: duration(1, 24 * HOUR)
      .optional()
      .describe('What the 429 says. Default: nothing.'),
    exhausted: z.boolean().prefault(false).describe('The quota is used up, which no waiting helps.'),
  }).describe('When calls are answered with 429.'),
  rate_limit: rateLimit.optional(),
  capacity: capacity.optional(),
  reduced: windows({ at_once: count(1, 1_000_000) }).describe('When the capacity is less, or more.'),
});

/** A weather file as it is written. */
export const weatherSchema = z.strictObject({
  $schema: z.string().max(2_000).optional().describe('Where editors find this schema; nothing else reads it.'),
  name: text('a name').max(120).describe('What the report calls it.'),
  about: text('text').optional().describe('Where it comes from, for who reads the report.'),
  days: count(1, DAYS_MAX).prefault(1).describe('How many days it tells of.'),
  profiles: z.record(text('a name').max(64), latencyProfile).prefault({}).describe('Latency profiles, by name.'),
  targets: z
    .record(namePattern('a provider such as openai, or a pattern such as openai/gpt-*'), conditions)
    .prefault({})
    .describe(
      'Weather by provider, or by pattern of provider/model. All that fit hold together; of single values the last one does.',
    ),
});

export type WeatherFile = z.output<typeof weatherSchema>;
export type Conditions = WeatherFile['targets'][string];
export type LatencyProfile = WeatherFile['profiles'][string];

let jsonSchema: Readonly<Record<string, unknown>> | undefined;

/** The JSON Schema (draft 7) of a weather file. Made once; not to be changed. */
export function weatherJsonSchema(): Readonly<Record<string, unknown>> {
  jsonSchema ??= {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: "a forecast's weather",
    ...z.toJSONSchema(weatherSchema, { io: 'input', target: 'draft-7' }),
  };
  return jsonSchema;
}
