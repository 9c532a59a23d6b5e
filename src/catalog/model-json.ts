import { GatewayError } from '../kernel/errors.ts';
import { OPERATIONS, type Operation } from '../protocol/operation.ts';
import {
  type CatalogModel,
  MODALITIES,
  type Modality,
  type NameRules,
  type PriceRule,
  type TokenRate,
} from './model.ts';

/** @throws `internal` when the value is no model */
export function parseModel(vendor: string, value: unknown): CatalogModel {
  if (!isObject(value) || typeof value['id'] !== 'string') throw damaged(`a model of ${vendor} has no id`);
  const id = value['id'];
  const { name, op, context, output, in: input, out, deprecated, deprecatedAt, prices, match } = value;
  return {
    vendor,
    id,
    ...(typeof name === 'string' ? { name } : {}),
    ...(isOperation(op) ? { operation: op } : {}),
    ...(isCount(context) ? { contextWindow: context } : {}),
    ...(isCount(output) ? { maxOutputTokens: output } : {}),
    ...(Array.isArray(input) ? { input: input.filter(isModality) } : {}),
    ...(Array.isArray(out) ? { output: out.filter(isModality) } : {}),
    ...(deprecated === true ? { deprecated } : {}),
    ...(typeof deprecatedAt === 'string' ? { deprecatedAt } : {}),
    prices: list(prices).map((one) => parseRule(one, `${vendor}/${id}`)),
    match: parseMatch(match),
  };
}

function parseRule(value: unknown, of: string): PriceRule {
  if (!isObject(value)) throw damaged(`a price of ${of} is no object`);
  const rule: { -readonly [Key in keyof PriceRule]: PriceRule[Key] } = {};
  for (const key of ['input', 'cachedInput', 'cacheWrite', 'output'] as const) {
    if (value[key] !== undefined) rule[key] = parseRate(value[key], of);
  }
  const { also, from, daily } = value;
  if (Array.isArray(also)) rule.alsoPriced = also.filter((one) => typeof one === 'string');
  if (isCount(from)) rule.fromAt = from;
  if (Array.isArray(daily) && isCount(daily[0]) && isCount(daily[1])) rule.daily = { fromS: daily[0], toS: daily[1] };
  return rule;
}

function parseRate(value: unknown, of: string): TokenRate {
  const [base, ...tiers] = Array.isArray(value) ? (value as unknown[]) : [value];
  return {
    picoUsd: amount(base, of),
    tiers: tiers.map((tier) => {
      if (!Array.isArray(tier) || !isCount(tier[0])) throw damaged(`a price tier of ${of} is no pair`);
      return { aboveInputTokens: tier[0], picoUsd: amount(tier[1], of) };
    }),
  };
}

function amount(value: unknown, of: string): bigint {
  if (typeof value !== 'string' || !/^\d{1,18}$/.test(value)) throw damaged(`a price of ${of} is not whole pico-USD`);
  return BigInt(value);
}

function parseMatch(value: unknown): NameRules {
  const texts = (key: string) => (isObject(value) ? list(value[key]) : []).filter((one) => typeof one === 'string');
  return {
    names: texts('names'),
    prefixes: texts('prefixes'),
    suffixes: texts('suffixes'),
    parts: texts('parts'),
    dated: texts('dated'),
  };
}

/** A model as {@link parseModel} reads it, without what is unknown. */
export function modelJson(model: CatalogModel): Record<string, unknown> {
  const { id, name, operation, contextWindow, maxOutputTokens, input, output, deprecated, deprecatedAt } = model;
  const match = Object.fromEntries(Object.entries(model.match).filter(([, names]) => names.length > 0));
  return {
    id,
    name,
    op: operation,
    context: contextWindow,
    output: maxOutputTokens,
    in: input,
    out: output,
    deprecated,
    deprecatedAt,
    ...(model.prices.length === 0 ? {} : { prices: model.prices.map(ruleJson) }),
    ...(Object.keys(match).length === 0 ? {} : { match }),
  };
}

function ruleJson(rule: PriceRule): Record<string, unknown> {
  const { input, cachedInput, cacheWrite, output, alsoPriced, fromAt, daily } = rule;
  const rate = (of: TokenRate | undefined) => of && rateJson(of);
  return {
    input: rate(input),
    cachedInput: rate(cachedInput),
    cacheWrite: rate(cacheWrite),
    output: rate(output),
    also: alsoPriced,
    from: fromAt,
    daily: daily && [daily.fromS, daily.toS],
  };
}

function rateJson({ picoUsd, tiers }: TokenRate): unknown {
  if (tiers.length === 0) return String(picoUsd);
  return [String(picoUsd), ...tiers.map((tier) => [tier.aboveInputTokens, String(tier.picoUsd)])];
}

function isOperation(value: unknown): value is Operation {
  return OPERATIONS.some((operation) => operation === value);
}

function isModality(value: unknown): value is Modality {
  return MODALITIES.some((modality) => modality === value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function damaged(why: string, cause?: unknown): GatewayError {
  return new GatewayError('internal', {
    message: `The model catalogue cannot be read: ${why}. "leeward models refresh" writes a new one.`,
    cause,
  });
}
