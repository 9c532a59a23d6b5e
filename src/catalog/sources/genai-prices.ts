import { scaledDecimal } from '../../kernel/decimal.ts';
import { daySecond } from '../day-time.ts';
import { countOf } from '../exact-json.ts';
import type { CatalogModel, NameRules, PriceRule, TokenRate } from '../model.ts';
import { operationOfName } from '../operation-names.ts';

/** Where the newest data is published (read 2026-11-21 in the package's own constants). */
export const GENAI_PRICES_URL =
  'https://raw.githubusercontent.com/pydantic/genai-prices/main/prices/new_data/v2/data.json';

/** Dollars per million tokens in pico-USD per token. */
const PICO_SCALE = 6;

type Json = Readonly<Record<string, unknown>>;

/** Whether a parsed document has the shape of genai-prices' published list: vendors, each with its models. */
export function isGenaiPrices(document: unknown): document is readonly Json[] {
  return Array.isArray(document) && document.length > 0 && document.every((one) => isObject(one) && isText(one['id']));
}

/**
 * The models of genai-prices' list, read by `parseExactJson`. A price that is
 * not a whole number of pico-USD is left out: it is unknown rather than rounded.
 */
export function fromGenaiPrices(vendors: readonly Json[]): CatalogModel[] {
  return vendors.flatMap(({ id: vendor, models }) =>
    (Array.isArray(models) ? models : []).filter(isObject).flatMap((model) => {
      const { id, name, context_window: context, deprecated, match, prices } = model;
      if (!isText(id) || !isText(vendor)) return [];
      const contextWindow = countOf(context);
      return {
        vendor,
        id,
        ...(isText(name) && name !== id ? { name } : {}),
        operation: operationOfName(id),
        ...(contextWindow === undefined ? {} : { contextWindow }),
        ...(deprecated === true ? { deprecated } : {}),
        prices: rulesOf(prices),
        match: matchOf(match, id),
      };
    }),
  );
}

function rulesOf(prices: unknown): PriceRule[] {
  const conditional = Array.isArray(prices) ? prices.filter(isObject) : [{ prices }];
  return conditional.flatMap(({ prices: list, constraint }) => {
    const rates = isObject(list) ? ratesOf(list) : undefined;
    const when = whenOf(constraint);
    return rates === undefined || when === undefined ? [] : [{ ...rates, ...when }];
  });
}

const TOKEN_KEYS = {
  input_mtok: 'input',
  cache_read_mtok: 'cachedInput',
  cache_write_mtok: 'cacheWrite',
  output_mtok: 'output',
} as const;

/** Fees of tools that a call asks for by name, and longer keeping of a cache that it has to ask for too: no part of an ordinary call's price. */
const ASKED_FOR = /_searches_kcount$|^cache_write_/;

function ratesOf(list: Json): PriceRule | undefined {
  const rule: { -readonly [Key in keyof PriceRule]: PriceRule[Key] } = {};
  const also: string[] = [];
  for (const [key, value] of Object.entries(list)) {
    if (Object.hasOwn(TOKEN_KEYS, key)) {
      const rate = rateOf(value);
      if (rate !== undefined) rule[TOKEN_KEYS[key as keyof typeof TOKEN_KEYS]] = rate;
    } else if (!ASKED_FOR.test(key)) also.push(key.replace(/_(?:mtok|kcount)$/, ''));
  }
  if (also.length > 0) rule.alsoPriced = also;
  return Object.keys(rule).length === 0 ? undefined : rule;
}

function rateOf(value: unknown): TokenRate | undefined {
  const tiered = isObject(value) && Array.isArray(value['tiers']) ? value['tiers'].filter(isObject) : [];
  const base = picoOf(isObject(value) ? value['base'] : value);
  const tiers = tiered.map(({ start, price }) => ({ aboveInputTokens: countOf(start), picoUsd: picoOf(price) }));
  if (base === undefined || !tiers.every(isTier)) return undefined;
  return { picoUsd: base, tiers: tiers.toSorted((one, other) => one.aboveInputTokens - other.aboveInputTokens) };
}

function isTier(tier: {
  aboveInputTokens: number | undefined;
  picoUsd: bigint | undefined;
}): tier is TokenRate['tiers'][number] {
  return tier.aboveInputTokens !== undefined && tier.picoUsd !== undefined;
}

function picoOf(value: unknown): bigint | undefined {
  return isText(value) ? scaledDecimal(value, PICO_SCALE) : undefined;
}

/** @returns `undefined` for a condition that is not understood: its price must not be taken for an ordinary one */
function whenOf(constraint: unknown): Pick<PriceRule, 'fromAt' | 'daily'> | undefined {
  if (constraint === undefined || constraint === null) return {};
  if (!isObject(constraint)) return undefined;
  const { start_date: date, start_time: start, end_time: end } = constraint;
  if (isText(date)) {
    const fromAt = Date.parse(`${date}T00:00:00Z`);
    return Number.isNaN(fromAt) ? undefined : { fromAt };
  }
  const fromS = daySecond(start);
  const toS = daySecond(end);
  return fromS === undefined || toS === undefined ? undefined : { daily: { fromS, toS } };
}

/** `^gpt-6-\d{8}$`: a name and nothing but a date. */
const DATED = /^\^([\w.\\/-]+?)(?:\\d\{8\}|\\d\{4\}-\\d\{2\}-\\d\{2\})\$$/;

/** The clauses that can be kept as lists; others are dropped, because no expression of somebody else's is ever run. */
function matchOf(match: unknown, id: string): NameRules {
  const rules = {
    names: [] as string[],
    prefixes: [] as string[],
    suffixes: [] as string[],
    parts: [] as string[],
    dated: [] as string[],
  };
  const walk = (clause: unknown): void => {
    if (!isObject(clause)) return;
    if (Array.isArray(clause['or'])) for (const one of clause['or']) walk(one);
    const { equals, starts_with: prefix, ends_with: suffix, contains, regex } = clause;
    if (isText(equals) && equals.toLowerCase() !== id.toLowerCase()) rules.names.push(equals.toLowerCase());
    if (isText(prefix)) rules.prefixes.push(prefix.toLowerCase());
    if (isText(suffix)) rules.suffixes.push(suffix.toLowerCase());
    if (isText(contains)) rules.parts.push(contains.toLowerCase());
    const stem = isText(regex) ? DATED.exec(regex)?.[1] : undefined;
    if (stem !== undefined) rules.dated.push(stem.replaceAll('\\', '').toLowerCase());
  };
  walk(match);
  return rules;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
