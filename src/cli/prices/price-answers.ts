import { z } from 'zod';

/** The parts of the administrative API's answers about prices that are shown; the rest is let through for `--json`. */
const rate = z.looseObject({
  pico_usd: z.string(),
  per: z.string(),
  tiers: z.array(z.looseObject({ above_input_tokens: z.number(), pico_usd: z.string() })),
});
const rates = z.record(z.string(), rate);

export const priceSheet = z.looseObject({
  id: z.string(),
  version: z.string(),
  tokens: rates,
  unknown: z.array(z.string()),
  quantities: rates,
  per_request: rate.nullable(),
  terms: z.record(
    z.string(),
    z.looseObject({ times: z.string().nullable(), tokens: rates, ordinary: z.array(z.string()) }),
  ),
});

export const costExplanation = z.looseObject({
  call: z.string(),
  attempts: z.array(
    z.looseObject({
      attempt: z.number(),
      provider: z.string(),
      model: z.string(),
      outcome: z.string().nullable(),
      usage_source: z.string().nullable(),
      price_version: z.string().nullable(),
      state: z.string(),
      reason: z.string().nullable(),
      lines: z.array(
        z.looseObject({
          what: z.string(),
          unit: z.string(),
          count: z.number(),
          pico_usd: z.string(),
          per: z.string(),
          times: z.string().nullable(),
          amount_pico_usd: z.string(),
        }),
      ),
      total: z.unknown(),
      recorded: z.unknown(),
      charge: z.unknown(),
    }),
  ),
});

export type Rate = z.output<typeof rate>;
export type PriceSheetAnswer = z.output<typeof priceSheet>;
export type ExplainedAttempt = z.output<typeof costExplanation>['attempts'][number];
