import type { Clock, Timer } from '../kernel/clock.ts';
import type { Capacity } from './setup.ts';

/** A place in a provider's line. */
export interface Job {
  /** The request is not wanted any more. */
  abandon(): void;
}

interface Entry {
  readonly workMs: number;
  readonly start: () => void;
  state: 'waiting' | 'working' | 'over';
  timer: Timer | undefined;
}

export interface WorkLineParts {
  readonly clock: Clock;
  readonly capacity: Capacity;
  /** How many it works on at once, now. */
  concurrent(): number;
}

/** A provider's capacity: so many requests at once, a line for the others, and no room beyond. */
export class WorkLine {
  readonly #parts: WorkLineParts;
  #working = 0;
  #waiting: Entry[] = [];
  /** Of `#waiting`, where the line begins: what is before has left it. */
  #head = 0;
  /** Entries still in the line. */
  #length = 0;

  constructor(parts: WorkLineParts) {
    this.#parts = parts;
  }

  /** Its own timers that still run. */
  get working(): number {
    return this.#working;
  }

  /** @returns `undefined` when there is no room; `start` is called when it is its turn, never before this returns */
  join(workMs: number, start: () => void): Job | undefined {
    const { capacity, clock, concurrent } = this.#parts;
    const free = this.#working < concurrent() && this.#length === 0;
    if (!free && this.#length >= capacity.queue) {
      this.#refuse(capacity.refusalMs ?? 0);
      return undefined;
    }
    const entry: Entry = { workMs, start, state: 'waiting', timer: undefined };
    if (free) {
      this.#working++;
      entry.state = 'working';
      entry.timer = clock.after(0, () => this.#begin(entry));
    } else {
      this.#waiting.push(entry);
      this.#length++;
    }
    return { abandon: () => this.#abandon(entry) };
  }

  #refuse(refusalMs: number): void {
    if (refusalMs <= 0) return;
    this.#working++;
    this.#parts.clock.after(refusalMs, () => {
      this.#working--;
      this.#pull();
    });
  }

  #begin(entry: Entry): void {
    entry.timer = this.#parts.clock.after(entry.workMs, () => this.#finish(entry));
    entry.start();
  }

  #finish(entry: Entry): void {
    if (entry.state !== 'working') return;
    entry.state = 'over';
    entry.timer?.cancel();
    this.#working--;
    this.#pull();
  }

  #abandon(entry: Entry): void {
    if (this.#parts.capacity.finishesAbandoned === true) return;
    if (entry.state === 'working') this.#finish(entry);
    if (entry.state !== 'waiting') return;
    entry.state = 'over';
    this.#length--;
  }

  #pull(): void {
    while (this.#length > 0 && this.#working < this.#parts.concurrent()) {
      const next = this.#waiting[this.#head++];
      if (next === undefined) break;
      if (next.state !== 'waiting') continue;
      this.#length--;
      this.#working++;
      next.state = 'working';
      this.#begin(next);
    }
    if (this.#head < 1_024 || this.#head * 2 < this.#waiting.length) return;
    this.#waiting = this.#waiting.slice(this.#head);
    this.#head = 0;
  }
}
