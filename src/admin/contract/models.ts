import { z } from 'zod';
import { asked, count, pageQuery } from './leaves.ts';

export const modelsQuery = z.strictObject({
  ...pageQuery,
  provider: asked.optional(),
  search: asked.optional().describe('Part of the id, whatever its case.'),
  modality: asked.optional().describe('One that it takes or gives, such as image.'),
  operation: asked.optional().describe('Such as chat or embed.'),
});

const picoUsd = z
  .string()
  .regex(/^\d+$/)
  .nullable()
  .describe('Per token, in 10^-12 US dollars, in digits; null when unknown.');

/** What is known of a model that this gateway can name. Unknown is null. */
export const model = z
  .object({
    id: z.string().describe('What a client sends as model.'),
    provider: z.string(),
    model: z.string(),
    operation: z.string().nullable(),
    modalities_in: z.array(z.string()).nullable(),
    modalities_out: z.array(z.string()).nullable(),
    context_window: count.nullable().describe('Tokens.'),
    max_output_tokens: count.nullable(),
    input_pico_usd: picoUsd,
    cached_input_pico_usd: picoUsd,
    output_pico_usd: picoUsd,
    deprecated_at: z.iso.date().nullable(),
    origin: z.string().describe('Who says that it exists: catalogue, provider (it lists the model) or file.'),
  })
  .meta({ id: 'Model' });
