import { pico } from '../kernel/amounts.ts';
import { type Prices, type Rate, type Terms, TOKEN_CLASSES, type TokenClass } from '../protocol/price-sheet.ts';
import type { ModelPrice, PriceRuleConfig } from './config.ts';
import { type FilePrice, type FilePriceRule, TOKEN_FIELDS } from './price-schema.ts';
import { usdPerMillionText } from './units.ts';

const MILLION = 1_000_000n;

/** A price as the file declares it: what lists of models show of it, and all that it says. */
export function resolvedPrice(file: FilePrice): ModelPrice {
  const { [TOKEN_FIELDS.input]: input, [TOKEN_FIELDS.output]: output, [TOKEN_FIELDS.cachedInput]: cached } = file;
  return {
    ...(input === undefined ? {} : { inputPicoUsd: input }),
    ...(output === undefined ? {} : { outputPicoUsd: output }),
    ...(cached === undefined ? {} : { cachedInputPicoUsd: cached }),
    ...(isPlain(file) ? {} : { more: { prices: pricesOf(file), written: writtenOf(file) } }),
  };
}

export function resolvedPriceRules(rules: readonly FilePriceRule[]): PriceRuleConfig[] {
  return rules.map(({ organisation, models, from, price, times }) => ({
    models,
    ...(organisation === undefined ? {} : { organisation }),
    ...(from === undefined ? {} : { fromAt: from }),
    ...(price === undefined ? {} : { price: resolvedPrice(price) }),
    ...(times === undefined ? {} : { times: { numerator: times, denominator: MILLION } }),
  }));
}

const PLAIN: ReadonlySet<string> = new Set([TOKEN_FIELDS.input, TOKEN_FIELDS.output, TOKEN_FIELDS.cachedInput]);

function isPlain(file: FilePrice): boolean {
  return Object.entries(file).every(([field, value]) => value === undefined || PLAIN.has(field));
}

type TokenPrices = Readonly<Partial<Record<(typeof TOKEN_FIELDS)[TokenClass], bigint | undefined>>>;

function pricesOf(file: FilePrice): Prices {
  const { per_request_usd: perRequest, quantities, long_context: long, service_tiers: tiers } = file;
  return {
    tokens: ratesOf(file, long),
    ...(perRequest === undefined ? {} : { perRequest: flat(perRequest) }),
    ...(quantities === undefined
      ? {}
      : { quantities: Object.fromEntries(Object.entries(quantities).map(([name, each]) => [name, flat(each)])) }),
    ...(tiers === undefined
      ? {}
      : { terms: Object.fromEntries(Object.entries(tiers).map(([name, one]) => [name, termsOf(one)])) }),
  };
}

function ratesOf(
  file: TokenPrices,
  long: (TokenPrices & { readonly above_input_tokens: number }) | undefined,
): Partial<Record<TokenClass, Rate>> {
  const rates: Partial<Record<TokenClass, Rate>> = {};
  for (const name of TOKEN_CLASSES) {
    const price = file[TOKEN_FIELDS[name]];
    if (price === undefined) continue;
    const dear = long?.[TOKEN_FIELDS[name]];
    const tiers =
      long === undefined || dear === undefined
        ? []
        : [{ aboveInputTokens: long.above_input_tokens, picoUsd: pico(dear) }];
    rates[name] = { picoUsd: pico(price), per: 1n, tiers };
  }
  return rates;
}

function termsOf(file: TokenPrices & { readonly times?: bigint | undefined }): Terms {
  const tokens = ratesOf(file, undefined);
  return {
    ...(file.times === undefined ? {} : { times: { numerator: file.times, denominator: MILLION } }),
    ...(Object.keys(tokens).length === 0 ? {} : { tokens }),
  };
}

function flat(picoUsd: bigint): Rate {
  return { picoUsd: pico(picoUsd), per: 1n, tiers: [] };
}

type Written = { readonly [key: string]: string | number | Written };

/** What is beyond the plain prices, in the file's own words. */
function writtenOf(file: object): Written {
  const entries = Object.entries(file).filter(([field, value]) => value !== undefined && !PLAIN.has(field));
  return Object.fromEntries(entries.map(([field, value]) => [field, writtenValue(field, value)]));
}

function writtenValue(field: string, value: unknown): string | number | Written {
  if (typeof value === 'number') return value;
  // Millionths of a factor and pico-USD a token read the same: six decimals.
  if (typeof value === 'bigint' && (field === 'times' || field.endsWith('_per_million')))
    return usdPerMillionText(value);
  if (typeof value === 'bigint') return eachText(value);
  const entries = Object.entries(value ?? {}).filter(([, member]) => member !== undefined);
  return Object.fromEntries(entries.map(([name, member]) => [name, writtenValue(name, member)]));
}

/** Pico-USD as US dollars, exactly. */
function eachText(picoUsd: bigint): string {
  const digits = picoUsd.toString().padStart(13, '0');
  return `${digits.slice(0, -12)}.${digits.slice(-12)}`.replace(/\.?0+$/, '');
}
