import { type Catalog, inForce } from '../catalog/catalog.ts';
import type { CatalogModel, PriceRule } from '../catalog/model.ts';
import { pico } from '../kernel/amounts.ts';
import type { Clock } from '../kernel/clock.ts';
import type { PriceSheet, Rate } from '../protocol/price-sheet.ts';
import type { SheetsOf } from './price-book.ts';

/** Names of models come from clients: what is remembered of them is forgotten when there are too many. */
const REMEMBERED_MAX = 2_000;

interface Remembered {
  readonly sheet: PriceSheet | undefined;
  /** Milliseconds since the epoch; from then on another price may be in force. */
  readonly untilAt: number;
}

/**
 * The catalogue's prices as those of a provider whose models these vendors
 * sell. Unknown for a model that is not there, and for one that charges for
 * something we have no word for.
 */
export function catalogPrices(catalog: () => Catalog, vendors: readonly string[], clock: Clock): SheetsOf | undefined {
  if (vendors.length === 0) return undefined;
  let of: Catalog | undefined;
  const remembered = new Map<string, Remembered>();
  return (model) => {
    const current = catalog();
    if (of !== current || remembered.size >= REMEMBERED_MAX) remembered.clear();
    of = current;
    const at = clock.now();
    const known = remembered.get(model);
    if (known !== undefined && at < known.untilAt) return known.sheet;
    const found = current.find(vendors, model);
    const { rule, untilAt } =
      found === undefined ? { rule: undefined, untilAt: Number.POSITIVE_INFINITY } : inForce(found, at);
    const sheet = found && rule && sheetOf(found, rule, current.header.version);
    remembered.set(model, { sheet, untilAt });
    return sheet;
  };
}

function sheetOf(model: CatalogModel, rule: PriceRule, version: string): PriceSheet | undefined {
  const { otherUnits, fromAt: _, daily: __, ...prices } = rule;
  if (otherUnits !== undefined) return undefined;
  // Embeddings have no output, and lists give no price for it.
  if (model.operation !== 'embed' || prices.tokens.output !== undefined) return { ...prices, version };
  return { ...prices, version, tokens: { ...prices.tokens, output: FREE } };
}

const FREE: Rate = { picoUsd: pico(0n), per: 1n, tiers: [] };
