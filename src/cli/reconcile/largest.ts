/** The largest of however many, by a size; a bounded number is held. */
export class Largest<T> {
  readonly #countMax: number;
  readonly #sizeOf: (one: T) => bigint;
  #held: T[] = [];
  #count = 0;

  constructor(countMax: number, sizeOf: (one: T) => bigint) {
    this.#countMax = countMax;
    this.#sizeOf = sizeOf;
  }

  add(one: T): void {
    this.#count++;
    this.#held.push(one);
    // Sorted now and then: twice as many as wanted are kept in between.
    if (this.#held.length > 2 * this.#countMax + 100) this.#held = this.#sorted();
  }

  /** How many were added. */
  get count(): number {
    return this.#count;
  }

  get list(): readonly T[] {
    return this.#sorted();
  }

  /** Those of one size in the order in which they came. */
  #sorted(): T[] {
    const sized = this.#held.map((one) => ({ one, size: this.#sizeOf(one) }));
    sized.sort((one, other) => (one.size === other.size ? 0 : one.size > other.size ? -1 : 1));
    return sized.slice(0, this.#countMax).map(({ one }) => one);
  }
}
