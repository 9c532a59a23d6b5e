import { pico } from '../kernel/amounts.ts';
import { type Rate, type Terms, TOKEN_CLASSES, type TokenClass, type TokenRates } from '../protocol/price-sheet.ts';
import type { PriceRule } from './model.ts';
import { damaged, isCount, isObject } from './shape.ts';

/*
 * A price is whole pico-USD in digits, as text: "150000", or for many units
 * "111000000000/3600"; where it is another one above some size of the input, a
 * list: ["1250000",[200000,"2500000"]].
 */

/** @throws `internal` when the value is no price of ours */
export function parseRule(value: unknown, of: string): PriceRule {
  if (!isObject(value)) throw damaged(`a price of ${of} is no object`);
  const { quantities, request, terms, unknown, also, from, daily } = value;
  return {
    tokens: parseTokens(value, of),
    ...(quantities === undefined ? {} : { quantities: parseRates(quantities, of) }),
    ...(request === undefined ? {} : { perRequest: parseRate(request, of) }),
    ...(terms === undefined ? {} : { terms: parseTerms(terms, of) }),
    ...(Array.isArray(unknown) ? { unknown: TOKEN_CLASSES.filter((name) => unknown.includes(name)) } : {}),
    ...(Array.isArray(also) ? { otherUnits: also.filter((one) => typeof one === 'string') } : {}),
    ...(isCount(from) ? { fromAt: from } : {}),
    ...(Array.isArray(daily) && isCount(daily[0]) && isCount(daily[1])
      ? { daily: { fromS: daily[0], toS: daily[1] } }
      : {}),
  };
}

function parseTokens(value: Record<string, unknown>, of: string): TokenRates {
  const rates: Partial<Record<TokenClass, Rate>> = {};
  for (const name of TOKEN_CLASSES) if (value[name] !== undefined) rates[name] = parseRate(value[name], of);
  return rates;
}

function parseRates(value: unknown, of: string): Record<string, Rate> {
  if (!isObject(value)) throw damaged(`the prices of ${of} by quantity are no object`);
  return Object.fromEntries(Object.entries(value).map(([name, rate]) => [name, parseRate(rate, of)]));
}

function parseTerms(value: unknown, of: string): Record<string, Terms> {
  if (!isObject(value)) throw damaged(`the service tiers of ${of} are no object`);
  return Object.fromEntries(
    Object.entries(value).map(([name, terms]) => {
      if (!isObject(terms)) throw damaged(`the service tier ${name} of ${of} is no object`);
      const { times, ordinary } = terms;
      const tokens = parseTokens(terms, of);
      return [
        name,
        {
          ...(times === undefined ? {} : { times: parseTimes(times, of) }),
          ...(Object.keys(tokens).length === 0 ? {} : { tokens }),
          ...(Array.isArray(ordinary) ? { ordinary: TOKEN_CLASSES.filter((one) => ordinary.includes(one)) } : {}),
        },
      ];
    }),
  );
}

function parseTimes(value: unknown, of: string): NonNullable<Terms['times']> {
  const [, numerator, denominator] = /^(\d{1,9})\/([1-9]\d{0,8})$/.exec(String(value)) ?? [];
  if (numerator === undefined || denominator === undefined) throw damaged(`a factor of ${of} is no fraction`);
  return { numerator: BigInt(numerator), denominator: BigInt(denominator) };
}

function parseRate(value: unknown, of: string): Rate {
  const [base, ...tiers] = Array.isArray(value) ? (value as unknown[]) : [value];
  const [, digits, per = '1'] = /^(\d{1,18})(?:\/([1-9]\d{0,17}))?$/.exec(typeof base === 'string' ? base : '') ?? [];
  if (digits === undefined) throw damaged(`a price of ${of} is not whole pico-USD`);
  return {
    picoUsd: pico(BigInt(digits)),
    per: BigInt(per),
    tiers: tiers.map((tier) => {
      if (!Array.isArray(tier) || !isCount(tier[0])) throw damaged(`a price tier of ${of} is no pair`);
      return { aboveInputTokens: tier[0], picoUsd: pico(amount(tier[1], of)) };
    }),
  };
}

function amount(value: unknown, of: string): bigint {
  if (typeof value !== 'string' || !/^\d{1,18}$/.test(value)) throw damaged(`a price of ${of} is not whole pico-USD`);
  return BigInt(value);
}

/** A rule as {@link parseRule} reads it, without what is absent. */
export function ruleJson({ tokens, quantities, perRequest, terms, ...rest }: PriceRule): Record<string, unknown> {
  const { unknown, otherUnits, fromAt, daily } = rest;
  return {
    ...ratesJson(tokens),
    quantities: quantities && ratesJson(quantities),
    request: perRequest && rateJson(perRequest),
    terms: terms && Object.fromEntries(Object.entries(terms).map(([name, one]) => [name, termsJson(one)])),
    unknown,
    also: otherUnits,
    from: fromAt,
    daily: daily && [daily.fromS, daily.toS],
  };
}

function termsJson({ times, tokens = {}, ordinary }: Terms): Record<string, unknown> {
  return { times: times && `${times.numerator}/${times.denominator}`, ...ratesJson(tokens), ordinary };
}

function ratesJson(rates: Readonly<Record<string, Rate | undefined>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(rates).flatMap(([name, rate]) => (rate === undefined ? [] : [[name, rateJson(rate)]])),
  );
}

function rateJson({ picoUsd, per, tiers }: Rate): unknown {
  const base = per === 1n ? String(picoUsd) : `${picoUsd}/${per}`;
  return tiers.length === 0 ? base : [base, ...tiers.map((tier) => [tier.aboveInputTokens, String(tier.picoUsd)])];
}
