import { isObject, type JsonObject } from '../json-object.ts';
import { missing, wrong } from './errors.ts';

/**
 * Reads the fields of a request object and refuses what is wrong in Anthropic's
 * words: a path with dots, then what should be there. `null` counts as absent.
 * Whoever has read all that may be there calls `end`, which refuses the rest.
 */
export class Fields {
  readonly #object: JsonObject;
  readonly #path: string;
  readonly #read = new Set<string>();

  constructor(object: JsonObject, path = '') {
    this.#object = object;
    this.#path = path;
  }

  path(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }

  /** Marks a field as one that may be there, whatever it holds. */
  raw(name: string): unknown {
    this.#read.add(name);
    return this.#object[name] ?? undefined;
  }

  mayHave(...names: readonly string[]): this {
    for (const name of names) this.#read.add(name);
    return this;
  }

  string(name: string): string | undefined {
    const value = this.raw(name);
    if (value === undefined || typeof value === 'string') return value;
    throw wrong(this.path(name), 'Input should be a valid string');
  }

  requiredString(name: string): string {
    const value = this.string(name);
    if (value === undefined) throw missing(this.path(name));
    return value;
  }

  boolean(name: string): boolean | undefined {
    const value = this.raw(name);
    if (value === undefined || typeof value === 'boolean') return value;
    throw wrong(this.path(name), 'Input should be a valid boolean');
  }

  integer(name: string, min: number): number | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || !Number.isInteger(value)) {
      throw wrong(this.path(name), 'Input should be a valid integer');
    }
    if (value < min) throw wrong(this.path(name), `Input should be greater than or equal to ${min}`);
    return value;
  }

  decimal(name: string, min: number, max: number): number | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'number') throw wrong(this.path(name), 'Input should be a valid number');
    if (value < min) throw wrong(this.path(name), `Input should be greater than or equal to ${min}`);
    if (value > max) throw wrong(this.path(name), `Input should be less than or equal to ${max}`);
    return value;
  }

  object(name: string): JsonObject | undefined {
    const value = this.raw(name);
    if (value === undefined || isObject(value)) return value;
    throw wrong(this.path(name), 'Input should be a valid dictionary');
  }

  requiredObject(name: string): JsonObject {
    const value = this.object(name);
    if (value === undefined) throw missing(this.path(name));
    return value;
  }

  list(name: string): readonly unknown[] | undefined {
    const value = this.raw(name);
    if (value === undefined || Array.isArray(value)) return value;
    throw wrong(this.path(name), 'Input should be a valid list');
  }

  strings(name: string): readonly string[] | undefined {
    return this.list(name)?.map((item, index) => {
      if (typeof item !== 'string') throw wrong(`${this.path(name)}.${index}`, 'Input should be a valid string');
      return item;
    });
  }

  oneOf<Value extends string>(name: string, values: readonly Value[]): Value | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    const found = values.find((known) => known === value);
    if (found !== undefined) return found;
    throw wrong(this.path(name), `Input should be ${alternatives(values)}`);
  }

  /** The `type` that tells which of several forms an object has. */
  tag<Value extends string>(values: readonly Value[], message?: string): Value {
    const value = this.raw('type');
    const at = this.#path;
    if (value === undefined) throw missing(this.path('type'));
    const found = values.find((known) => known === value);
    if (found !== undefined) return found;
    const expected = values.map((known) => `'${known}'`).join(', ');
    const shown = typeof value === 'string' ? value.slice(0, 100) : String(value);
    throw wrong(
      at,
      message ?? `Input tag '${shown}' found using 'type' does not match any of the expected tags: ${expected}`,
    );
  }

  /** @throws a refusal of the first field that nobody asked for */
  end(): void {
    for (const name of Object.keys(this.#object)) {
      if (!this.#read.has(name)) throw wrong(this.path(name.slice(0, 100)), 'Extra inputs are not permitted');
    }
  }
}

function alternatives(values: readonly string[]): string {
  const quoted = values.map((value) => `'${value}'`);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}
