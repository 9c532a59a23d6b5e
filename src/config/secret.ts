import { inspect } from 'node:util';

const MASK = '[secret]';

/**
 * A value that must not be seen: keys, header values, proxy addresses with a
 * password. Every ordinary way to print it (a template, JSON, `util.inspect`,
 * a logger) gives `[secret]`; only `reveal` gives the value, so that each place
 * that uses one can be found by that word.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
