/** A variable that the new file refers to. */
export interface Variable {
  readonly name: string;
  /** `source`: the old file names it, or its product reads it unasked. `new`: it stands for a secret that was written out. */
  readonly origin: 'source' | 'new';
  /** What must be in it, as a noun phrase; never its value. */
  readonly holds: string;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

export function isVariableName(text: string): boolean {
  return NAME.test(text);
}

/** Turns secrets into references to variables, so that none is ever written down again. */
export class Variables {
  readonly #byName = new Map<string, Variable>();
  readonly #byLiteral = new Map<string, string>();
  /** Names that the source uses for something of its own. */
  readonly #taken: ReadonlySet<string>;

  constructor(taken: ReadonlySet<string>) {
    this.#taken = taken;
  }

  /** A variable that is there already. @returns how `leeward.yaml` refers to it */
  existing(name: string, holds: string): string {
    if (!this.#byName.has(name)) this.#byName.set(name, { name, origin: 'source', holds });
    return `\${env:${name}}`;
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
