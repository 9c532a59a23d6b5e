import type { Dialect } from '../../protocol/operation.ts';
import { isObject } from '../openai/wire.ts';

/** In some dialects what is to keep to a schema does, whichever schema it is; in OpenAI's it is to be asked for. */
export function keepsToSchemas(client: Dialect | undefined): boolean {
  return client === 'anthropic-messages' || client === 'gemini';
}

/** Words of JSON Schema that OpenAI keeps strictly to (platform.openai.com/docs/guides/structured-outputs). */
const KNOWN = new Set([
  ...['type', 'properties', 'required', 'additionalProperties', 'items', 'anyOf', 'enum', 'const', '$ref', '$defs'],
  // Of a default it makes nothing, but takes it, as recorded requests show.
  ...['definitions', 'title', 'description', 'default', '$schema', 'pattern', 'format'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minItems', 'maxItems'],
]);

/** OpenAI's own bound is half of it. */
const DEPTH_MAX = 20;

/**
 * Whether OpenAI takes a schema where it is to be kept to strictly: each of its
 * objects names all of its members as required and has no others.
 */
export function isStrictSchema(schema: unknown): boolean {
  return isObject(schema) && schema['type'] === 'object' && isStrict(schema, DEPTH_MAX);
}

function isStrict(schema: unknown, depth: number): boolean {
  if (!isObject(schema) || depth === 0) return false;
  if (Object.keys(schema).some((word) => !KNOWN.has(word))) return false;
  const { properties, anyOf, items } = schema;
  const inside = [
    ...(isObject(properties) ? Object.values(properties) : []),
    ...(Array.isArray(anyOf) ? anyOf : []),
    ...(items === undefined ? [] : [items]),
    ...['$defs', 'definitions'].flatMap((name) => (isObject(schema[name]) ? Object.values(schema[name]) : [])),
  ];
  return isClosed(schema) && inside.every((each) => isStrict(each, depth - 1));
}

function isClosed({ type, properties, required, additionalProperties }: Readonly<Record<string, unknown>>): boolean {
  const object = type === 'object' || (Array.isArray(type) && type.includes('object')) || properties !== undefined;
  if (!object) return true;
  const names = isObject(properties) ? Object.keys(properties) : [];
  return additionalProperties === false && Array.isArray(required) && names.every((name) => required.includes(name));
}
