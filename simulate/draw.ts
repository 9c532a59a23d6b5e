import { type Random, seededRandom } from '../src/kernel/random.ts';

/** Draws for a setup, all from one seed. */
export class Draw {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** In [from, to). */
  float(from: number, to: number): number {
    return from + this.#random.float() * (to - from);
  }

  /** In [from, to], both inclusive. */
  int(from: number, to: number): number {
    return from + Math.floor(this.#random.float() * (to - from + 1));
  }

  /** In [from, to], small ones as likely as large ones. */
  scale(from: number, to: number): number {
    return from * (to / from) ** this.#random.float();
  }

  chance(share: number): boolean {
    return this.#random.float() < share;
  }

  pick<T>(values: readonly [T, ...T[]]): T {
    return values[Math.floor(this.#random.float() * values.length)] ?? values[0];
  }

  /** `undefined`, unless chance has it. */
  perhaps<T>(share: number, make: () => T): T | undefined {
    return this.chance(share) ? make() : undefined;
  }

  shuffled<T>(values: readonly T[]): T[] {
    const left = [...values];
    const drawn: T[] = [];
    while (left.length > 0) drawn.push(...left.splice(Math.floor(this.#random.float() * left.length), 1));
    return drawn;
  }
}
