import { maskText } from '../mask.ts';
import type { ConfigPath } from '../problem.ts';

const ABSENT = Symbol('absent');

/**
 * A place in somebody else's configuration and what stands there, which may be
 * anything. Readers ask for the shape they can use; another one reads as
 * absent, and is then found by the ledger as not carried over.
 */
export class SourcePart {
  readonly value: unknown;
  readonly path: ConfigPath;

  constructor(value: unknown, path: ConfigPath = []) {
    this.value = value;
    this.path = path;
  }

  /** Whether something is said here. A bare key and an empty collection say nothing. */
  get present(): boolean {
    const { value } = this;
    if (value === undefined || value === null || value === '') return false;
    return typeof value !== 'object' || Object.keys(value).length > 0;
  }

  /** Text with something in it, trimmed; a number counts as its digits. */
  get text(): string | undefined {
    const { value } = this;
    if (typeof value === 'number' && Number.isFinite(value)) return String(value);
    if (typeof value !== 'string') return undefined;
    const text = value.trim();
    return text === '' ? undefined : text;
  }

  /** A number of 0 or more, also when written as text. */
  get number(): number | undefined {
    const { value } = this;
    const number = typeof value === 'string' && /^\s*\d{1,15}(\.\d{1,9})?\s*$/.test(value) ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined;
  }

  get isMapping(): boolean {
    return typeof this.value === 'object' && this.value !== null && !Array.isArray(this.value);
  }

  get isList(): boolean {
    return Array.isArray(this.value);
  }

  at(...steps: readonly (string | number)[]): SourcePart {
    let value: unknown = this.value;
    for (const step of steps) {
      const here: unknown = typeof value === 'object' && value !== null && Object.hasOwn(value, step) ? value : ABSENT;
      value = here === ABSENT ? undefined : (here as Readonly<Record<string | number, unknown>>)[step];
    }
    return new SourcePart(value, [...this.path, ...steps]);
  }

  /** The first of several names under which this says something: products rename their fields, and take both. */
  oneOf(...names: readonly string[]): SourcePart {
    for (const name of names) {
      const part = this.at(name);
      if (part.present) return part;
    }
    return this.at(names[0] ?? '');
  }

  /** The entries of a mapping; none for anything else. */
  members(): [string, SourcePart][] {
    if (!this.isMapping) return [];
    return Object.keys(this.value as object).map((name) => [name, this.at(name)]);
  }

  /** The items of a list; none for anything else. */
  items(): SourcePart[] {
    return Array.isArray(this.value) ? this.value.map((_, index) => this.at(index)) : [];
  }

  children(): SourcePart[] {
    return this.isMapping ? this.members().map(([, part]) => part) : this.items();
  }

  /** The place as people write it, as in `model_list[0].litellm_params.model`. Printable ASCII. */
  get place(): string {
    return placeText(this.path);
  }
}

export function placeText(path: ConfigPath): string {
  if (path.length === 0) return 'the whole file';
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[A-Za-z_$][\w$-]*$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step.slice(0, 80))}]`;
  }
  // Somebody's key may be a secret that slipped to the wrong side of a colon.

  return maskText(text).replace(/[^\x20-\x7e]/g, '?');
}
