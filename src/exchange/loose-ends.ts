/**
 * What a call still owes after its client has heard its end: holds to come,
 * ends to be recorded, settlements. Closed and with nothing loose, it is over.
 */
export class LooseEnds {
  readonly #onOver: () => void;
  #open = 0;
  #closed = false;

  constructor(onOver: () => void) {
    this.#onOver = onOver;
  }

  open(): void {
    this.#open++;
  }

  tied(): void {
    this.#open--;
    this.#overWhenTied();
  }

  /** Nothing new is begun from now on. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#overWhenTied();
  }

  #overWhenTied(): void {
    if (this.#closed && this.#open === 0) this.#onOver();
  }
}
