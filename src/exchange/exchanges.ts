import type { AdmittedCall, ClientSink } from './call.ts';
import { DrainSlots } from './drain-slots.ts';
import { Exchange, type ExchangeParts } from './exchange.ts';
import { shuttingDown } from './exchange-errors.ts';

/** Answers that are read on though nobody waits for them. @see the reference in docs/decisions/clients-that-leave.md */
const DRAINS_MAX = 64;
const DRAIN_MS_MAX = 120_000;
/** Calls that a stop has ended may still owe a record and a settlement. */
const LOOSE_ENDS_MS_MAX = 5_000;

interface Link {
  exchange: Exchange | undefined;
  before: Link | undefined;
  after: Link | undefined;
  /** Set on a mark: called once no older exchange is left. */
  readonly onOldest: (() => void) | undefined;
}

/**
 * All exchanges under way, so that a stop can wait for them and then end them.
 *
 * A list of links, not a `Set`: a set that is added to and deleted from at
 * every call leaves V8 a chain of outgrown tables, each of which keeps its
 * exchanges, and all they hold, alive until the next full collection (measured:
 * a quarter of all objects survived the young generation with a set, none
 * worth speaking of with this list).
 */
export class Exchanges {
  readonly #parts: ExchangeParts;
  readonly #ends: Link = { exchange: undefined, before: undefined, after: undefined, onOldest: undefined };
  #running = 0;
  /** Those who wait for the last exchange to be over. */
  readonly #onIdle = new Set<() => void>();
  #draining = false;

  constructor(parts: Omit<ExchangeParts, 'drains'>) {
    this.#parts = { ...parts, drains: new DrainSlots({ slots: DRAINS_MAX, drainMs: DRAIN_MS_MAX }) };
  }

  get running(): number {
    return this.#running;
  }

  /**
   * An exchange that is counted from now until it is over; the caller runs it.
   * @throws `overloaded` once a drain has begun
   */
  begin(call: AdmittedCall, client: ClientSink, onOver: () => void): Exchange {
    if (this.#draining) throw shuttingDown();
    const link = this.#link(undefined);
    const exchange = new Exchange(this.#parts, call, client, () => {
      this.#remove(link);
      onOver();
      if (this.#running === 0) for (const wake of this.#onIdle) wake();
    });
    link.exchange = exchange;
    this.#running++;
    return exchange;
  }

  /**
   * Waits until every exchange that is under way now is over, for whoever owns
   * something that only those can still be using. New ones do not count.
   *
   * @returns false when some were left after `withinMs`
   */
  async presentOver(withinMs: number): Promise<boolean> {
    const over = Promise.withResolvers<boolean>();
    if (this.#running === 0) return true;
    const mark = this.#link(() => over.resolve(true));
    const timer = this.#parts.clock.after(withinMs, () => over.resolve(false));
    const all = await over.promise;
    timer.cancel();
    this.#unlink(mark);
    return all;
  }

  /**
   * Takes no new exchange and waits for the running ones; those left after
   * `withinMs` are ended with an error their clients can read. A second drain
   * may be shorter than the first, which then ends with it.
   */
  async drain(withinMs: number): Promise<void> {
    this.#draining = true;
    if (this.#running > 0) await this.#idle(withinMs);
    for (let link = this.#ends.after; link !== undefined; ) {
      const { exchange, after } = link;
      exchange?.shutDown();
      link = after;
    }
    if (this.#running > 0) await this.#idle(LOOSE_ENDS_MS_MAX);
  }

  #idle(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        timer.cancel();
        this.#onIdle.delete(wake);
        resolve();
      };
      const timer = this.#parts.clock.after(withinMs, wake);
      this.#onIdle.add(wake);
    });
  }

  /** A link at the newest end of the list. */
  #link(onOldest: Link['onOldest']): Link {
    const link: Link = { exchange: undefined, before: this.#ends, after: this.#ends.after, onOldest };
    if (link.after !== undefined) link.after.before = link;
    this.#ends.after = link;
    return link;
  }

  #remove(link: Link): void {
    const newer = link.before;
    const wasOldest = link.after === undefined;
    this.#unlink(link);
    this.#running--;
    if (wasOldest && newer?.onOldest !== undefined) this.#pass(newer);
  }

  /** Marks that have come to the oldest end. */
  #pass(oldest: Link): void {
    let mark: Link | undefined = oldest;
    while (mark?.onOldest !== undefined) {
      const newer: Link | undefined = mark.before;
      mark.onOldest();
      this.#unlink(mark);
      mark = newer;
    }
  }

  #unlink(link: Link): void {
    if (link.before !== undefined) link.before.after = link.after;
    if (link.after !== undefined) link.after.before = link.before;
    link.before = undefined;
    link.after = undefined;
    link.exchange = undefined;
  }
}
