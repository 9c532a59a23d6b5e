import { isObject, type JsonObject } from '../json-object.ts';
import { type GeminiRefusal, unreadable } from './errors.ts';

const TYPES = 'type.googleapis.com/google.ai.generativelanguage.v1beta.';

/**
 * Reads the fields of a request object as Google reads JSON into its messages:
 * names in camel or snake case, `null` as absent, whole numbers as texts too,
 * and nothing that the message does not have. Whoever has read all that may be
 * there calls `end`, which refuses the rest.
 */
export class Fields {
  /** As it came. */
  readonly source: JsonObject;
  readonly #path: string;
  readonly #read = new Set<string>();

  /** @param path as Google writes it: `contents[0].parts[1].inline_data` */
  constructor(source: JsonObject, path = '') {
    this.source = source;
    this.#path = path;
  }

  path(name: string): string {
    return this.#path === '' ? snakeCase(name) : `${this.#path}.${snakeCase(name)}`;
  }

  /** Marks a field as one that may be there, whatever it holds. */
  raw(name: string): unknown {
    const snake = snakeCase(name);
    this.#read.add(name).add(snake);
    return this.source[name] ?? this.source[snake] ?? undefined;
  }

  mayHave(...names: readonly string[]): this {
    for (const name of names) this.raw(name);
    return this;
  }

  string(name: string): string | undefined {
    const value = this.raw(name);
    if (value === undefined || typeof value === 'string') return value;
    throw wrongValue(this.path(name), 'TYPE_STRING', value);
  }

  boolean(name: string): boolean | undefined {
    const value = this.raw(name);
    if (value === undefined || typeof value === 'boolean') return value;
    throw wrongValue(this.path(name), 'TYPE_BOOL', value);
  }

  integer(name: string): number | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    const number = typeof value === 'string' && /^-?\d{1,10}$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isInteger(number) || Math.abs(number) > 0x7fffffff) {
      throw wrongValue(this.path(name), 'TYPE_INT32', value);
    }
    return number;
  }

  decimal(name: string): number | undefined {
    const value = this.raw(name);
    if (value === undefined || typeof value === 'number') return value;
    throw wrongValue(this.path(name), 'TYPE_FLOAT', value);
  }

  /** Bytes as base64, in either alphabet. */
  bytes(name: string): Buffer | undefined {
    const text = this.string(name);
    if (text === undefined) return undefined;
    if (/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) return Buffer.from(text, 'base64');
    const shown = JSON.stringify(text.slice(0, 60));
    throw unreadable(
      this.path(name),
      `Invalid value at '${this.path(name)}' (TYPE_BYTES), Base64 decoding failed for ${shown}`,
    );
  }

  /** @param message the name of Google's message */
  object(name: string, message: string): JsonObject | undefined {
    const value = this.raw(name);
    if (value === undefined || isObject(value)) return value;
    throw wrongValue(this.path(name), `${TYPES}${message}`, value);
  }

  /** An object that is there, to be read on. */
  nested(name: string, message: string): Fields | undefined {
    const value = this.object(name, message);
    return value === undefined ? undefined : new Fields(value, this.path(name));
  }

  /** A value of a map, whose keys are the client's own words. */
  entry(key: string, message: string): Fields | undefined {
    const value = this.source[key] ?? undefined;
    const path = `${this.#path}[${JSON.stringify(key)}]`;
    if (value === undefined) return undefined;
    if (!isObject(value)) throw wrongValue(path, `${TYPES}${message}`, value);
    return new Fields(value, path);
  }

  /** The objects of a list, each with its own path. */
  objects(name: string, message: string): Fields[] {
    return (this.list(name) ?? []).map((item, index) => {
      const path = `${this.path(name)}[${index}]`;
      if (!isObject(item)) throw wrongValue(path, `${TYPES}${message}`, item);
      return new Fields(item, path);
    });
  }

  list(name: string): readonly unknown[] | undefined {
    const value = this.raw(name);
    if (value === undefined || Array.isArray(value)) return value;
    throw wrongValue(this.path(name), 'repeated', value);
  }

  strings(name: string): readonly string[] | undefined {
    return this.list(name)?.map((item, index) => {
      if (typeof item !== 'string') throw wrongValue(`${this.path(name)}[${index}]`, 'TYPE_STRING', item);
      return item;
    });
  }

  /** @param type the name of Google's enumeration, as `FunctionCallingConfig.Mode` */
  oneOf<Value extends string>(name: string, type: string, values: readonly Value[]): Value | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    const upper = typeof value === 'string' ? value.toUpperCase() : value;
    const found = values.find((known) => known === upper);
    if (found !== undefined) return found;
    throw wrongValue(this.path(name), `${TYPES}${type}`, value);
  }

  /** Which of several fields is there, of which there can be one. */
  onlyOne<Name extends string>(names: readonly Name[]): Name | undefined {
    const [first, second] = names.filter((name) => this.raw(name) !== undefined);
    if (second === undefined) return first;
    throw unreadable(
      this.#path,
      `Invalid value at '${this.#path}' (oneof), oneof field 'data' is already set. Cannot set '${second}'`,
    );
  }

  /** @throws a refusal of the first field that the message does not have */
  end(): void {
    for (const name of Object.keys(this.source)) {
      if (this.#read.has(name)) continue;
      const at = this.#path === '' ? '' : ` at '${this.#path}'`;
      throw unreadable(
        this.#path,
        `Invalid JSON payload received. Unknown name "${name.slice(0, 100)}"${at}: Cannot find field.`,
      );
    }
  }
}

function wrongValue(path: string, type: string, value: unknown): GeminiRefusal {
  const shown = (JSON.stringify(value) ?? 'undefined').slice(0, 100);
  return unreadable(path, `Invalid value at '${path}' (${type}), ${shown}`);
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
