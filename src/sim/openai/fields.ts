import { isObject, type JsonObject } from '../json-object.ts';
import { OpenAiRefusal } from './errors.ts';

function described(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a decimal';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** A value of another type than it should be, in OpenAI's words. */
export function wrongType(param: string, expected: string, value: unknown): OpenAiRefusal {
  const got = value === null ? 'null' : `${described(value)} instead`;
  return new OpenAiRefusal(400, `Invalid type for '${param}': expected ${expected}, but got ${got}.`, {
    param,
    code: 'invalid_type',
  });
}

export function missing(param: string): OpenAiRefusal {
  return new OpenAiRefusal(400, `Missing required parameter: '${param}'.`, {
    param,
    code: 'missing_required_parameter',
  });
}

export function wrongValue(param: string, message: string, code = 'invalid_value'): OpenAiRefusal {
  return new OpenAiRefusal(400, message, { param, code });
}

/** `a`, `a and b`, `a, b, and c`. */
function listed(values: readonly string[]): string {
  if (values.length < 3) return values.join(' and ');
  return `${values.slice(0, -1).join(', ')}, and ${values.at(-1)}`;
}

interface Range {
  readonly min?: number;
  readonly max?: number;
}

/** Reads the fields of a request object, and refuses what has the wrong type. `null` counts as absent, as with OpenAI. */
export class Fields {
  readonly #object: JsonObject;
  readonly #path: string;

  constructor(object: JsonObject, path = '') {
    this.#object = object;
    this.#path = path;
  }

  path(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }

  raw(name: string): unknown {
    return this.#object[name] ?? undefined;
  }

  string(name: string): string | undefined {
    const value = this.raw(name);
    if (value === undefined || typeof value === 'string') return value;
    throw wrongType(this.path(name), 'a string', value);
  }

  boolean(name: string): boolean | undefined {
    const value = this.raw(name);
    if (value === undefined || typeof value === 'boolean') return value;
    throw wrongType(this.path(name), 'a boolean', value);
  }

  integer(name: string, range: Range = {}): number | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || !Number.isInteger(value)) throw wrongType(this.path(name), 'an integer', value);
    return this.#inRange(name, value, range, 'integer');
  }

  decimal(name: string, range: Range = {}): number | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'number') throw wrongType(this.path(name), 'a decimal', value);
    return this.#inRange(name, value, range, 'decimal');
  }

  object(name: string): JsonObject | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    if (!isObject(value)) throw wrongType(this.path(name), 'an object', value);
    return value;
  }

  objects(name: string): JsonObject[] | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) throw wrongType(this.path(name), 'an array of objects', value);
    return value.map((item: unknown, index) => {
      if (!isObject(item)) throw wrongType(`${this.path(name)}[${index}]`, 'an object', item);
      return item;
    });
  }

  oneOf<Value extends string>(name: string, values: readonly Value[]): Value | undefined {
    const value = this.string(name);
    if (value === undefined) return undefined;
    const found = values.find((known) => known === value);
    if (found !== undefined) return found;
    const quoted = values.map((known) => `'${known}'`);
    throw wrongValue(this.path(name), `Invalid value: '${value}'. Supported values are: ${listed(quoted)}.`);
  }

  #inRange(name: string, value: number, { min, max }: Range, kind: 'integer' | 'decimal'): number {
    const param = this.path(name);
    if (min !== undefined && value < min) {
      const message = `Invalid '${param}': ${kind} below minimum value. Expected a value >= ${min}, but got ${value} instead.`;
      throw wrongValue(param, message, `${kind}_below_min_value`);
    }
    if (max !== undefined && value > max) {
      const message = `Invalid '${param}': ${kind} above maximum value. Expected a value <= ${max}, but got ${value} instead.`;
      throw wrongValue(param, message, `${kind}_above_max_value`);
    }
    return value;
  }
}
