import { z } from 'zod';
import { GatewayError } from '../../kernel/errors.ts';
import { USAGE_PLACES } from '../dialect.ts';

const count = z.int().min(0).max(1_000_000);
const byteCount = z
  .int()
  .min(0)
  .max(256 << 20);
const delayMs = z.number().min(0).max(86_400_000);
const headers = z.record(
  z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/),
  z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/),
);
const errorDetail = z.strictObject({
  message: z.string().optional(),
  type: z.string().nullable().optional(),
  param: z.string().nullable().optional(),
  code: z.string().nullable().optional(),
});

/** Absent: before the headers. 0: after the headers. n: after n events (the body of an answer that is not streamed is one). */
const afterEvents = count.optional();
/** So many bytes of the event after those are still sent. */
const atByte = byteCount.optional();

const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('status'),
    code: z.int().min(300).max(599),
    /** A string is sent as it is, anything else as JSON. Absent: the dialect's usual error for that status. */
    body: z.unknown().optional(),
    headers: headers.optional(),
    /** Adds the header that tells when to come back; a literal of any other form goes into `headers`. */
    retryAfter: z
      .strictObject({ ms: delayMs, as: z.enum(['seconds', 'date', 'milliseconds']).default('seconds') })
      .optional(),
  }),
  z
    .strictObject({
      kind: z.literal('slow-headers'),
      bytesPerSecond: z.number().positive().max(1e6).optional(),
      delayMs: delayMs.optional(),
    })
    .refine((fault) => (fault.bytesPerSecond === undefined) !== (fault.delayMs === undefined), {
      message: 'slow-headers wants either bytesPerSecond or delayMs',
    }),
  z.strictObject({ kind: z.literal('stall'), afterEvents }),
  z.strictObject({
    kind: z.literal('cut'),
    afterEvents,
    atByte,
    framing: z.enum(['broken', 'clean']).default('broken'),
  }),
  z.strictObject({ kind: z.literal('reset'), afterEvents, atByte }),
  z.strictObject({ kind: z.literal('malformed-event'), event: count.default(1) }),
  z.strictObject({
    kind: z.literal('error-event'),
    afterEvents: count.default(0),
    status: z.int().min(400).max(599).default(500),
    error: errorDetail.optional(),
    /** Whether the stream still says that it is done. */
    done: z.boolean().default(false),
  }),
  z.strictObject({
    kind: z.literal('json-error-in-200'),
    status: z.int().min(400).max(599).default(500),
    error: errorDetail.optional(),
  }),
  z.strictObject({
    kind: z.literal('html'),
    status: z.int().min(200).max(599).default(502),
    body: z.string().optional(),
  }),
  z.strictObject({ kind: z.literal('overrun'), tokens: z.int().min(1).max(1_000_000) }),
  z.strictObject({
    kind: z.literal('truncated-json'),
    /** Absent: half of the body. */
    keepBytes: byteCount.optional(),
    contentLength: z.enum(['matching', 'lying']).default('matching'),
  }),
  z.strictObject({ kind: z.literal('no-usage') }),
  z.strictObject({ kind: z.literal('no-done') }),
  z.strictObject({ kind: z.literal('wrong-content-type'), contentType: z.string().min(1).default('text/plain') }),
  z.strictObject({ kind: z.literal('huge-event'), bytes: byteCount, afterEvents: count.default(1) }),
  z.strictObject({ kind: z.literal('drip'), intervalMs: delayMs.default(1) }),
  z.strictObject({
    kind: z.literal('endless'),
    of: z.enum(['tokens', 'pings']).default('tokens'),
    intervalMs: z.number().min(1).max(86_400_000).default(10),
  }),
  z.strictObject({ kind: z.literal('empty') }),
  z.strictObject({
    kind: z.literal('redirect'),
    status: z.union([z.literal(301), z.literal(302), z.literal(303), z.literal(307), z.literal(308)]).default(307),
    location: z.string().min(1).default('http://127.0.0.1:9/elsewhere'),
  }),
  z.strictObject({ kind: z.literal('gzip') }),
  z.strictObject({
    kind: z.literal('bad-usage'),
    form: z
      .enum([
        'negative',
        'nan',
        'string',
        'huge',
        'absurd',
        'fraction',
        'null',
        'zero',
        'no-object',
        'cached-above-prompt',
        'reasoning-apart',
      ])
      .default('negative'),
  }),
  z.strictObject({
    kind: z.literal('usage'),
    /** In the place of the usage object, as it stands: it need not be JSON. Absent: the honest one. */
    text: z.string().max(65_536).optional(),
    place: z.enum(USAGE_PLACES).default('own'),
  }),
  z.strictObject({ kind: z.literal('lost-answer') }),
  z.strictObject({ kind: z.literal('slow-stream'), intervalMs: delayMs.default(50) }),
]);

const matchSchema = z.strictObject({
  model: z.string().optional(),
  path: z.string().startsWith('/').optional(),
  stream: z.boolean().optional(),
  /** Which of the calls that fit the rest, counted from 1 since the rules were set. */
  nth: z.union([z.int().min(1), z.array(z.int().min(1)).min(1).max(10_000)]).optional(),
  probability: z.number().min(0).max(1).optional(),
});

const ruleSchema = z.strictObject({
  match: matchSchema.optional(),
  /** How often the rule may fire. Absent: always. */
  times: z.int().min(1).optional(),
  fault: faultSchema,
});

const rulesSchema = z.array(ruleSchema).max(1_000);

export type Fault = z.infer<typeof faultSchema>;
export type FaultKind = Fault['kind'];
export type FaultRule = z.infer<typeof ruleSchema>;
/** As rules are written: what has a default may be left out. */
export type FaultRuleInput = z.input<typeof ruleSchema>;

/**
 * Rules as they were sent, checked and with their defaults filled in.
 *
 * @throws `invalid_request` that names every wrong value by its path
 */
export function parseFaultRules(rules: unknown): FaultRule[] {
  const parsed = rulesSchema.safeParse(rules);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, 20).map((issue) => `${pathText(issue.path)}: ${issue.message}`);
  throw new GatewayError('invalid_request', { message: `The fault rules are not valid. ${problems.join('; ')}` });
}

function pathText(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'rules';
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}
