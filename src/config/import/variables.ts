/** A variable that the new file refers to. */
export interface Variable {
  readonly name: string;
  /** `source`: the old file names it, or its product reads it unasked. `new`: it stands for a secret that was written out. */
  readonly origin: 'source' | 'new';
  /** What must be in it, as a noun phrase; never its value. */
  readonly holds: string;
}

/** Each fits wherever any text may stand, too: as a key, or as the value of a header. */
const STAND_INS = { address: 'https://stand-in.invalid', word: 'stand-in' } as const;

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

export function isVariableName(text: string): boolean {
  return NAME.test(text);
}

/** Turns secrets into references to variables, so that none is ever written down again. */
export class Variables {
  readonly #byName = new Map<string, Variable>();
  readonly #kinds = new Map<string, keyof typeof STAND_INS>();
  readonly #byLiteral = new Map<string, string>();
  /** Names that the source uses for something of its own. */
  readonly #taken: Set<string>;

  constructor(taken: ReadonlySet<string>) {
    this.#taken = new Set(taken);
  }

  /** Keeps a name for what a product reads unasked: a new variable of that name would mean another secret. */
  reserve(name: string): void {
    this.#taken.add(name);
  }

  /** A variable that is there already. @returns how `leeward.yaml` refers to it */
  existing(name: string, holds: string): string {
    if (!this.#byName.has(name)) this.#byName.set(name, { name, origin: 'source', holds });
    return `\${env:${name}}`;
  }

  /** The same where only a certain kind of text may stand; `undefined` when it stands elsewhere as another kind. */
  as(name: string, kind: keyof typeof STAND_INS, holds: string): string | undefined {
    const known = this.#kinds.get(name) ?? kind;
    if (known !== kind) return undefined;
    this.#kinds.set(name, kind);
    // What a place with rules of its own says about it says more than "a key".
    this.#byName.set(name, { name, origin: 'source', holds });
    return this.existing(name, holds);
  }

  /** An environment in which the new file loads. */
  standIns(): Record<string, string> {
    return Object.fromEntries(this.list().map(({ name }) => [name, STAND_INS[this.#kinds.get(name) ?? 'address']]));
  }

  /** A new variable for a secret; one secret has one variable, however often it is written. */
  forSecret(secret: string, wanted: string, holds: string): string {
    const known = this.#byLiteral.get(secret);
    if (known !== undefined) return `\${env:${known}}`;
    const name = this.#free(variableName(wanted));
    this.#byLiteral.set(secret, name);
    this.#byName.set(name, { name, origin: 'new', holds });
    return `\${env:${name}}`;
  }

  /** Sorted by name. */
  list(): Variable[] {
    return [...this.#byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #free(wanted: string): string {
    let name = wanted;
    for (let next = 2; this.#taken.has(name) || this.#byName.has(name); next++) name = `${wanted}_${next}`;
    return name;
  }
}

function variableName(text: string): string {
  const name = text
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 100);
  return /^[A-Z]/.test(name) ? name : `LEEWARD_${name}`;
}
