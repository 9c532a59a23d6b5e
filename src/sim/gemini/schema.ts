import { isObject, type JsonObject } from '../json-object.ts';
import type { Fields } from './fields.ts';

const TYPES = ['TYPE_UNSPECIFIED', 'STRING', 'NUMBER', 'INTEGER', 'BOOLEAN', 'ARRAY', 'OBJECT', 'NULL'] as const;
const COUNTS = ['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties'] as const;
const SAME = [
  'format',
  'title',
  'description',
  'pattern',
  'example',
  'default',
  'minimum',
  'maximum',
  'propertyOrdering',
] as const;
const DEPTH_MAX = 32;

/**
 * Google's own `Schema`, a part of OpenAPI's, as the JSON Schema that says the
 * same. It has no `additionalProperties`, no `$ref` and no `const`: they are
 * refused as fields that are not there.
 *
 * @throws GeminiRefusal
 */
export function readSchema(fields: Fields, depth = 0): JsonObject {
  const schema: Record<string, unknown> = {};
  const type = fields.oneOf('type', 'Type', TYPES);
  if (type !== undefined && type !== 'TYPE_UNSPECIFIED') schema['type'] = type.toLowerCase();
  if (fields.boolean('nullable') === true && typeof schema['type'] === 'string')
    schema['type'] = [schema['type'], 'null'];
  for (const name of SAME) keep(schema, name, fields.raw(name));
  for (const name of COUNTS) keep(schema, name, fields.integer(name));
  keep(schema, 'enum', fields.strings('enum'));
  keep(schema, 'required', fields.strings('required'));
  if (depth < DEPTH_MAX) readInner(fields, schema, depth + 1);
  fields.end();
  return schema;
}

function readInner(fields: Fields, schema: Record<string, unknown>, depth: number): void {
  const items = fields.nested('items', 'Schema');
  if (items !== undefined) schema['items'] = readSchema(items, depth);
  const options = fields.objects('anyOf', 'Schema');
  if (options.length > 0) schema['anyOf'] = options.map((option) => readSchema(option, depth));
  const properties = fields.nested('properties', 'Schema.PropertiesEntry');
  if (properties === undefined) return;
  const entries = Object.keys(properties.source).map((name) => {
    const property = properties.entry(name, 'Schema');
    return [name, property === undefined ? {} : readSchema(property, depth)] as const;
  });
  schema['properties'] = Object.fromEntries(entries);
}

function keep(schema: Record<string, unknown>, name: string, value: unknown): void {
  if (value !== undefined) schema[name] = value;
}

/** A JSON Schema is taken as it is, if it is an object. */
export function jsonSchema(value: unknown): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}
