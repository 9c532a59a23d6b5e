/** Slices of a window: what leaves it does so a tenth at a time. */
const SLICES = 10;

/**
 * Two counts over the last `windowMs`, such as calls and failures. Exact to a
 * tenth of the window, in constant memory and time.
 *
 *     |  3  |  0  | … |  7  |  2 |      one slot per slice, in a ring
 *      oldest                newest     a slot is emptied when its turn comes again
 */
export class RollingCounts {
  readonly #sliceMs: number;
  readonly #slots = new Int32Array(SLICES * 2);
  /** Number of the newest slice since the clock's origin. */
  #slice = 0;
  #first = 0;
  #second = 0;

  constructor(windowMs: number) {
    this.#sliceMs = windowMs / SLICES;
  }

  addFirst(nowMs: number): void {
    this.#roll(nowMs);
    this.#add((this.#slice % SLICES) * 2, 1);
    this.#first++;
  }

  addSecond(nowMs: number): void {
    this.#roll(nowMs);
    this.#add((this.#slice % SLICES) * 2 + 1, 1);
    this.#second++;
  }

  /** Takes one of the second count back that was added at `addedAtMs`, unless it has left the window by itself. */
  removeSecond(addedAtMs: number, nowMs: number): void {
    this.#roll(nowMs);
    const slice = Math.floor(addedAtMs / this.#sliceMs);
    const slot = (slice % SLICES) * 2 + 1;
    if (slice <= this.#slice - SLICES || (this.#slots[slot] ?? 0) === 0) return;
    this.#add(slot, -1);
    this.#second--;
  }

  first(nowMs: number): number {
    this.#roll(nowMs);
    return this.#first;
  }

  second(nowMs: number): number {
    this.#roll(nowMs);
    return this.#second;
  }

  clear(): void {
    this.#slots.fill(0);
    this.#first = 0;
    this.#second = 0;
  }

  #roll(nowMs: number): void {
    const slice = Math.floor(nowMs / this.#sliceMs);
    if (slice <= this.#slice) return;
    if (slice - this.#slice >= SLICES) this.clear();
    else for (let passed = this.#slice + 1; passed <= slice; passed++) this.#empty((passed % SLICES) * 2);
    this.#slice = slice;
  }

  #empty(slot: number): void {
    this.#first -= this.#slots[slot] ?? 0;
    this.#second -= this.#slots[slot + 1] ?? 0;
    this.#slots[slot] = 0;
    this.#slots[slot + 1] = 0;
  }

  #add(slot: number, count: number): void {
    this.#slots[slot] = (this.#slots[slot] ?? 0) + count;
  }
}
