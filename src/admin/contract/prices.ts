import { z } from 'zod';
import { asked, count, instant, money, pageQuery } from './leaves.ts';

const digits = z.string().regex(/^\d+$/);

const rate = z
  .object({
    pico_usd: digits.describe('10^-12 US dollars for `per` units, in digits.'),
    per: digits.describe('1 for nearly every price, in digits.'),
    tiers: z
      .array(z.object({ above_input_tokens: count, pico_usd: digits }))
      .describe('Other prices for the whole call where its input is larger.'),
  })
  .meta({ id: 'Rate' });

const rates = z.record(z.string(), rate);

export const pricesQuery = z.strictObject({
  ...pageQuery,
  provider: asked.optional(),
  search: asked.optional().describe('Part of the id, whatever its case.'),
  model: asked.optional().describe('One model, as provider/model; it need not be in any list.'),
  organisation: asked.optional().describe('Whose prices. Default: those without an agreement of their own.'),
});

/** What a model charges for now. What is not named has no price, which is not 0. */
export const priceSheet = z
  .object({
    id: z.string().describe('provider/model'),
    provider: z.string(),
    model: z.string(),
    version: z.string().describe('As attempts record it. Declared prices are named by what they say.'),
    tokens: rates.describe('By kind of token; a kind that is absent costs what its nearest relative costs.'),
    unknown: z.array(z.string()).describe('Kinds of tokens that are sold at a price nobody told.'),
    quantities: rates.describe('By what is not sold by the token, such as images:1024x1024:high.'),
    per_request: rate.nullable(),
    terms: z
      .record(z.string(), z.object({ times: z.string().nullable(), tokens: rates, ordinary: z.array(z.string()) }))
      .describe('By service tier, and batch: a factor, prices of its own, kinds that it leaves as they are.'),
  })
  .meta({ id: 'PriceSheet' });

const line = z.object({
  what: z.string().describe('A kind of token, a quantity, or request.'),
  unit: z.enum(['token', 'unit', 'request']),
  count: z.number(),
  pico_usd: digits,
  per: digits,
  times: z.string().nullable().describe('The factor of a service tier or a batch, as 1/2.'),
  amount_pico_usd: z.string().describe('Exact: digits, or a fraction such as 37000000/3.'),
});

export const costExplanation = z
  .object({
    call: z.string(),
    attempts: z.array(
      z.object({
        attempt: z.int(),
        provider: z.string(),
        model: z.string(),
        started_at: instant,
        outcome: z.string().nullable(),
        usage_source: z.string().nullable(),
        price_version: z.string().nullable(),
        state: z
          .enum(['agrees', 'differs', 'unpriced', 'version_gone', 'no_usage'])
          .describe('Whether the lines add up to what was recorded, or why there are none.'),
        reason: z.string().nullable(),
        lines: z.array(line),
        total: money.describe('The sum of the lines, rounded up once.'),
        recorded: money.describe('What the record says that it cost.'),
        charge: money.describe('What the customer pays for it.'),
      }),
    ),
  })
  .meta({ id: 'CostExplanation' });
