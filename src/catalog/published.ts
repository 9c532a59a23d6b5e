import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { errorMessage, GatewayError } from '../kernel/errors.ts';
import type { Catalog } from './catalog.ts';
import { parseCatalogText, writeCatalogText } from './catalog-text.ts';
import { parseExactJson } from './exact-json.ts';
import { mediaVersion, withMediaPrices } from './media-prices.ts';
import type { CatalogModel, CatalogSource } from './model.ts';
import { withLimits } from './model-limits.ts';
import { fromGenaiPrices, isGenaiPrices } from './sources/genai-prices.ts';
import { fromLitellmPrices, isLitellmPrices } from './sources/litellm.ts';

const MEDIA_PRICES = new URL('../../assets/media-prices.json', import.meta.url);

/** Fewer priced models than this are a broken download or a sample, and must not take the place of a catalogue. */
const PRICED_MIN = 100;

export interface PublishedText {
  readonly text: string;
  /** Where it came from, as it is told. */
  readonly from: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/**
 * A published list (genai-prices', LiteLLM's, or a catalogue of ours) as the
 * text of a catalogue. What the list does not say of a model's limits is taken
 * from the catalogue at hand.
 *
 * @throws `invalid_request` when it is none of them, or holds too few prices
 */
export function catalogFromPublished({ text, from, at }: PublishedText, atHand: Catalog): string {
  if (text.startsWith('{"format":')) return checked(text, from);
  const document = parsed(text, from);
  const day = new Date(at).toISOString();
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 8);
  const media: unknown = JSON.parse(readFileSync(MEDIA_PRICES, 'utf8'));
  const version = (name: string) => `${name}-${day.slice(0, 10)}-${digest}+media-${mediaVersion(media)}`;
  const write = (source: Omit<CatalogSource, 'url' | 'version'>, models: readonly CatalogModel[]) => {
    const header = {
      version: version(source.name),
      madeAt: day,
      sources: [{ ...source, url: from, version: day.slice(0, 10) }, ...atHand.header.sources.slice(1)],
    };
    const joined = withMediaPrices(withLimits(models, limitsOf(atHand)), media);
    return checked(writeCatalogText(header, unique(joined)), from);
  };
  const list = isVendors(document) ? document.providers : document;
  if (isGenaiPrices(list)) return write({ name: 'genai-prices', licence: 'MIT' }, fromGenaiPrices(list));
  if (isLitellmPrices(document)) return write({ name: 'litellm', licence: 'MIT' }, fromLitellmPrices(document));
  throw unusable(from, 'it is neither the list of genai-prices nor that of LiteLLM nor a catalogue of ours');
}

function isVendors(document: unknown): document is { readonly providers: unknown } {
  return typeof document === 'object' && document !== null && 'providers' in document;
}

/** Reads every line of a catalogue once, so that what is damaged is found before it is kept. */
function checked(text: string, from: string): string {
  let priced = 0;
  try {
    const catalog = parseCatalogText(text);
    for (const vendor of catalog.vendors) {
      for (const model of catalog.read(vendor))
        if (model.prices.some(({ tokens }) => tokens.input !== undefined)) priced++;
    }
  } catch (cause) {
    throw unusable(from, errorMessage(cause));
  }
  if (priced < PRICED_MIN) throw unusable(from, `it has prices of ${priced} models only, fewer than ${PRICED_MIN}`);
  return text;
}

function parsed(text: string, from: string): unknown {
  try {
    return parseExactJson(text);
  } catch (cause) {
    throw unusable(from, 'it is not JSON', cause);
  }
}

function limitsOf(catalog: Catalog): Record<string, Record<string, unknown>> {
  const limits: Record<string, Record<string, unknown>> = {};
  for (const vendor of catalog.vendors) {
    const known = catalog.models(vendor).filter(({ maxOutputTokens, input }) => maxOutputTokens ?? input);
    limits[vendor] = Object.fromEntries(
      known.map(({ id, contextWindow, maxOutputTokens, input, output }) => [
        id,
        { context: contextWindow, output: maxOutputTokens, in: input, out: output },
      ]),
    );
  }
  return limits;
}

/** Of models that two names of a vendor have led to, the first. */
function unique(models: readonly CatalogModel[]): CatalogModel[] {
  const seen = new Set<string>();
  return models.filter(({ vendor, id }) => {
    const key = `${vendor}/${id}`;
    return !seen.has(key) && seen.add(key);
  });
}

function unusable(from: string, why: string, cause?: unknown): GatewayError {
  return new GatewayError('invalid_request', {
    message: `The models of ${from} cannot be used: ${why}. The catalogue in force stays as it is.`,
    cause,
  });
}
