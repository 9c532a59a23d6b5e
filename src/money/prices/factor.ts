import { pico } from '../../kernel/amounts.ts';
import type { PriceSheet, Rate, Terms } from '../../protocol/price-sheet.ts';

/** A sheet of which everything costs so many times as much, exactly. */
export function timesSheet(sheet: PriceSheet, times: NonNullable<Terms['times']>): PriceSheet {
  const { quantities, perRequest, terms } = sheet;
  const scaled = (rate: Rate): Rate => ({
    picoUsd: pico(rate.picoUsd * times.numerator),
    per: rate.per * times.denominator,
    tiers: rate.tiers.map((tier) => ({ ...tier, picoUsd: pico(tier.picoUsd * times.numerator) })),
  });
  const all = <Rates extends Readonly<Record<string, Rate | undefined>>>(rates: Rates): Rates =>
    Object.fromEntries(Object.entries(rates).map(([name, rate]) => [name, rate && scaled(rate)])) as Rates;
  return {
    ...sheet,
    version: `${sheet.version}${TIMES}${times.numerator}/${times.denominator}`,
    tokens: all(sheet.tokens),
    ...(quantities === undefined ? {} : { quantities: all(quantities) }),
    ...(perRequest === undefined ? {} : { perRequest: scaled(perRequest) }),
    ...(terms === undefined ? {} : { terms: scaledTerms(terms, all) }),
  };
}

const TIMES = ' times=';

/** A version taken apart into that of the sheet it was made from, and the factors, the first one first. */
export function factorsOf(version: string): { readonly base: string; readonly factors: NonNullable<Terms['times']>[] } {
  const [base = '', ...rest] = version.split(TIMES);
  const factors = rest.flatMap((text) => {
    const [, numerator, denominator] = /^(\d{1,12})\/([1-9]\d{0,11})$/.exec(text) ?? [];
    if (numerator === undefined || denominator === undefined) return [];
    return [{ numerator: BigInt(numerator), denominator: BigInt(denominator) }];
  });
  return factors.length === rest.length ? { base, factors } : { base: version, factors: [] };
}

function scaledTerms(
  terms: NonNullable<PriceSheet['terms']>,
  all: (rates: NonNullable<Terms['tokens']>) => NonNullable<Terms['tokens']>,
): NonNullable<PriceSheet['terms']> {
  return Object.fromEntries(
    Object.entries(terms).map(([name, one]) => [
      name,
      one.tokens === undefined ? one : { ...one, tokens: all(one.tokens) },
    ]),
  );
}
