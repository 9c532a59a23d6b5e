/** A statement's parameter as it travels: text, bytes, or SQL's NULL. */
export type Parameter = string | Uint8Array | null;

/**
 * A JavaScript value as Postgres reads it, by the rules of `pg`: arrays become
 * array literals, other objects JSON, dates their instant. Postgres infers the
 * type from the place where the parameter stands.
 *
 * @throws {TypeError} for a function or a symbol, which is never what was meant
 */
export function toParameter(value: unknown): Parameter {
  switch (typeof value) {
    case 'undefined':
      return null;
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'object':
      return objectParameter(value);
    default:
      throw new TypeError(`a ${typeof value} cannot be a statement's parameter`);
  }
}

function objectParameter(value: object | null): Parameter {
  if (value === null) return null;
  if (value instanceof Date) return value.toISOString();
  // A copy of its own: a thread's message would carry the whole pool that a small Buffer is a window of.
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return arrayLiteral(value);
  return JSON.stringify(value);
}

/** `{a,NULL,"b c"}`. Elements are quoted always: an unquoted NULL, comma or brace would change the meaning. */
export function arrayLiteral(values: readonly unknown[]): string {
  return `{${values.map(arrayElement).join(',')}}`;
}

function arrayElement(value: unknown): string {
  if (Array.isArray(value)) return arrayLiteral(value);
  const parameter = toParameter(value);
  if (parameter === null) return 'NULL';
  return quoted(typeof parameter === 'string' ? parameter : `\\x${Buffer.from(parameter).toString('hex')}`);
}

const SPECIAL = /["\\]/;

/** One element of an array literal, in quotes. */
export function quoted(text: string): string {
  return SPECIAL.test(text) ? `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : `"${text}"`;
}
