import type { PriceQuote } from '../../catalog/catalog.ts';
import type { CatalogModel } from '../../catalog/model.ts';
import { usdPerMillionText } from '../../config/units.ts';
import { GatewayError } from '../../kernel/errors.ts';
import { nearest } from '../../kernel/nearest.ts';

/** A name that a client can send as `model`, and what is known of what stands behind it. */
export interface ListedModel {
  readonly id: string;
  readonly ownedBy: string;
  /** Who says that it is there: the file, a list the provider gave, the public catalogue, or the simulator. */
  readonly origin: 'alias' | 'route' | 'configured' | 'found' | 'catalog' | 'simulated';
  readonly provider?: string;
  readonly facts?: Omit<CatalogModel, 'vendor' | 'id' | 'prices' | 'match'>;
  readonly price?: Omit<PriceQuote, 'alsoPriced'> & { readonly alsoPriced?: readonly string[] };
  /** The configuration, or the version of the catalogue. */
  readonly priceSource?: string;
}

const FILTERS = ['provider', 'search', 'modality', 'operation'] as const;
const FILTER_CHARS_MAX = 200;

/**
 * The models that a query asks for, `?provider=&search=&modality=&operation=`;
 * an empty filter filters nothing, other parameters mean nothing here.
 *
 * @throws `invalid_request` when a filter is given twice or too long
 */
export function filteredModels(models: readonly ListedModel[], query: string): readonly ListedModel[] {
  const asked = new URLSearchParams(query);
  const [provider, search, modality, operation] = FILTERS.map((name) => onlyValue(asked, name));
  return models.filter(
    (model) =>
      (provider === undefined || model.provider === provider) &&
      (search === undefined || textOf(model).includes(search.toLowerCase())) &&
      (operation === undefined || model.facts?.operation === operation) &&
      (modality === undefined || hasModality(model, modality)),
  );
}

function onlyValue(asked: URLSearchParams, name: string): string | undefined {
  const [value, ...others] = asked.getAll(name);
  if (others.length > 0 || (value !== undefined && value.length > FILTER_CHARS_MAX)) {
    throw new GatewayError('invalid_request', {
      message: `The filter '${name}' may stand once in the query, with at most ${FILTER_CHARS_MAX} characters.`,
      param: name,
    });
  }
  return value === '' ? undefined : value;
}

function textOf({ id, facts }: ListedModel): string {
  return `${id} ${facts?.name ?? ''}`.toLowerCase();
}

function hasModality({ facts }: ListedModel, modality: string): boolean {
  return [...(facts?.input ?? []), ...(facts?.output ?? [])].some((one) => one === modality);
}

/**
 * The model of that id. `param` is the path's end as it came: its slashes may be percent-encoded.
 *
 * @throws `not_found` with the nearest id
 */
export function modelNamed(models: readonly ListedModel[], param: string): ListedModel {
  const id = decoded(param);
  const found = models.find((model) => model.id === id);
  if (found !== undefined) return found;
  const close = nearest(
    id,
    models.map((model) => model.id),
  );
  const hint = close === undefined ? '' : ` Did you mean '${close}'?`;
  throw new GatewayError('not_found', {
    message: `The model '${id.slice(0, 120)}' is not listed here.${hint} GET /v1/models lists what there is.`,
    param: 'model',
  });
}

function decoded(param: string): string {
  try {
    return decodeURIComponent(param);
  } catch {
    // A broken escape is no name of a model, and is looked up as it stands.
    return param;
  }
}

/** OpenAI's model object with more beside it. Prices are decimal strings in US dollars per million tokens; unknown is null. */
export function modelObject(model: ListedModel, createdAt: number): Record<string, unknown> {
  const { id, ownedBy, origin, provider, facts } = model;
  return {
    id,
    object: 'model',
    created: createdAt,
    owned_by: ownedBy,
    origin,
    provider: provider ?? null,
    name: facts?.name ?? null,
    operation: facts?.operation ?? null,
    context_window: facts?.contextWindow ?? null,
    max_output_tokens: facts?.maxOutputTokens ?? null,
    modalities: { input: facts?.input ?? null, output: facts?.output ?? null },
    prices: pricesObject(model),
    deprecated: facts?.deprecated === true || facts?.deprecatedAt !== undefined,
    deprecated_at: facts?.deprecatedAt ?? null,
  };
}

function pricesObject({ price, priceSource }: ListedModel): Record<string, unknown> | null {
  if (price === undefined) return null;
  const text = (pico: bigint | undefined) => (pico === undefined ? null : usdPerMillionText(pico));
  return {
    currency: 'USD',
    per_tokens: 1_000_000,
    input: text(price.inputPicoUsd),
    cached_input: text(price.cachedInputPicoUsd),
    output: text(price.outputPicoUsd),
    also: price.alsoPriced ?? [],
    source: priceSource ?? null,
  };
}
