import { z } from 'zod';
import { asked, count, money } from './leaves.ts';

/** A call that nobody sends. */
export const imaginedCall = z.strictObject({
  model: asked.describe('As a client names it: provider/model, an alias, or route/<name>.'),
  operation: z.enum(['chat', 'embed']).default('chat'),
  dialect: z
    .enum(['openai', 'anthropic-messages', 'openai-responses', 'gemini'])
    .default('openai')
    .describe('Of a chat: in which a client would send it; `openai` is Chat Completions.'),
  stream: z.boolean().default(false),
  route: asked.optional().describe('As x-leeward-route.'),
  key: asked.optional().describe('Whose call, by the id of the key: its rule and its budgets hold. Default: nobody’s.'),
  project: asked.optional().describe('Of whose project, where no key is named.'),
  messages: z.array(z.unknown()).max(10_000).optional().describe('As in a chat completion.'),
  input_tokens: count
    .max(100_000_000)
    .optional()
    .describe('How long the input is, in place of what the messages come to.'),
  max_tokens: count.min(1).max(100_000_000).optional(),
  headers: z
    .record(z.string().max(64), z.string().max(4_096))
    .optional()
    .describe('As a client would send them, such as x-leeward-max-cost.'),
});

const closure = z.object({
  kind: z.string(),
  reason: z.string(),
  asked: z.boolean(),
  for_ms: z.number().nullable(),
});

const dryTarget = z.object({
  place: count,
  target: z.string(),
  provider: z.string(),
  model: z.string(),
  credential: z.string().nullable(),
  verdict: z
    .enum(['chosen', 'next', 'passed_over', 'unpaid', 'beyond_attempts'])
    .describe(
      'chosen: the call goes to it first. next: where it goes when those before fail. passed_over: closed now. unpaid: it cannot be paid for, or has no price. beyond_attempts: a call makes no more.',
    ),
  reason: z.string(),
  closure: closure.nullable(),
  most: money.describe('What one attempt can cost at most; null where its price is unknown.'),
  output_tokens_max: count.nullable().describe('Of an answer, where the money bounds it.'),
  lane: z.enum(['native', 'translated']).describe('native: the target speaks the dialect of the call.'),
  dialect: z.string().describe('In which the target would be spoken to.'),
  losses: z
    .array(z.object({ field: z.string(), reason: z.string() }))
    .describe('What of the request it would not be told.'),
  more_losses: count.describe('So many more, which are not named.'),
  refusal: z
    .object({ code: z.string(), message: z.string(), param: z.string().nullable() })
    .nullable()
    .describe('Why it cannot be told the call: the next target would be asked.'),
  timeouts: z.object({
    stream_head_ms: z.number(),
    head_ms: z.number(),
    first_token_ms: z.number(),
    idle_ms: z.number(),
    total_ms: z.number().nullable(),
  }),
});

/** What would happen to a call now. */
export const dryRun = z
  .object({
    object: z.literal('dry_run'),
    would: z
      .enum(['attempt', 'text', 'refuse'])
      .describe('attempt: it goes to a target. text: it gets a fixed text of its route. refuse: it gets the error.'),
    error: z
      .object({
        code: z.string(),
        status: z.int(),
        message: z.string(),
        retry_after_ms: z.number().nullable(),
      })
      .nullable(),
    model_asked: z.string(),
    operation: z.string(),
    dialect: z.string(),
    stream: z.boolean(),
    route: z.string().nullable(),
    attempts_max: count.nullable(),
    total_ms: z.number().nullable().describe('When the call ends at the latest.'),
    wait_ms: z.number().describe('How long it would wait before.'),
    degraded: z.string().nullable().describe('What the client would get less than it asked for, and why.'),
    text: z.string().nullable(),
    targets: z.array(dryTarget).describe('In the order of the plan. Of a route that draws by weight, of one draw.'),
    money: z.object({
      capped: z.boolean(),
      hold: money.describe('What would be set aside. Null without a cap, and where it is refused.'),
    }),
    hedge: z
      .object({ after_ms: z.number().nullable().describe('Null: the p95 of the target.'), percent: z.number() })
      .nullable(),
    first_token_ms: z.number().nullable().describe('The time to the first token that the route aims at.'),
    on: z
      .object({
        context_length: z.array(z.string()),
        content_policy: z.array(z.string()),
        budget: z.array(z.string()),
      })
      .describe('Where the call goes instead, by why its target did not answer.'),
    degrade: z
      .array(
        z.object({
          target: z.string().nullable(),
          keep_messages: count.nullable(),
          output_tokens_max: count.nullable(),
          text: z.string().nullable(),
        }),
      )
      .describe('What the route does once its targets are spent.'),
  })
  .meta({ id: 'DryRun' });
