import type { Timer } from './timer.ts';

/** How often the list is looked through. What is due before it is looked through again gets a timer of its own. */
const LOOK_MS = 500;
/** A delay from which on it is worth waiting in the list. */
export const FAR_MS = 2 * LOOK_MS;

/** Where a timer goes when it comes near. */
export interface NearTimers {
  monotonicMs(): number;
  after(delayMs: number, fire: () => void): Timer;
}

/**
 * Timers that are far away, which nearly all are cancelled long before: a call
 * sets several, for a minute or ten, and is over in a second. Here each is a
 * link in a list, where Node's own costs ten times that; when it comes near, it
 * becomes one of those and fires as exactly.
 *
 * One near timer runs while any waits here.
 */
export class FarTimers {
  readonly #near: NearTimers;
  readonly #ends: Link;
  #looking: Timer | undefined;
  #waiting = 0;

  constructor(near: NearTimers) {
    this.#near = near;
    this.#ends = new Link(this, Number.POSITIVE_INFINITY, () => undefined);
  }

  /** @param delayMs at least {@link FAR_MS} */
  after(delayMs: number, fire: () => void): Timer {
    const link = new Link(this, this.#near.monotonicMs() + delayMs, fire);
    link.putAfter(this.#ends);
    if (this.#waiting++ === 0) this.#lookLater();
    return link;
  }

  /** One is not waiting here any more. */
  left(): void {
    if (--this.#waiting === 0) this.#looking?.cancel();
  }

  #lookLater(): void {
    this.#looking = this.#near.after(LOOK_MS, () => this.#look());
  }

  #look(): void {
    const nowMs = this.#near.monotonicMs();
    for (let link = this.#ends.next; link !== this.#ends; ) {
      const { next } = link;
      const delayMs = link.dueMs - nowMs;
      if (delayMs < FAR_MS) link.comeNear((fire) => this.#near.after(Math.max(0, delayMs), fire));
      link = next;
    }
    if (this.#waiting > 0) this.#lookLater();
  }
}

class Link implements Timer {
  readonly dueMs: number;
  next: Link = this;
  readonly #timers: FarTimers;
  readonly #fire: () => void;
  #before: Link = this;
  #near: Timer | undefined;

  constructor(timers: FarTimers, dueMs: number, fire: () => void) {
    this.#timers = timers;
    this.dueMs = dueMs;
    this.#fire = fire;
  }

  putAfter(other: Link): void {
    this.#before = other;
    this.next = other.next;
    other.next.#before = this;
    other.next = this;
  }

  comeNear(after: (fire: () => void) => Timer): void {
    this.#leave();
    this.#near = after(this.#fire);
  }

  cancel(): void {
    if (this.next !== this) this.#leave();
    else this.#near?.cancel();
  }

  #leave(): void {
    this.#before.next = this.next;
    this.next.#before = this.#before;
    this.next = this;
    this.#before = this;
    this.#timers.left();
  }
}
