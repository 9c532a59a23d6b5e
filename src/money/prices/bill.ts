import type { PriceSheet, Rate, Terms, TokenClass } from '../../protocol/price-sheet.ts';
import { tokenParts } from '../../protocol/token-parts.ts';
import { specialTier, type Usage } from '../../protocol/usage.ts';
import { type Fraction, MILLIONTHS, millionthsOf, reduced } from './fraction.ts';
import { quantityRate, rateUnder, tierOf } from './rates.ts';

/** One product of a bill: so many units at a price. Its fraction is the exact amount in pico-USD. */
export interface PriceLine extends Fraction {
  /** A class of tokens (`cachedInput`), a quantity (`images:1024x1024:high`), or `request`. */
  readonly what: string;
  readonly unit: 'token' | 'unit' | 'request';
  readonly count: number;
  /** Pico-USD for `per` units; the price of the tier that held. */
  readonly picoUsd: bigint;
  readonly per: bigint;
  /** The factor of a service tier or a batch, where there was one. */
  readonly times?: Terms['times'];
}

export interface Bill {
  readonly lines: readonly PriceLine[];
  /** What was used and has no price, or was not counted and has one; in words. */
  readonly unpriced: readonly string[];
}

/** What each part of a usage costs. */
export function billOf(sheet: PriceSheet, usage: Usage): Bill {
  const lines: PriceLine[] = [];
  const unpriced: string[] = [];
  const tier = usage.batch === true ? 'batch' : specialTier(usage.serviceTier);
  const terms = tier === undefined ? undefined : sheet.terms?.[tier];
  addTokens({ sheet, usage, terms, lines, unpriced });
  for (const [quantity, count] of Object.entries(usage.quantities ?? {})) {
    if (count !== undefined && count !== 0) addQuantity(sheet, quantity, count, lines, unpriced);
  }
  const tokensCost = lines.some(({ unit, numerator }) => unit === 'token' && numerator > 0n);
  // Whatever an unknown tier multiplies by, nothing stays nothing.
  if (tier !== undefined && terms === undefined && tokensCost) unpriced.push(`the service tier ${tier}`);
  if (sheet.perRequest !== undefined) {
    const { picoUsd, per } = sheet.perRequest;
    lines.push({ what: 'request', unit: 'request', count: 1, picoUsd, per, numerator: picoUsd, denominator: per });
  }
  return { lines, unpriced };
}

interface TokenBill {
  readonly sheet: PriceSheet;
  readonly usage: Usage;
  readonly terms: Terms | undefined;
  readonly lines: PriceLine[];
  readonly unpriced: string[];
}

function addTokens({ sheet, usage, terms, lines, unpriced }: TokenBill): void {
  if (usage.inputTokens === undefined && missed(sheet, usage, 'input'))
    unpriced.push('the input: its tokens were not counted');
  if (usage.outputTokens === undefined && missed(sheet, usage, 'output'))
    unpriced.push('the output: its tokens were not counted');
  const parts = tokenParts(usage);
  for (const [part, count] of parts) {
    const priced = rateUnder(sheet, terms, part);
    if (priced === undefined) unpriced.push(`tokens of the kind ${part}`);
    else lines.push(tokenLine(part, count, priced.rate, priced.times, usage.inputTokens ?? 0));
  }
}

/** Whether tokens that were not counted may have cost something. */
function missed(sheet: PriceSheet, usage: Usage, side: 'input' | 'output'): boolean {
  const rate = sheet.tokens[side];
  if (rate === undefined) {
    const other = side === 'input' ? usage.outputTokens : usage.inputTokens;
    return side === 'input' && other === undefined && usage.quantities === undefined && sheet.perRequest === undefined;
  }
  return rate.picoUsd > 0n || rate.tiers.some(({ picoUsd }) => picoUsd > 0n);
}

function tokenLine(what: TokenClass, count: number, rate: Rate, times: Terms['times'], inputTokens: number): PriceLine {
  const picoUsd = tierOf(rate, inputTokens);
  const amount = BigInt(count) * picoUsd;
  const { per } = rate;
  if (times === undefined) return { what, unit: 'token', count, picoUsd, per, numerator: amount, denominator: per };
  const exact = reduced(amount * times.numerator, per * times.denominator);
  return { what, unit: 'token', count, picoUsd, per, times, ...exact };
}

function addQuantity(sheet: PriceSheet, quantity: string, count: number, lines: PriceLine[], unpriced: string[]): void {
  const millionths = millionthsOf(count);
  const rate = quantityRate(sheet, quantity);
  if (rate === undefined) unpriced.push(quantity);
  else if (millionths === undefined) unpriced.push(`${quantity}: ${count} is no count`);
  else {
    const { picoUsd, per } = rate;
    lines.push({
      what: quantity,
      unit: 'unit',
      count,
      picoUsd,
      per,
      ...reduced(millionths * picoUsd, per * MILLIONTHS),
    });
  }
}
