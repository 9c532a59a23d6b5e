import type { AdmittedCall, ClientSink } from './call.ts';
import { Exchange, type ExchangeParts } from './exchange.ts';

interface Link {
  exchange: Exchange | undefined;
  before: Link | undefined;
  after: Link | undefined;
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
  readonly #ends: Link = { exchange: undefined, before: undefined, after: undefined };
  #running = 0;
  #onIdle: (() => void) | undefined;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
  }

  get running(): number {
    return this.#running;
  }

  /** An exchange that is counted from now until it is over; the caller runs it. */
  begin(call: AdmittedCall, client: ClientSink, onOver: () => void): Exchange {
    const link: Link = { exchange: undefined, before: this.#ends, after: this.#ends.after };
    const exchange = new Exchange(this.#parts, call, client, () => {
      this.#remove(link);
      onOver();
      if (this.#running === 0) this.#onIdle?.();
    });
    link.exchange = exchange;
    if (link.after !== undefined) link.after.before = link;
    this.#ends.after = link;
    this.#running++;
    return exchange;
  }

  /** Waits for the running exchanges; those left after `withinMs` are ended with an error their clients can read. */
  async drain(withinMs: number): Promise<void> {
    if (this.#running > 0) {
      await new Promise<void>((resolve) => {
        const timer = this.#parts.clock.after(withinMs, resolve);
        this.#onIdle = () => {
          timer.cancel();
          resolve();
        };
      });
      this.#onIdle = undefined;
    }
    for (let link = this.#ends.after; link !== undefined; ) {
      const { exchange, after } = link;
      exchange?.shutDown();
      link = after;
    }
  }

  #remove(link: Link): void {
    if (link.before !== undefined) link.before.after = link.after;
    if (link.after !== undefined) link.after.before = link.before;
    link.before = undefined;
    link.after = undefined;
    link.exchange = undefined;
    this.#running--;
  }
}
