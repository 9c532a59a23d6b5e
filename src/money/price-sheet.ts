import { type NanoUsd, nano, type PicoUsd, pico } from '../kernel/amounts.ts';
import type { PriceSheet, Rate, Terms, TokenClass } from '../protocol/price-sheet.ts';
import { type Quantities, specialTier, type Usage } from '../protocol/usage.ts';
import { billOf, type PriceLine } from './prices/bill.ts';
import { dividedRoundedUp, MILLIONTHS, millionthsOf, sumOf } from './prices/fraction.ts';
import { quantityRate, rateUnder } from './prices/rates.ts';

export type { PriceSheet, Rate, Terms, TokenClass, TokenRates } from '../protocol/price-sheet.ts';
export type { PriceLine } from './prices/bill.ts';

/**
 * What so much use costs, rounded up once.
 *
 * @returns `undefined` when a price or a count that it depends on is unknown:
 *   an unpriced call is not a free one
 */
export function costOf(sheet: PriceSheet | undefined, usage: Usage | undefined): NanoUsd | undefined {
  if (sheet === undefined || usage === undefined) return undefined;
  const { lines, unpriced } = billOf(sheet, usage);
  return unpriced.length > 0 ? undefined : totalOf(lines);
}

/** The arithmetic of {@link costOf}, line by line, or what it lacks. */
export function explainCost(sheet: PriceSheet | undefined, usage: Usage | undefined): CostExplanation {
  if (sheet === undefined) return { unpriced: ['the model: no price is known'] };
  if (usage === undefined) return { unpriced: ['the usage: the provider gave none'] };
  const { lines, unpriced } = billOf(sheet, usage);
  return unpriced.length > 0 ? { unpriced } : { lines, total: totalOf(lines) };
}

export type CostExplanation =
  | { readonly lines: readonly PriceLine[]; readonly total: NanoUsd }
  | { readonly unpriced: readonly string[] };

const PICO_PER_NANO = 1_000n;

function totalOf(lines: readonly PriceLine[]): NanoUsd {
  const { numerator, denominator } = sumOf(lines);
  return nano(dividedRoundedUp(numerator, denominator * PICO_PER_NANO));
}

/** What is known of a call before it is made, as far as its price depends on it. */
export interface PricedCall {
  /** No more than this much input will be counted; 0 for an operation that is not sold by tokens. */
  readonly inputTokensMax: number;
  /** False for an operation that puts out no tokens, as embeddings. Absent: true. */
  readonly output?: boolean;
  /** False where nothing but text goes in and comes out. Absent: true. */
  readonly media?: boolean;
  /** As the client asked for it. */
  readonly serviceTier?: string;
  readonly batch?: boolean;
  /** The most it can use of what is not sold by tokens. What it may use without a bound belongs here with `Infinity`. */
  readonly quantitiesMax?: Quantities;
}

/** The most that a call can cost, linear in its output: `input + output tokens × perOutputToken`. */
export interface WorstRates {
  /** Pico-USD for all of the input at its dearest, with every fee that does not depend on the output. */
  readonly input: PicoUsd;
  readonly perOutputToken: PicoUsd;
}

const TEXT_IN: readonly TokenClass[] = ['input', 'cachedInput', 'cacheWrite', 'cacheWrite1h'];
const MEDIA_IN: readonly TokenClass[] = [
  ...TEXT_IN,
  'inputAudio',
  'cachedAudio',
  'inputImage',
  'cachedImage',
  'inputVideo',
  'cachedVideo',
];
const TEXT_OUT: readonly TokenClass[] = ['output', 'reasoning', 'citation'];
const MEDIA_OUT: readonly TokenClass[] = [...TEXT_OUT, 'outputAudio', 'outputImage', 'outputVideo'];

/**
 * Upper bounds that hold however the provider splits the tokens of the call,
 * whichever part of them it caches, and whether it grants the tier that was
 * asked for or falls back to the ordinary one.
 *
 * @returns `undefined` when something that the call may use has no price or no bound
 */
export function worstRates(sheet: PriceSheet, call: PricedCall): WorstRates | undefined {
  const terms = possibleTerms(sheet, call);
  if (terms === undefined) return undefined;
  const { inputTokensMax, output = true, media = true } = call;
  const dearest = (classes: readonly TokenClass[]) => dearestOf({ sheet, terms, classes, inputTokensMax });
  const perInputToken = inputTokensMax === 0 ? 0n : dearest(media ? MEDIA_IN : TEXT_IN);
  const perOutputToken = output ? dearest(media ? MEDIA_OUT : TEXT_OUT) : 0n;
  const fees = feesOf(sheet, call);
  if (perInputToken === undefined || perOutputToken === undefined || fees === undefined) return undefined;
  return { input: pico(BigInt(inputTokensMax) * perInputToken + fees), perOutputToken: pico(perOutputToken) };
}

/** The terms a call may be billed on, the ordinary ones first; `undefined` when it asks for terms without a price. */
function possibleTerms(sheet: PriceSheet, call: PricedCall): (Terms | undefined)[] | undefined {
  const tier = call.batch === true ? 'batch' : specialTier(call.serviceTier);
  if (tier === undefined) {
    // "auto" lets the provider choose what the account is entitled to.
    const priority = call.serviceTier === 'auto' ? sheet.terms?.['priority'] : undefined;
    return priority === undefined ? [undefined] : [undefined, priority];
  }
  const terms = sheet.terms?.[tier];
  return terms === undefined ? undefined : [undefined, terms];
}

interface Dearest {
  readonly sheet: PriceSheet;
  readonly terms: readonly (Terms | undefined)[];
  readonly classes: readonly TokenClass[];
  readonly inputTokensMax: number;
}

function dearestOf({ sheet, terms, classes, inputTokensMax }: Dearest): bigint | undefined {
  let dearest = 0n;
  for (const under of terms) {
    for (const name of classes) {
      const priced = rateUnder(sheet, under, name);
      if (priced === undefined) return undefined;
      const { numerator, denominator } = priced.times ?? { numerator: 1n, denominator: 1n };
      const perToken = dividedRoundedUp(
        dearestTier(priced.rate, inputTokensMax) * numerator,
        priced.rate.per * denominator,
      );
      if (perToken > dearest) dearest = perToken;
    }
  }
  return dearest;
}

/** The input may turn out smaller than its bound: every tier up to it counts. */
function dearestTier(rate: Rate, inputTokensMax: number): bigint {
  let dearest: bigint = rate.picoUsd;
  for (const { aboveInputTokens, picoUsd } of rate.tiers) {
    if (inputTokensMax > aboveInputTokens && picoUsd > dearest) dearest = picoUsd;
  }
  return dearest;
}

function feesOf(sheet: PriceSheet, call: PricedCall): bigint | undefined {
  let fees = sheet.perRequest === undefined ? 0n : dividedRoundedUp(sheet.perRequest.picoUsd, sheet.perRequest.per);
  for (const [quantity, countMax] of Object.entries(call.quantitiesMax ?? {})) {
    const rate = quantityRate(sheet, quantity);
    if (rate === undefined) return undefined;
    if (rate.picoUsd === 0n) continue;
    const millionths = millionthsOf(countMax);
    if (millionths === undefined) return undefined;
    fees += dividedRoundedUp(millionths * rate.picoUsd, rate.per * MILLIONTHS);
  }
  return fees;
}
