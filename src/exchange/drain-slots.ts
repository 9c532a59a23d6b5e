/**
 * How many answers are read to their end though their clients have left,
 * because their providers bill them anyway, and for how long each.
 */
export class DrainSlots {
  readonly drainMs: number;
  readonly #slots: number;
  #taken = 0;

  constructor({ slots, drainMs }: { readonly slots: number; readonly drainMs: number }) {
    this.#slots = slots;
    this.drainMs = drainMs;
  }

  get taken(): number {
    return this.#taken;
  }

  /** @returns what gives the slot back, once; `undefined` when all are taken */
  enter(): (() => void) | undefined {
    if (this.#taken >= this.#slots) return undefined;
    this.#taken++;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#taken--;
    };
  }
}
