import { z } from 'zod';
import { asked, count, pageQuery } from './leaves.ts';

export const modelsQuery = z.strictObject({
  ...pageQuery,
  provider: asked.optional(),
  search: asked.optional().describe('Part of the id or the name, whatever its case.'),
  modality: asked.optional().describe('One that it takes or gives, such as image.'),
  operation: asked.optional().describe('Such as chat or embed.'),
});

const picoUsd = z
  .string()
  .regex(/^\d+$/)
  .nullable()
  .describe('Per token, in 10^-12 US dollars, in digits; null when unknown.');

/** What is known of a model that calls can name, aliases and routes aside. Unknown is null. */
export const model = z
  .object({
    id: z.string().describe('What a client sends as model.'),
    provider: z.string(),
    model: z.string(),
    name: z.string().nullable(),
    operation: z.string().nullable(),
    modalities_in: z.array(z.string()).nullable(),
    modalities_out: z.array(z.string()).nullable(),
    context_window: count.nullable().describe('Tokens.'),
    max_output_tokens: count.nullable(),
    input_pico_usd: picoUsd,
    cached_input_pico_usd: picoUsd,
    output_pico_usd: picoUsd,
    also_priced: z.array(z.string()).describe('What is charged for besides tokens: these do not say the whole cost.'),
    price_source: z.string().nullable().describe('configuration, simulated, or the version of the catalogue.'),
    deprecated: z.boolean(),
    deprecated_at: z.iso.date().nullable(),
    origin: z
      .enum(['configured', 'found', 'catalog', 'simulated'])
      .describe('Who says that it exists: the file, a list the provider gave, the public catalogue, or the simulator.'),
  })
  .meta({ id: 'Model' });
