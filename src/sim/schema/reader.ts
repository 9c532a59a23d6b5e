export type Schema = Readonly<Record<string, unknown>>;

const REFS_MAX = 32;
/** References that multiply (each `allOf` naming the root twice) would otherwise never be done. */
const FOLDS_MAX = 20_000;

/** Reads the parts of a JSON Schema that come in any shape, and follows its references. */
export class SchemaReader {
  readonly #root: unknown;
  #folds = 0;

  constructor(root: unknown) {
    this.#root = root;
  }

  /** The schema with `$ref`, `allOf` and one branch of `anyOf` or `oneOf` folded into it. */
  resolved(node: unknown, branch: (options: readonly unknown[]) => unknown, refsLeft = REFS_MAX): Schema {
    let schema = this.object(node);
    if (refsLeft === 0 || ++this.#folds > FOLDS_MAX) return schema;
    const fold = (part: unknown) => {
      schema = merged(schema, this.resolved(part, branch, refsLeft - 1));
    };
    const { $ref, allOf } = schema;
    schema = without(schema, ['$ref', 'allOf']);
    if (typeof $ref === 'string') fold(this.#target($ref));
    if (Array.isArray(allOf)) allOf.forEach(fold);
    for (const keyword of ['anyOf', 'oneOf']) {
      const options = schema[keyword];
      if (!Array.isArray(options) || options.length === 0) continue;
      schema = without(schema, [keyword]);
      fold(branch(options));
    }
    return schema;
  }

  /** Whether a branch holds no further structure. */
  isPlain(node: unknown): boolean {
    const schema = this.object(node);
    return !['$ref', 'properties', 'items', 'anyOf', 'oneOf', 'allOf'].some((keyword) => keyword in schema);
  }

  object(value: unknown): Schema {
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  }

  strings(value: unknown): string[] {
    return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
  }

  number(value: unknown): number | undefined {
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  }

  /** `#`, `#/$defs/node` and other pointers into the same schema. */
  #target(ref: string): unknown {
    let node: unknown = this.#root;
    for (const part of ref.replace(/^#\/?/, '').split('/')) {
      if (part === '') continue;
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
      node = Array.isArray(node) ? node[Number(key)] : this.object(node)[key];
    }
    return node;
  }
}

function without(schema: Schema, keywords: readonly string[]): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !keywords.includes(keyword)));
}

/** Both schemas at once: the tighter limit wins, properties and requirements add up. */
function merged(one: Schema, other: Schema): Schema {
  const both: Record<string, unknown> = { ...one };
  for (const [keyword, value] of Object.entries(other)) {
    const known = both[keyword];
    both[keyword] = known === undefined ? value : combined(keyword, known, value);
  }
  return both;
}

function combined(keyword: string, one: unknown, other: unknown): unknown {
  if (keyword === 'properties' && isRecord(one) && isRecord(other)) {
    const names = new Set([...Object.keys(one), ...Object.keys(other)]);
    return Object.fromEntries([...names].map((name) => [name, bothOf(one[name], other[name])]));
  }
  if (Array.isArray(one) && Array.isArray(other)) {
    if (keyword === 'required') return [...new Set<unknown>([...one, ...other])];
    const shared = one.filter((item: unknown) => other.includes(item));
    return shared.length > 0 ? shared : other;
  }
  if (typeof one === 'number' && typeof other === 'number') {
    if (/^min|^exclusiveMin/.test(keyword)) return Math.max(one, other);
    if (/^max|^exclusiveMax/.test(keyword)) return Math.min(one, other);
  }
  return other;
}

function bothOf(one: unknown, other: unknown): unknown {
  if (one === undefined) return other;
  return other === undefined ? one : { allOf: [one, other] };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
