import { type Fields, isFields } from '../../providers/fields.ts';

/**
 * Google's own form of a schema (a subset of OpenAPI 3.0 with types in capitals)
 * as JSON Schema. What is JSON Schema already stays as it is, but for types.
 *
 *     {type: 'STRING', nullable: true, format: 'enum', enum: ['a']} → {type: ['string', 'null'], enum: ['a', null]}
 */
export function jsonSchemaOf(schema: unknown): unknown {
  return isFields(schema) ? objectSchema(schema) : schema;
}

function objectSchema(schema: Fields): Fields {
  const { nullable, type, ...others } = schema;
  const read: Record<string, unknown> = {};
  const types = typesOf(type, nullable === true);
  if (types !== undefined) read['type'] = types;
  for (const [name, value] of Object.entries(others)) {
    const member = memberOf(name, value, nullable === true);
    if (member !== undefined) Object.defineProperty(read, member[0], { value: member[1], ...PLAIN });
  }
  // Without a type, only the alternatives can say that there may be nothing.
  if (nullable === true && types === undefined && Array.isArray(read['anyOf'])) {
    read['anyOf'] = [...(read['anyOf'] as unknown[]), { type: 'null' }];
  }
  return read;
}

/** A name such as `__proto__` is a member like any other. */
const PLAIN = { writable: true, enumerable: true, configurable: true } as const;

const COUNTS: ReadonlySet<string> = new Set([
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'minProperties',
  'maxProperties',
]);
const MAPS: ReadonlySet<string> = new Set(['properties', '$defs', 'defs', 'definitions']);

function memberOf(name: string, value: unknown, nullable: boolean): readonly [string, unknown] | undefined {
  // The order of properties is a wish to Gemini alone, and its `format: enum` says nothing.
  if (name === 'propertyOrdering' || (name === 'format' && value === 'enum')) return undefined;
  if (name === 'example') return ['examples', [value]];
  if (name === 'items' || name === 'additionalProperties') return [name, jsonSchemaOf(value)];
  if (name === 'enum' && Array.isArray(value)) return [name, nullable ? [...(value as unknown[]), null] : value];
  if (name === 'anyOf' || name === 'prefixItems') return [name, Array.isArray(value) ? value.map(jsonSchemaOf) : value];
  if (MAPS.has(name) && isFields(value)) {
    return [name, Object.fromEntries(Object.entries(value).map(([key, each]) => [key, jsonSchemaOf(each)]))];
  }
  // Google's protocol writes whole numbers as text.
  if (COUNTS.has(name) && typeof value === 'string' && /^\d{1,15}$/.test(value)) return [name, Number(value)];
  return [name, value];
}

function typesOf(type: unknown, nullable: boolean): unknown {
  if (Array.isArray(type)) return type.map(lower);
  if (typeof type !== 'string' || type === 'TYPE_UNSPECIFIED') return undefined;
  return nullable && type.toUpperCase() !== 'NULL' ? [lower(type), 'null'] : lower(type);
}

function lower(type: unknown): unknown {
  return typeof type === 'string' ? type.toLowerCase() : type;
}
