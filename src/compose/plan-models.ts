import type { Catalog } from '../catalog/catalog.ts';
import { isPresetName, presetOf } from '../config/presets.ts';
import type { NanoUsd } from '../kernel/amounts.ts';
import type { Clock } from '../kernel/clock.ts';
import { nearest } from '../kernel/nearest.ts';
import { rounded, times, whole } from '../money/plan/fraction.ts';
import type { BookPrice, CallUse, PriceBook } from '../money/plan/plan.ts';
import { costOf } from '../money/price-sheet.ts';
import type { PriceSheet } from '../protocol/price-sheet.ts';
import type { Usage } from '../protocol/usage.ts';
import { catalogPrices } from './catalog-prices.ts';

const MILLION = whole(1_000_000n);
const NEAR_VENDORS_MAX = 200;

/** The catalogue's prices for a plan's models: `provider/model`, where the provider is a preset or a vendor of the catalogue. */
export function catalogPriceBook(catalog: Catalog, clock: Clock): PriceBook {
  return {
    priceOf(name, use) {
      const { vendors, model } = partsOf(name, catalog);
      const sheet = catalogPrices(() => catalog, vendors, clock)?.(model);
      const amount = costOf(sheet, usageOf(use));
      return sheet && amount !== undefined ? priceOf(sheet, amount) : undefined;
    },
    nearest(name) {
      const { vendors, model } = partsOf(name, catalog);
      const [provider = ''] = name.split('/');
      const known = vendors.flatMap((vendor) => catalog.models(vendor).filter(({ prices }) => prices.length > 0));
      const found = nearest(
        model,
        known.map(({ id }) => id),
      );
      if (found !== undefined && found !== model) return `${provider}/${found}`;
      const near = vendors.length > 0 ? undefined : nearest(provider, catalog.vendors.slice(0, NEAR_VENDORS_MAX));
      return near === undefined ? undefined : `${near}/…`;
    },
  };
}

function partsOf(name: string, catalog: Catalog): { readonly vendors: readonly string[]; readonly model: string } {
  const [provider = '', ...rest] = name.split('/');
  const model = rest.join('/');
  if (isPresetName(provider)) return { vendors: presetOf(provider).vendors, model };
  return { vendors: catalog.vendors.includes(provider) ? [provider] : [], model };
}

function usageOf({ input, cachedInput, output, quantities }: CallUse): Usage {
  return {
    inputTokens: Number(input),
    cachedInputTokens: Number(cachedInput),
    outputTokens: Number(output),
    ...(Object.keys(quantities).length === 0 ? {} : { quantities: countsOf(quantities) }),
  };
}

/** At most six decimals and 10^15 millionths: the number nearest to such a count prints as exactly that count. */
function countsOf(quantities: CallUse['quantities']): Record<string, number> {
  return Object.fromEntries(
    Object.entries(quantities).map(([name, count]) => [name, Number(rounded(times(count, MILLION))) / 1e6]),
  );
}

function priceOf({ tokens: { output } }: PriceSheet, amount: NanoUsd): BookPrice {
  // Dearer tiers of long inputs do not make another model of it.
  return { amount, outputPicoUsd: output && output.per === 1n ? output.picoUsd : undefined };
}
