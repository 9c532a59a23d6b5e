import { createHmac } from 'node:crypto';

/** A secret that hashes keys; kept apart from the store, so that a copy of the store alone opens nothing. */
export interface Pepper {
  readonly id: string;
  readonly secret: Uint8Array;
}

/** The peppers in force: the first hashes new keys, both recognise existing ones, so that one can be rotated out. */
export class Peppers {
  readonly #peppers: readonly Pepper[];

  constructor(peppers: readonly Pepper[]) {
    if (peppers.length === 0 || peppers.length > 2) throw new Error('one or two peppers, the new one first');
    this.#peppers = peppers;
  }

  /** The hash a new key is stored under. */
  hash(key: string): { readonly pepperId: string; readonly hash: Buffer } {
    const [current] = this.#peppers;
    if (current === undefined) throw new Error('there is no pepper');
    return { pepperId: current.id, hash: hmac(current, key) };
  }

  /** The hashes an existing key may be stored under. */
  hashes(key: string): Buffer[] {
    return this.#peppers.map((pepper) => hmac(pepper, key));
  }
}

function hmac(pepper: Pepper, key: string): Buffer {
  return createHmac('sha256', pepper.secret).update(key).digest();
}
