import { z } from 'zod';
import type { DocumentKind } from '../config/document-file.ts';
import { duration, text } from '../config/leaves.ts';
import { error, type Finding } from '../config/problem.ts';
import { valueAt } from './day-curve.ts';
import { amount, count, share, timeOfDay } from './file-leaves.ts';

const POINTS_MAX = 1_440;
const KINDS_MAX = 50;
const CALLS_A_MINUTE_MAX = 1_000_000;
const TOKENS_MAX = 10_000_000;
const DAY = 86_400_000;

/** How many tokens: always as many, or half of the calls below p50 and 95 % of them below p95. */
const tokens = z.union(
  [count(1, TOKENS_MAX), z.strictObject({ p50: count(1, TOKENS_MAX), p95: count(1, TOKENS_MAX) })],
  {
    error: `must be a whole number from 1 to ${TOKENS_MAX}, or { p50, p95 }`,
  },
);

const kind = z.strictObject({
  model: text('an alias, provider/model or route/<name>')
    .optional()
    .describe('What clients send as model. Default: each route of the configuration, as often as the others.'),
  share: share().prefault('100%').describe('Of all calls; the shares of a file add up to 100%.'),
  input_tokens: tokens.prefault({ p50: 600, p95: 3_000 }),
  output_tokens: tokens.prefault({ p50: 180, p95: 700 }),
  max_output_tokens: count(1, TOKENS_MAX).optional().describe('The bound that clients set. Default: they set none.'),
  stream: share().prefault('80%').describe('Of these calls, those whose answer is streamed.'),
});

/** A traffic file as it is written. */
export const trafficSchema = z.strictObject({
  $schema: z.string().max(2_000).optional().describe('Where editors find this schema; nothing else reads it.'),
  name: text('a name').max(120).describe('What the report calls it.'),
  about: text('text').optional().describe('Where it comes from, for who reads the report.'),
  calls_per_minute: z
    .array(z.strictObject({ at: timeOfDay(), calls: amount(0, CALLS_A_MINUTE_MAX) }))
    .min(1)
    .max(POINTS_MAX)
    .describe('Over the day, in its order; after the last point comes the first one of the next day.'),
  between: z
    .enum(['smooth', 'linear', 'steps'])
    .prefault('smooth')
    .describe('How it goes from point to point: along half a wave, straight, or not until the next one.'),
  calls: z.array(kind).min(1).max(KINDS_MAX).prefault([{}]).describe('What is called for.'),
  clients: z
    .strictObject({
      retries: count(0, 10).prefault(2).describe("How often a client's SDK tries again by itself."),
      timeout: duration(1, DAY).prefault('10m').describe('After which a client gives up, for each of its tries.'),
      leaving: share().prefault('0%').describe('Calls whose client leaves while the answer is under way.'),
    })
    .prefault({}),
});

export type TrafficFile = z.output<typeof trafficSchema>;
export type TokenCount = z.output<typeof tokens>;

let jsonSchema: Readonly<Record<string, unknown>> | undefined;

/** The JSON Schema (draft 7) of a traffic file. Made once; not to be changed. */
export function trafficJsonSchema(): Readonly<Record<string, unknown>> {
  jsonSchema ??= {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: "a forecast's traffic",
    ...z.toJSONSchema(trafficSchema, { io: 'input', target: 'draft-7' }),
  };
  return jsonSchema;
}

export const TRAFFIC: DocumentKind<typeof trafficSchema> = {
  schema: trafficSchema,
  jsonSchema: trafficJsonSchema,
  meaning: (file) => [...pointFindings(file), ...kindFindings(file)],
};

/** Calls a minute at a time of the day. */
export function callsPerMinute({ calls_per_minute: points, between }: TrafficFile, timeMs: number): number {
  return valueAt(trafficPoints(points), timeMs, between);
}

export function trafficPoints(points: TrafficFile['calls_per_minute']) {
  return points.map(({ at, calls }) => ({ atMs: at, value: calls }));
}

function pointFindings({ calls_per_minute: points }: TrafficFile): Finding[] {
  const found: Finding[] = [];
  for (const [index, { at }] of points.entries()) {
    const before = points[index - 1];
    if (at >= DAY) found.push(error(['calls_per_minute', index, 'at'], 'at must be before 24:00, which is 00:00'));
    if (before !== undefined && at <= before.at) {
      found.push(error(['calls_per_minute', index, 'at'], 'at must be later than the point above it'));
    }
  }
  if (points.every(({ calls }) => calls === 0)) {
    found.push(error(['calls_per_minute'], 'calls_per_minute must have a point with calls: there is no traffic'));
  }
  return found;
}

function kindFindings({ calls }: TrafficFile): Finding[] {
  const found: Finding[] = [];
  const total = calls.reduce((sum, { share: part }) => sum + part, 0);
  if (Math.abs(total - 1) > 1e-6) {
    found.push(error(['calls'], `the shares of calls must add up to 100%: these are ${percent(total)}`));
  }
  for (const [index, one] of calls.entries()) {
    for (const field of ['input_tokens', 'output_tokens'] as const) {
      const value = one[field];
      if (typeof value === 'number' || value.p50 <= value.p95) continue;
      found.push(error(['calls', index, field, 'p95'], `p95 must not be less than p50, which is ${value.p50}`));
    }
  }
  return found;
}

function percent(part: number): string {
  return `${Number((part * 100).toFixed(4))}%`;
}
