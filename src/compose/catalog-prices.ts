import { type Catalog, inForce } from '../catalog/catalog.ts';
import type { CatalogModel, PriceRule, TokenRate } from '../catalog/model.ts';
import { pico } from '../kernel/amounts.ts';
import type { Clock } from '../kernel/clock.ts';
import type { PriceSheet, Rate } from '../protocol/price-sheet.ts';
import type { SheetsOf } from './providers.ts';

/** Charged for beside text tokens; where none of a call's tokens are of that kind, they cost nothing. */
const MEDIA_TOKENS = /^(?:input|output|cache)_(?:audio|image|video)(?:_(?:read|write).*)?$/;

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
 * more than tokens.
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
  if (rule.input === undefined || rule.alsoPriced?.some((unit) => !MEDIA_TOKENS.test(unit))) return undefined;
  const { input, cachedInput, cacheWrite, output } = rule;
  return {
    version,
    tokens: {
      input: rateOf(input),
      ...(cachedInput === undefined ? {} : { cachedInput: rateOf(cachedInput) }),
      ...(cacheWrite === undefined ? {} : { cacheWrite: rateOf(cacheWrite) }),
      ...(output === undefined ? {} : { output: rateOf(output) }),
      // Embeddings have no output, and lists give no price for it.
      ...(output === undefined && model.operation === 'embed' ? { output: FREE } : {}),
    },
  };
}

const FREE: Rate = { picoUsd: pico(0n), per: 1n, tiers: [] };

function rateOf({ picoUsd, tiers }: TokenRate): Rate {
  return {
    picoUsd: pico(picoUsd),
    per: 1n,
    tiers: tiers.map((tier) => ({ aboveInputTokens: tier.aboveInputTokens, picoUsd: pico(tier.picoUsd) })),
  };
}
