import type { z } from 'zod';
import { didYouMean } from './did-you-mean.ts';
import { valueAt } from './document-tree.ts';
import { configJsonSchema } from './file-schema.ts';
import { type ConfigPath, error, type Finding } from './problem.ts';

type Issue = z.core.$ZodIssue;
type JsonSchema = Readonly<Record<string, unknown>>;

const EXPECTED: Readonly<Record<string, string>> = {
  object: 'must be a mapping of keys to values',
  record: 'must be a mapping of keys to values',
  array: 'must be a list',
  string: 'must be text',
  number: 'must be a number',
  boolean: 'must be true or false',
};

interface Checked {
  readonly document: unknown;
  /** What unknown keys are compared with. */
  readonly jsonSchema: () => JsonSchema;
}

/**
 * What a schema found wrong, in words of the file. `document` is what was
 * checked; `jsonSchema` is the schema in its JSON form, by default that of
 * `leeward.yaml`.
 */
export function schemaFindings(
  issues: readonly Issue[],
  document: unknown,
  jsonSchema: () => JsonSchema = configJsonSchema,
): Finding[] {
  return issues.flatMap((issue) => findingsOf(issue, [], { document, jsonSchema }));
}

function findingsOf(issue: Issue, prefix: ConfigPath, checked: Checked): Finding[] {
  const { document } = checked;
  const path = [...prefix, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) =>
        error([...path, key], unknownKey(key, knownKeys(path, checked.jsonSchema())), 'key'),
      );
    case 'invalid_key':
      return [error(path, `name ${issue.issues[0]?.message ?? 'is not allowed'}`, 'key')];
    case 'invalid_union':
      return unionFindings(issue, path, checked);
    case 'invalid_value':
      return [error(path, `${label(path)} must be ${choices(issue.values, valueAt(document, path))}`)];
    default:
      return [error(path, messageOf(issue, path, document))];
  }
}

function unknownKey(key: string, known: readonly string[]): string {
  const guess = didYouMean(key, known);
  return `unknown key ${JSON.stringify(key)}${guess === '' && known.length > 0 ? `: known here are ${known.join(', ')}` : guess}`;
}

/** Of a union the branch is reported that takes this kind of value at all. */
function unionFindings(issue: Issue & { code: 'invalid_union' }, path: ConfigPath, checked: Checked): Finding[] {
  const branch = issue.errors.find(
    (issues) => !issues.some((inner) => inner.path.length === 0 && isKindMismatch(inner)),
  );
  if (branch !== undefined && branch.length > 0) return branch.flatMap((inner) => findingsOf(inner, path, checked));
  const message = issue.message.startsWith('must') ? issue.message : 'must be text or a mapping';
  return [error(path, `${label(path)} ${message}`)];
}

function isKindMismatch(issue: Issue): boolean {
  return issue.code === 'invalid_type';
}

function messageOf(issue: Issue, path: ConfigPath, document: unknown): string {
  const value = valueAt(document, path);
  if (value === undefined) return `${label(path)} is missing`;
  if (value === null) return `${label(path)} is empty`;
  if (issue.message.startsWith('must')) return `${label(path)} ${issue.message}`;
  if (issue.code === 'invalid_type')
    return `${label(path)} ${EXPECTED[issue.expected] ?? `must be a ${issue.expected}`}`;
  if (issue.code === 'too_small') return `${label(path)} needs at least ${issue.minimum} entry`;
  if (issue.code === 'too_big') return `${label(path)} may have at most ${issue.maximum} entries`;
  return `${label(path)}: ${issue.message}`;
}

function choices(values: readonly unknown[], value: unknown): string {
  const words = values.map(String);
  const guess = typeof value === 'string' ? didYouMean(value, words) : '';
  const list = words.length > 1 ? `${words.slice(0, -1).join(', ')} or ${words.at(-1)}` : words.join('');
  return `${words.length > 6 ? `one of ${words.join(', ')}` : list}${guess}`;
}

/** What to call a value: its key, or its place in a list. */
export function label(path: ConfigPath): string {
  const last = path.at(-1);
  if (last === undefined) return 'the file';
  if (typeof last === 'string') return last;
  const list = path.findLast((step) => typeof step === 'string');
  return `${list ?? 'list'} entry ${last + 1}`;
}

/** The keys that a schema knows at a path, found in its JSON form because that one can be walked. */
function knownKeys(path: ConfigPath, jsonSchema: JsonSchema): string[] {
  let schemas: JsonSchema[] = [jsonSchema];
  for (const step of path) schemas = schemas.flatMap((schema) => below(schema, step));
  const keys = schemas.flatMap((schema) => Object.keys(asSchema(schema['properties']) ?? {}));
  // `$schema` is for editors: nobody who mistyped a key meant that one.
  return keys.filter((key) => !key.startsWith('$'));
}

function below(schema: JsonSchema, step: string | number): JsonSchema[] {
  const properties = asSchema(schema['properties']);
  const next =
    typeof step === 'number' ? schema['items'] : (asSchema(properties?.[step]) ?? schema['additionalProperties']);
  const found = asSchema(next);
  if (found === undefined) return [];
  const branches = Array.isArray(found['anyOf']) ? found['anyOf'].map(asSchema) : [found];
  return branches.filter((branch) => branch !== undefined);
}

function asSchema(value: unknown): JsonSchema | undefined {
  return typeof value === 'object' && value !== null ? (value as JsonSchema) : undefined;
}
