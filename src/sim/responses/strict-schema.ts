import { isObject, type JsonObject } from '../json-object.ts';

const DEPTH_MAX = 10;

/**
 * What OpenAI finds wrong about a schema that is to be kept to strictly: every
 * object names all its properties as required and allows no others.
 *
 * @returns undefined for a schema that is all right
 */
export function strictProblem(schema: unknown, context: readonly string[] = []): string | undefined {
  if (!isObject(schema) || context.length > DEPTH_MAX * 2) return undefined;
  return objectProblem(schema, context) ?? problemWithin(schema, context);
}

function objectProblem(schema: JsonObject, context: readonly string[]): string | undefined {
  if (schema['type'] !== 'object' && schema['properties'] === undefined) return undefined;
  const where = `In context=(${context.map((step) => `'${step}'`).join(', ')}${context.length === 1 ? ',' : ''})`;
  if (schema['additionalProperties'] !== false) {
    return `${where}, 'additionalProperties' is required to be supplied and to be false.`;
  }
  const properties = isObject(schema['properties']) ? Object.keys(schema['properties']) : [];
  const required: readonly unknown[] = Array.isArray(schema['required']) ? schema['required'] : [];
  const absent = properties.find((name) => !required.includes(name));
  if (absent === undefined) return undefined;
  return `${where}, 'required' is required to be supplied and to be an array including every key in properties. Missing '${absent}'.`;
}

function problemWithin(schema: JsonObject, context: readonly string[]): string | undefined {
  for (const keyword of ['properties', '$defs', 'definitions']) {
    const named = schema[keyword];
    if (!isObject(named)) continue;
    for (const [name, inner] of Object.entries(named)) {
      const problem = strictProblem(inner, [...context, keyword, name]);
      if (problem !== undefined) return problem;
    }
  }
  const branches = Array.isArray(schema['anyOf']) ? schema['anyOf'] : [];
  for (const [index, branch] of branches.entries()) {
    const problem = strictProblem(branch, [...context, 'anyOf', String(index)]);
    if (problem !== undefined) return problem;
  }
  return strictProblem(schema['items'], [...context, 'items']);
}
