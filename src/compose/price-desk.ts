import type { PriceDesk } from '../admin/admin-parts.ts';
import { catalogOfVersion } from '../catalog/kept.ts';
import { presetOf } from '../config/presets.ts';
import { VirtualClock } from '../kernel/clock.ts';
import { factorsOf, timesSheet } from '../money/prices/factor.ts';
import { sheetOfText } from '../money/prices/sheet-text.ts';
import type { PriceSheet } from '../protocol/price-sheet.ts';
import { catalogPrices } from './catalog-prices.ts';
import type { ModelCatalog } from './model-catalog.ts';
import type { Serving } from './serving.ts';

/** The prices in force, and those that had a name once: declared ones say what they are, catalogues are kept. */
export function priceDesk(serving: () => Serving, catalog: ModelCatalog): PriceDesk {
  const sheetOf: PriceDesk['sheetOf'] = ({ provider, model, organisation }) =>
    serving().pool.get(provider)?.provider.handle.sheetOf(model, organisation);
  return {
    sheetOf,
    sheetNamed(version, target, at) {
      const current = sheetOf(target);
      const { base, factors } = factorsOf(version);
      const named = sheetOfText(base) ?? publishedSheet(base, target, at);
      // A hash names prices that are too long for a name: they are known while they are in force.
      if (named === undefined) return current?.version === version ? current : undefined;
      return factors.reduce(timesSheet, named);
    },
  };

  function publishedSheet(
    version: string,
    { provider, model }: { readonly provider: string; readonly model: string },
    at: number,
  ): PriceSheet | undefined {
    const preset = serving().loaded.config.providers.get(provider)?.preset;
    const kept = preset && (catalog.version === version ? catalog.get() : catalogOfVersion(catalog.dataDir, version));
    if (preset === undefined || kept === undefined) return undefined;
    return catalogPrices(() => kept, presetOf(preset).vendors, new VirtualClock(at))?.(model);
  }
}
