import { createHash } from 'node:crypto';

const TOLD_MAX = 100;

/** Hears what must never be, and keeps a running hash over all that happens. */
export class Watchman {
  readonly #told: string[] = [];
  #count = 0;
  readonly #hash = createHash('sha256');

  get violations(): readonly string[] {
    return this.#told;
  }

  get violationCount(): number {
    return this.#count;
  }

  /** Something is broken that must always hold. */
  accuse(what: string): void {
    this.#count++;
    if (this.#told.length < TOLD_MAX) this.#told.push(what);
  }

  /** One line of the trace: what happens, in the order of its happening. */
  note(line: string): void {
    this.#hash.update(line);
    this.#hash.update('\n');
  }

  /** To be asked once, at the end. */
  traceHash(): string {
    return this.#hash.digest('hex');
  }
}
