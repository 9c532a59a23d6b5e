import type { ListedModel } from '../edge/http/listed-models.ts';
import { type NanoUsd, nanoRoundedUp, pico } from '../kernel/amounts.ts';
import { type Allowance, modelRefusal } from '../protocol/allowance.ts';

/** A call that has an answer is never bounded to fewer tokens: see `exchange/payment.ts`. */
const OUTPUT_TOKENS_MIN = 16n;

/**
 * What the cheapest call of all costs that these rules let through: one token
 * in, and as few out as a call can be bounded to. `undefined` where no price is
 * known.
 */
export function cheapestCall(
  models: Iterable<ListedModel>,
  allowances: readonly Allowance[] = [],
): NanoUsd | undefined {
  let cheapest: NanoUsd | undefined;
  for (const { id, provider, price } of models) {
    if (price?.inputPicoUsd === undefined || provider === undefined) continue;
    if (modelRefusal(allowances, provider, id.slice(provider.length + 1)) !== undefined) continue;
    const cost = nanoRoundedUp(pico(price.inputPicoUsd + (price.outputPicoUsd ?? 0n) * OUTPUT_TOKENS_MIN));
    if (cheapest === undefined || cost < cheapest) cheapest = cost;
  }
  return cheapest;
}
