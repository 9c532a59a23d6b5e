import { nearest } from '../../kernel/nearest.ts';
import type { Fraction } from './fraction.ts';
import type { PlanProblem } from './plan.ts';
import { isList, isMapping, type PlanNode } from './plan-node.ts';
import type { NumberKind } from './plan-number.ts';

const VALUE_CHARS_MAX = 80;

/** The keys of one mapping of a plan, read one by one. Whatever cannot be is added to the problems, and read as absent. */
export class Fields {
  readonly #entries: ReadonlyMap<string, PlanNode>;
  readonly #place: string;
  readonly #path: string;
  readonly #problems: PlanProblem[];
  /** Anything but a mapping. */
  readonly #isOther: boolean;

  /** @param known the keys it may have; absent: any */
  constructor(node: PlanNode | undefined, path: string, problems: PlanProblem[], known?: readonly string[]) {
    this.#place = node?.place ?? '';
    this.#path = path;
    this.#problems = problems;
    const value = node?.value;
    this.#entries = isMapping(value) ? value : new Map();
    this.#isOther = value !== undefined && !isMapping(value);
    if (this.#isOther) {
      this.#add(this.#place, path, shown(node), `a mapping${known === undefined ? '' : ` of ${known.join(', ')}`}`);
    }
    for (const [key, { place }] of known === undefined ? [] : this.#entries) {
      if (known?.includes(key) === true) continue;
      const guess = nearest(key, known ?? []);
      const allowed = guess === undefined ? `one of ${known?.join(', ')}` : `${guess}?`;
      this.#add(place, this.pathOf(key), undefined, `not known here: ${allowed}`);
    }
  }

  get keys(): readonly string[] {
    return [...this.#entries.keys()].filter((key) => this.has(key));
  }

  /** Whether it says anything: null is as good as absent. */
  has(key: string): boolean {
    return this.#entries.get(key)?.value !== undefined;
  }

  pathOf(key: string): string {
    return this.#path === '' ? key : `${this.#path}.${key}`;
  }

  number(key: string, kind: NumberKind): Fraction | undefined {
    const text = this.text(key, kind.allowed);
    const value = text === undefined ? undefined : kind.read(text);
    if (text !== undefined && value === undefined) this.refuse(key, kind.allowed);
    return value;
  }

  text(key: string, allowed = 'a text'): string | undefined {
    const value = this.#entries.get(key)?.value;
    if (typeof value === 'string') return value.trim();
    if (value !== undefined) this.refuse(key, allowed);
    return undefined;
  }

  word<Word extends string>(key: string, words: readonly Word[]): Word | undefined {
    const text = this.text(key, `one of ${words.join(', ')}`);
    const word = words.find((candidate) => candidate === text);
    if (text !== undefined && word === undefined) this.refuse(key, `one of ${words.join(', ')}`);
    return word;
  }

  /** The mapping under a key; an empty one where there is none. */
  fields(key: string, known?: readonly string[]): Fields {
    return new Fields(this.has(key) ? this.#entries.get(key) : undefined, this.pathOf(key), this.#problems, known);
  }

  /** The mappings of a list under a key. */
  items(key: string, known: readonly string[], countMax: number): readonly Fields[] {
    const value = this.#entries.get(key)?.value;
    if (value === undefined) return [];
    if (!isList(value) || value.length === 0 || value.length > countMax) {
      this.refuse(key, `a list of 1 to ${countMax}`);
      return [];
    }
    return value.map((item, index) => new Fields(item, `${this.pathOf(key)}[${index}]`, this.#problems, known));
  }

  node(key: string): PlanNode | undefined {
    return this.#entries.get(key);
  }

  /** Of keys that exclude each other, all but the first that is there are refused. */
  onlyOne(...keys: readonly string[]): void {
    const [first, ...others] = keys.filter((key) => this.has(key));
    for (const key of others) this.refuse(key, `absent where there is ${first}: they exclude each other`);
  }

  /** @param allowed completes "must be …" */
  refuse(key: string, allowed: string): void {
    const node = this.#entries.get(key);
    this.#add(node?.place ?? this.#place, this.pathOf(key), shown(node), allowed);
  }

  /** Something wrong with all of it; one that is no mapping has been refused already. */
  refuseWhole(allowed: string, value?: string): void {
    if (!this.#isOther) this.#add(this.#place, this.#path === '' ? 'the plan' : this.#path, value, allowed);
  }

  #add(place: string, field: string, value: string | undefined, allowed: string): void {
    this.#problems.push({ place, field, value, allowed });
  }
}

function shown(node: PlanNode | undefined): string | undefined {
  const value = node?.value;
  if (value === undefined) return undefined;
  if (isMapping(value)) return 'a mapping';
  if (isList(value)) return `a list of ${value.length}`;
  return value.length > VALUE_CHARS_MAX ? `${value.slice(0, VALUE_CHARS_MAX)}…` : value;
}
