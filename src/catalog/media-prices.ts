import { OPERATIONS } from '../protocol/operation.ts';
import { type Rate, type Terms, TOKEN_CLASSES, type TokenClass } from '../protocol/price-sheet.ts';
import { isQuantity } from '../protocol/usage.ts';
import { exactRate } from './exact-rate.ts';
import type { CatalogModel, PriceRule } from './model.ts';
import { findAmong } from './name-match.ts';
import { isObject } from './shape.ts';

/** One entry of assets/media-prices.json: what some models charge beside what a list of token prices says. */
interface MediaEntry {
  readonly vendor: string;
  readonly models: readonly string[];
  readonly operation: CatalogModel['operation'];
  readonly prices: Pick<PriceRule, 'tokens' | 'quantities' | 'terms'>;
}

const MILLION = 1_000_000n;

/**
 * Models joined with the prices of a media file: quantities, service tiers and
 * batches. What a model's own list says stays; a model that only the file
 * knows is added; `*` stands for all models of a vendor that have a price.
 *
 * @throws Error when the file is not as it should be: it is ours
 */
export function withMediaPrices(models: readonly CatalogModel[], document: unknown): CatalogModel[] {
  const joined = new Map(models.map((model) => [`${model.vendor}/${model.id}`, model]));
  for (const entry of parseMedia(document)) {
    const own = [...joined.values()].filter(({ vendor }) => vendor === entry.vendor);
    const named = entry.models.includes('*')
      ? own.filter(({ prices }) => prices.length > 0)
      : entry.models.map((id) => namedModel(own, id) ?? bareModel(entry, id));
    for (const model of named) joined.set(`${model.vendor}/${model.id}`, withEntry(model, entry));
  }
  return [...joined.values()];
}

/** Names the file's data, as part of a catalogue's version. */
export function mediaVersion(document: unknown): string {
  const version = isObject(document) ? document['version'] : undefined;
  if (typeof version !== 'string') throw new Error('the file of media prices has no version');
  return version;
}

/** By its own name only: a rule for a family of names says nothing of a price of one of them. */
function namedModel(models: readonly CatalogModel[], id: string): CatalogModel | undefined {
  const lower = id.toLowerCase();
  const found = findAmong(models, lower);
  return found !== undefined && (found.id.toLowerCase() === lower || found.match.names.includes(lower))
    ? found
    : undefined;
}

function bareModel({ vendor, operation }: MediaEntry, id: string): CatalogModel {
  const match = { names: [], prefixes: [], suffixes: [], parts: [], dated: [] };
  return { vendor, id, ...(operation === undefined ? {} : { operation }), prices: [], match };
}

function withEntry(model: CatalogModel, { prices, operation }: MediaEntry): CatalogModel {
  const rules: readonly PriceRule[] = model.prices.length === 0 ? [{ tokens: {} }] : model.prices;
  return {
    ...model,
    ...(operation === undefined ? {} : { operation }),
    prices: rules.map((rule) => ({
      ...rule,
      tokens: { ...prices.tokens, ...rule.tokens },
      ...joinedOf('quantities', prices.quantities, rule.quantities),
      ...joinedOf('terms', prices.terms, rule.terms),
    })),
  };
}

function joinedOf<Name extends string, Value extends object>(
  name: Name,
  added: Value | undefined,
  own: Value | undefined,
): { readonly [Key in Name]?: Value } {
  return added === undefined ? {} : ({ [name]: { ...added, ...own } } as { readonly [Key in Name]?: Value });
}

function parseMedia(document: unknown): MediaEntry[] {
  if (!isObject(document) || document['format'] !== 1 || !Array.isArray(document['entries'])) {
    throw new Error('the file of media prices has no entries');
  }
  return document['entries'].map((value: unknown) => {
    if (!isObject(value)) throw new Error('an entry of the media prices is no object');
    const { vendor, models, operation, source, tokens = {}, quantities, terms } = value;
    if (typeof vendor !== 'string' || !Array.isArray(models) || typeof source !== 'string') {
      throw new Error(
        `an entry of the media prices lacks its vendor, its models or its source: ${JSON.stringify(value)}`,
      );
    }
    return {
      vendor,
      models: models.map(String),
      operation: OPERATIONS.find((one) => one === operation),
      prices: {
        tokens: tokenRates(tokens),
        ...(isObject(quantities) ? { quantities: quantityRates(quantities) } : {}),
        ...(isObject(terms) ? { terms: termsOf(terms) } : {}),
      },
    };
  });
}

function tokenRates(value: unknown): Partial<Record<TokenClass, Rate>> {
  const rates: Partial<Record<TokenClass, Rate>> = {};
  if (!isObject(value)) return rates;
  for (const name of TOKEN_CLASSES) if (value[name] !== undefined) rates[name] = priced(value[name], MILLION);
  return rates;
}

function quantityRates(value: Readonly<Record<string, unknown>>): Record<string, Rate> {
  return Object.fromEntries(
    Object.entries(value).map(([name, price]) => {
      if (!isQuantity(name)) throw new Error(`the media prices sell ${name}, which is no quantity`);
      const [dollars, per = '1'] = String(price).split('/');
      return [name, priced(dollars, BigInt(per))];
    }),
  );
}

function termsOf(value: Readonly<Record<string, unknown>>): Record<string, Terms> {
  return Object.fromEntries(
    Object.entries(value).map(([name, terms]) => {
      if (!isObject(terms)) throw new Error(`the media prices have no terms for ${name}`);
      const { times, ordinary } = terms;
      const [numerator, denominator] = String(times ?? '').split('/');
      const tokens = tokenRates(terms);
      return [
        name,
        {
          ...(numerator && denominator
            ? { times: { numerator: BigInt(numerator), denominator: BigInt(denominator) } }
            : {}),
          ...(Object.keys(tokens).length === 0 ? {} : { tokens }),
          ...(Array.isArray(ordinary) ? { ordinary: TOKEN_CLASSES.filter((one) => ordinary.includes(one)) } : {}),
        },
      ];
    }),
  );
}

function priced(dollars: unknown, per: bigint): Rate {
  const rate = exactRate(dollars, per);
  if (rate === undefined) throw new Error(`the media prices have no price in ${JSON.stringify(dollars)}`);
  return rate;
}
