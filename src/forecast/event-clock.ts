import { type Clock, systemClock, type Timer } from '../kernel/clock.ts';

/** After so many events the real event loop has its turn, so that signals and messages are heard. */
const EVENTS_PER_TURN = 4_096;
/** No wait is shorter, or what is left of one by rounding alone would never be over. Real timers wait for a millisecond at least. */
const WAIT_MS_MIN = 0.001;
/** Cancelled timers are swept out once there are this many, and more than live ones. */
const DEAD_MIN = 4_096;

interface Entry extends Timer {
  readonly dueMs: number;
  readonly order: number;
  fire: (() => void) | undefined;
}

/**
 * A virtual clock for millions of timers: a binary heap by due time, then by
 * order of making. Between two events everything that promises owe is done.
 *
 *     fire an event → microtasks until none is left → next event
 *
 * A callback of `process.nextTick` that a microtask has queued runs when all
 * microtasks are done, and costs a hundredth of a turn of the event loop.
 */
export class EventClock implements Clock {
  readonly #startAt: number;
  #nowMs = 0;
  #order = 0;
  #dead = 0;
  #heap: Entry[] = [];

  /** @param startAt the wall clock at monotonic 0, in milliseconds since the epoch */
  constructor(startAt: number) {
    this.#startAt = startAt;
  }

  now(): number {
    return this.#startAt + Math.floor(this.#nowMs);
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, fire: () => void): Timer {
    const entry: Entry = {
      dueMs: this.#nowMs + (delayMs > 0 ? Math.max(WAIT_MS_MIN, delayMs) : 0),
      order: this.#order++,
      fire,
      cancel: () => {
        if (entry.fire === undefined) return;
        entry.fire = undefined;
        this.#dead++;
      },
    };
    this.#heap.push(entry);
    this.#rise(this.#heap.length - 1);
    if (this.#dead >= DEAD_MIN && this.#dead * 2 > this.#heap.length) this.#sweep();
    return entry;
  }

  soon(work: () => void): void {
    this.after(0, work);
  }

  /** Timers that have neither fired nor been cancelled. */
  get pendingTimers(): number {
    return this.#heap.length - this.#dead;
  }

  /**
   * Fires what is due, in order, until nothing is left or `until` says so.
   *
   * @throws whatever a timer's callback throws, and the signal's reason
   */
  run(until: () => boolean, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      let events = 0;
      const step = () => {
        try {
          const fire = until() ? undefined : this.#next();
          if (fire === undefined) {
            resolve();
            return;
          }
          fire();
        } catch (thrown) {
          reject(thrown);
          return;
        }
        if (++events % EVENTS_PER_TURN !== 0) queueMicrotask(settled);
        else systemClock.soon(() => (signal?.aborted ? reject(signal.reason) : step()));
      };
      const settled = () => process.nextTick(step);
      settled();
    });
  }

  /** Moves to the next live event. */
  #next(): (() => void) | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined) return undefined;
      const last = this.#heap.pop();
      if (this.#heap.length > 0 && last !== undefined) {
        this.#heap[0] = last;
        this.#sink(0);
      }
      const { fire } = first;
      if (fire === undefined) {
        this.#dead--;
        continue;
      }
      first.fire = undefined;
      this.#nowMs = first.dueMs;
      return fire;
    }
  }

  #sweep(): void {
    this.#heap = this.#heap.filter(({ fire }) => fire !== undefined);
    this.#dead = 0;
    for (let index = (this.#heap.length >> 1) - 1; index >= 0; index--) this.#sink(index);
  }

  #rise(from: number): void {
    const heap = this.#heap;
    const entry = heap[from];
    if (entry === undefined) return;
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || !before(entry, parent)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = entry;
  }

  #sink(from: number): void {
    const heap = this.#heap;
    const entry = heap[from];
    if (entry === undefined) return;
    let index = from;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = heap[childIndex];
      if (child === undefined) break;
      const other = heap[childIndex + 1];
      if (other !== undefined && before(other, child)) {
        child = other;
        childIndex++;
      }
      if (!before(child, entry)) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = entry;
  }
}

function before(one: Entry, other: Entry): boolean {
  return one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.order < other.order);
}
