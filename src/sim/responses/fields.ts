import type { JsonObject } from '../json-object.ts';
import { OpenAiRefusal } from '../openai/errors.ts';
import { Fields, missing, wrongType } from '../openai/fields.ts';

/**
 * Fields of a request object where, unlike in chat completions, nothing may
 * stand that the API does not know. Whoever has read all that may be there
 * calls `end`.
 */
export class StrictFields extends Fields {
  readonly #names: readonly string[];
  readonly #read = new Set<string>();

  constructor(object: JsonObject, path = '') {
    super(object, path);
    this.#names = Object.keys(object);
  }

  override raw(name: string): unknown {
    this.#read.add(name);
    return super.raw(name);
  }

  /** Fields that may be there, whatever they hold. */
  mayHave(...names: readonly string[]): this {
    for (const name of names) this.#read.add(name);
    return this;
  }

  requiredString(name: string): string {
    const value = this.string(name);
    if (value === undefined) throw missing(this.path(name));
    return value;
  }

  requiredObject(name: string): JsonObject {
    const value = this.object(name);
    if (value === undefined) throw missing(this.path(name));
    return value;
  }

  requiredOneOf<Value extends string>(name: string, values: readonly Value[]): Value {
    const value = this.oneOf(name, values);
    if (value === undefined) throw missing(this.path(name));
    return value;
  }

  strings(name: string): readonly string[] | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) throw wrongType(this.path(name), 'an array of strings', value);
    return value.map((item: unknown, index) => {
      if (typeof item === 'string') return item;
      throw wrongType(`${this.path(name)}[${index}]`, 'a string', item);
    });
  }

  /** @throws a refusal of the first field that nobody asked for */
  end(): void {
    for (const name of this.#names) {
      if (this.#read.has(name)) continue;
      const param = this.path(name.slice(0, 100));
      throw new OpenAiRefusal(400, `Unknown parameter: '${param}'.`, { param, code: 'unknown_parameter' });
    }
  }
}

/** A 400 in words of its own. */
export function refusal(message: string, param: string | null, code: string | null = null): OpenAiRefusal {
  return new OpenAiRefusal(400, message, { param, code });
}
