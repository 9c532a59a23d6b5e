import { z } from 'zod';
import { TOKEN_CLASSES, type TokenClass } from '../protocol/price-sheet.ts';
import { isQuantity } from '../protocol/usage.ts';
import { instant, integer, namePattern, rate, text, usdEach, usdPerMillion } from './leaves.ts';

/** How the file calls what a million tokens of a kind cost. */
export const TOKEN_FIELDS = {
  input: 'input_usd_per_million',
  cachedInput: 'cached_input_usd_per_million',
  cacheWrite: 'cache_write_usd_per_million',
  cacheWrite1h: 'cache_write_1h_usd_per_million',
  inputAudio: 'input_audio_usd_per_million',
  cachedAudio: 'cached_audio_usd_per_million',
  inputImage: 'input_image_usd_per_million',
  cachedImage: 'cached_image_usd_per_million',
  inputVideo: 'input_video_usd_per_million',
  cachedVideo: 'cached_video_usd_per_million',
  output: 'output_usd_per_million',
  reasoning: 'reasoning_usd_per_million',
  outputAudio: 'output_audio_usd_per_million',
  outputImage: 'output_image_usd_per_million',
  outputVideo: 'output_video_usd_per_million',
  citation: 'citation_usd_per_million',
} as const satisfies Record<TokenClass, string>;

type TokenField = (typeof TOKEN_FIELDS)[TokenClass];

/** One optional price for each kind of token. */
function tokenFields(): { [Field in TokenField]: z.ZodOptional<ReturnType<typeof usdPerMillion>> } {
  const fields = TOKEN_CLASSES.map((name) => [TOKEN_FIELDS[name], usdPerMillion().optional()] as const);
  return Object.fromEntries(fields) as { [Field in TokenField]: z.ZodOptional<ReturnType<typeof usdPerMillion>> };
}

const QUANTITIES_MAX = 200;

const longContext = z
  .strictObject({
    above_input_tokens: integer(1, 1_000_000_000).describe('From one token more on, for the whole call.'),
    ...tokenFields(),
  })
  .describe('Prices of calls with a large input, where they are others.');

const terms = z
  .strictObject({ times: rate().optional().describe("A factor on the tokens' prices."), ...tokenFields() })
  .refine(({ times, ...own }) => times !== undefined || Object.values(own).some((price) => price !== undefined), {
    error: 'must have a factor (times) or prices of its own',
  });

/** What a model charges for. */
export const price = z
  .strictObject({
    ...tokenFields(),
    per_request_usd: usdEach().optional().describe('For each request, whatever it uses.'),
    quantities: z
      .record(
        z
          .string()
          .refine(isQuantity, 'must be a quantity such as web-searches, images:1024x1024:high or video-seconds'),
        usdEach(),
      )
      .refine((all) => Object.keys(all).length <= QUANTITIES_MAX, `must be at most ${QUANTITIES_MAX}`)
      .optional()
      .describe('US dollars for one of what is not sold by the token.'),
    long_context: longContext.optional(),
    service_tiers: z
      .record(text('a service tier such as flex').max(64), terms)
      .optional()
      .describe('Other prices on a service tier of the provider, or in a "batch".'),
  })
  .refine(hasWholePrice, {
    error:
      'must have input_usd_per_million and output_usd_per_million, or a price of what is not sold by the token (quantities, per_request_usd)',
  });

function hasWholePrice(value: Readonly<Record<string, unknown>>): boolean {
  const sides = [value[TOKEN_FIELDS.input], value[TOKEN_FIELDS.output]].filter((side) => side !== undefined).length;
  if (sides === 2) return true;
  const others = Object.values(TOKEN_FIELDS).some((field) => value[field] !== undefined);
  return sides === 0 && !others && (value['quantities'] !== undefined || value['per_request_usd'] !== undefined);
}

/** An agreed price, or a factor on whatever holds otherwise. */
export const priceRule = z
  .strictObject({
    organisation: text('an organisation').max(64).optional().describe('Whose calls. Default: all.'),
    models: z
      .array(namePattern('a pattern of provider/model such as openai/*'))
      .min(1)
      .max(100)
      .describe('Patterns of provider/model, with * for any characters.'),
    from: instant().optional().describe('Holds from then on. Default: always.'),
    price: price.optional().describe('Instead of every other price.'),
    times: rate().optional().describe('Instead of a price: a factor on what holds otherwise, such as "0.8".'),
  })
  .refine((rule) => (rule.price === undefined) !== (rule.times === undefined), {
    error: 'must have either a price or a factor (times)',
  });

export type FilePrice = z.output<typeof price>;
export type FilePriceRule = z.output<typeof priceRule>;
