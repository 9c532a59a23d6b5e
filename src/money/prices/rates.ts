import type { PriceSheet, Rate, Terms, TokenClass, TokenRates } from '../../protocol/price-sheet.ts';

/** Whose price a class takes that has none of its own; tried from left to right. */
const RELATIVES: Readonly<Record<TokenClass, readonly TokenClass[]>> = {
  input: [],
  cachedInput: ['input'],
  cacheWrite: ['input'],
  cacheWrite1h: ['cacheWrite', 'input'],
  inputAudio: ['input'],
  // A discount for cached text says nothing of sound that has a price of its own.
  cachedAudio: ['inputAudio', 'cachedInput', 'input'],
  inputImage: ['input'],
  cachedImage: ['inputImage', 'cachedInput', 'input'],
  inputVideo: ['input'],
  cachedVideo: ['inputVideo', 'cachedInput', 'input'],
  output: [],
  reasoning: ['output'],
  outputAudio: ['output'],
  outputImage: ['output'],
  outputVideo: ['output'],
  citation: ['output'],
};

/** The price of a class of tokens, its own or its nearest relative's. */
export function rateOf(rates: TokenRates, name: TokenClass): Rate | undefined {
  const own = rates[name];
  if (own !== undefined) return own;
  for (const relative of RELATIVES[name]) {
    const rate = rates[relative];
    if (rate !== undefined) return rate;
  }
  return undefined;
}

/** What one class costs under some terms: their own price for it, or the ordinary one times their factor. */
export function rateUnder(
  sheet: PriceSheet,
  terms: Terms | undefined,
  name: TokenClass,
): { readonly rate: Rate; readonly times: Terms['times'] } | undefined {
  if (sheet.unknown?.includes(name) === true) return undefined;
  const own = terms?.tokens && rateOf(terms.tokens, name);
  if (own !== undefined) return { rate: own, times: undefined };
  const rate = rateOf(sheet.tokens, name);
  return rate && { rate, times: terms?.ordinary?.includes(name) === true ? undefined : terms?.times };
}

/** Pico-USD for `rate.per` units, in a call with this much input. */
export function tierOf(rate: Rate, inputTokens: number): bigint {
  if (rate.tiers.length === 0) return rate.picoUsd;
  return rate.tiers.findLast((tier) => inputTokens > tier.aboveInputTokens)?.picoUsd ?? rate.picoUsd;
}

/** The price of a quantity, or of what it is a kind of: `images:512x512:low`, `images:512x512`, `images`. */
export function quantityRate(sheet: PriceSheet, quantity: string): Rate | undefined {
  const { quantities } = sheet;
  if (quantities === undefined) return undefined;
  for (let name = quantity; ; name = name.slice(0, name.lastIndexOf(':'))) {
    if (Object.hasOwn(quantities, name)) return quantities[name];
    if (!name.includes(':')) return undefined;
  }
}
