import type { Random } from '../../kernel/random.ts';
import { pick, wholeBetween } from '../draws.ts';
import { plainWords } from '../prose/prose.ts';
import { type Schema, SchemaReader } from './reader.ts';
import { stringWithin } from './strings.ts';

const VALUES_MAX = 2_000;
/** From here on only what is required is written, so that schemas that contain themselves come to an end. */
const GENEROUS_DEPTH_MAX = 4;
const DEPTH_MAX = 24;
const ITEMS_MAX = 64;

/**
 * A value that a JSON Schema accepts, drawn from `random`: the keywords that
 * tools and structured outputs use. `not`, `if`, `patternProperties` and the
 * `dependent…` family are not looked at. Bounded in size and depth: beyond
 * 2,000 values or 24 levels `null` stands in.
 *
 * @param words the user's own words, used for free text
 */
export function valueForSchema(schema: unknown, random: Random, words: readonly string[]): unknown {
  return new ValueMaker(new SchemaReader(schema), random, words).make(schema, 0);
}

class ValueMaker {
  readonly #reader: SchemaReader;
  readonly #random: Random;
  readonly #words: readonly string[];
  #made = 0;

  constructor(reader: SchemaReader, random: Random, words: readonly string[]) {
    this.#reader = reader;
    this.#random = random;
    this.#words = words;
  }

  make(node: unknown, depth: number): unknown {
    if (++this.#made > VALUES_MAX || depth > DEPTH_MAX) return null;
    const schema = this.#reader.resolved(node, (options) => this.#branch(options, depth));
    if ('const' in schema) return schema['const'];
    const choices = schema['enum'];
    if (Array.isArray(choices) && choices.length > 0) return pick<unknown>(this.#random, choices);
    switch (this.#typeOf(schema)) {
      case 'object':
        return this.#object(schema, depth);
      case 'array':
        return this.#array(schema, depth);
      case 'integer':
        return this.#number(schema, true);
      case 'number':
        return this.#number(schema, false);
      case 'boolean':
        return this.#random.float() < 0.5;
      case 'null':
        return null;
      default:
        return this.#string(schema);
    }
  }

  /** Deep down the plainest branch is taken, or a tree of nodes would never end. */
  #branch(options: readonly unknown[], depth: number): unknown {
    if (depth < GENEROUS_DEPTH_MAX) return pick(this.#random, options);
    return options.find((option) => this.#reader.isPlain(option)) ?? options[0];
  }

  #typeOf(schema: Schema): string {
    const { type } = schema;
    if (typeof type === 'string') return type;
    if (Array.isArray(type)) {
      const types = type.filter((name): name is string => typeof name === 'string');
      const solid = types.filter((name) => name !== 'null');
      return pick(this.#random, solid.length > 0 ? solid : ['null']);
    }
    if ('properties' in schema || 'required' in schema) return 'object';
    if ('items' in schema || 'prefixItems' in schema || 'minItems' in schema) return 'array';
    if ('minimum' in schema || 'maximum' in schema || 'multipleOf' in schema) return 'number';
    return 'string';
  }

  #object(schema: Schema, depth: number): Record<string, unknown> {
    const properties = this.#reader.object(schema['properties']);
    const required = new Set(this.#reader.strings(schema['required']));
    const least = this.#reader.number(schema['minProperties']) ?? 0;
    const entries: [string, unknown][] = [];
    for (const [name, property] of Object.entries(properties)) {
      const wanted = required.has(name) || entries.length < least;
      if (!wanted && (depth >= GENEROUS_DEPTH_MAX || this.#random.float() < 0.3)) continue;
      entries.push([name, this.make(property, depth + 1)]);
    }
    for (const name of required) {
      if (!Object.hasOwn(properties, name)) entries.push([name, this.#extra(schema, depth)]);
    }
    for (let index = 1; entries.length < Math.min(least, ITEMS_MAX); index++) {
      entries.push([`extra_${index}`, this.#extra(schema, depth)]);
    }
    // Not by assignment: a property may be called __proto__.
    return Object.fromEntries(entries);
  }

  #extra(schema: Schema, depth: number): unknown {
    const additional = schema['additionalProperties'];
    return typeof additional === 'object' ? this.make(additional, depth + 1) : plainWords(this.#random, 1);
  }

  #array(schema: Schema, depth: number): unknown[] {
    const least = Math.min(this.#reader.number(schema['minItems']) ?? 0, ITEMS_MAX);
    const most = Math.max(least, this.#reader.number(schema['maxItems']) ?? least + 2);
    const prefix = Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : [];
    const items: unknown[] = prefix.slice(0, most).map((item: unknown) => this.make(item, depth + 1));
    const rest = schema['items'];
    if (rest === false) return items;
    const wanted =
      depth >= GENEROUS_DEPTH_MAX
        ? least
        : wholeBetween(this.#random, Math.max(1, least), Math.max(1, least, Math.min(most, least + 2)));
    const unique = schema['uniqueItems'] === true;
    const seen = new Set(items.map((item) => JSON.stringify(item)));
    for (let tries = 0; items.length < Math.min(wanted, most) && tries < ITEMS_MAX * 4; tries++) {
      const item = this.make(rest ?? {}, depth + 1);
      const text = JSON.stringify(item);
      if (unique && seen.has(text)) continue;
      seen.add(text);
      items.push(item);
    }
    return items;
  }

  #number(schema: Schema, whole: boolean): number {
    const step = this.#reader.number(schema['multipleOf']) ?? (whole ? 1 : 0.01);
    const above = this.#reader.number(schema['exclusiveMinimum']);
    const below = this.#reader.number(schema['exclusiveMaximum']);
    const minimum = Math.max(
      this.#reader.number(schema['minimum']) ?? Number.NEGATIVE_INFINITY,
      above ?? Number.NEGATIVE_INFINITY,
    );
    const maximum = Math.min(
      this.#reader.number(schema['maximum']) ?? Number.POSITIVE_INFINITY,
      below ?? Number.POSITIVE_INFINITY,
    );
    const low = Number.isFinite(minimum) ? minimum : Number.isFinite(maximum) ? maximum - 100 : 0;
    const high = Number.isFinite(maximum) ? maximum : low + 100;
    let first = Math.ceil(low / step);
    let last = Math.floor(high / step);
    if (above !== undefined && first * step <= above) first++;
    if (below !== undefined && last * step >= below) last--;
    // A range too narrow for the step: its middle is the only honest guess.
    if (last < first) return (low + high) / 2;
    return Number((wholeBetween(this.#random, first, last) * step).toPrecision(15));
  }

  #string(schema: Schema): string {
    const { format, pattern } = schema;
    const minLength = this.#reader.number(schema['minLength']);
    const maxLength = this.#reader.number(schema['maxLength']);
    return stringWithin(
      {
        ...(typeof format === 'string' ? { format } : {}),
        ...(typeof pattern === 'string' ? { pattern } : {}),
        ...(minLength === undefined ? {} : { minLength }),
        ...(maxLength === undefined ? {} : { maxLength }),
      },
      this.#random,
      this.#words,
    );
  }
}
