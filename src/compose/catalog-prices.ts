import { type Catalog, quote } from '../catalog/catalog.ts';
import { pico } from '../kernel/amounts.ts';
import type { Clock } from '../kernel/clock.ts';
import type { PricesOf } from './providers.ts';

/** Charged for beside text tokens; where none of a call's tokens are of that kind, they cost nothing. */
const MEDIA_TOKENS = /^(?:input|output|cache)_(?:audio|image|video)(?:_(?:read|write).*)?$/;

/**
 * The catalogue's prices as those of a provider whose models these vendors
 * sell. Unknown for a model that is not there, for one that charges for more
 * than tokens, and for a call whose tokens are not all text: their price is a
 * guess, and a guess is not a price.
 */
export function catalogPrices(catalog: () => Catalog, vendors: readonly string[], clock: Clock): PricesOf | undefined {
  if (vendors.length === 0) return undefined;
  return (model, usage) => {
    if (usage?.inputTokens === undefined || usage.mediaTokens !== undefined) return undefined;
    const found = catalog().find(vendors, model);
    const price = found && quote(found, { at: clock.now(), inputTokens: usage.inputTokens });
    if (price?.inputPicoUsd === undefined || !price.alsoPriced.every((unit) => MEDIA_TOKENS.test(unit)))
      return undefined;
    // Embeddings have no output, and lists give no price for it.
    if (price.outputPicoUsd === undefined && (usage.outputTokens ?? 0) > 0) return undefined;
    return {
      inputPicoUsd: pico(price.inputPicoUsd),
      outputPicoUsd: pico(price.outputPicoUsd ?? 0n),
      ...(price.cacheWritePicoUsd === undefined ? {} : { cacheWritePicoUsd: pico(price.cacheWritePicoUsd) }),
      ...(price.cachedInputPicoUsd === undefined ? {} : { cachedInputPicoUsd: pico(price.cachedInputPicoUsd) }),
    };
  };
}
