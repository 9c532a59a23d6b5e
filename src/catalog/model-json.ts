import { OPERATIONS, type Operation } from '../protocol/operation.ts';
import { type CatalogModel, MODALITIES, type Modality, type NameRules } from './model.ts';
import { parseRule, ruleJson } from './price-json.ts';
import { damaged, isCount, isObject } from './shape.ts';

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

function parseMatch(value: unknown): NameRules {
  const texts = (key: string) => (isObject(value) ? list(value[key]) : []).filter((one) => typeof one === 'string');
  return {
    names: texts('names'),
    prefixes: texts('prefixes'),
    suffixes: texts('suffixes'),
    parts: texts('parts'),
    dated: texts('dated'),
    ...(texts('without').length === 0 ? {} : { without: texts('without') }),
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

function isOperation(value: unknown): value is Operation {
  return OPERATIONS.some((operation) => operation === value);
}

function isModality(value: unknown): value is Modality {
  return MODALITIES.some((modality) => modality === value);
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
