import type { AdmittedCall, ClientSink } from './call.ts';
import { Exchange, type ExchangeParts } from './exchange.ts';

/** All exchanges under way, so that a stop can wait for them and then end them. */
export class Exchanges {
  readonly #parts: ExchangeParts;
  readonly #running = new Set<Exchange>();
  #onIdle: (() => void) | undefined;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
  }

  get running(): number {
    return this.#running.size;
  }

  /** An exchange that is counted from now until it is over; the caller runs it. */
  begin(call: AdmittedCall, client: ClientSink, onOver: () => void): Exchange {
    const exchange = new Exchange(this.#parts, call, client, () => {
      this.#running.delete(exchange);
      onOver();
      if (this.#running.size === 0) this.#onIdle?.();
    });
    this.#running.add(exchange);
    return exchange;
  }

  /** Waits for the running exchanges; those left after `withinMs` are ended with an error their clients can read. */
  async drain(withinMs: number): Promise<void> {
    if (this.#running.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = this.#parts.clock.after(withinMs, resolve);
        this.#onIdle = () => {
          timer.cancel();
          resolve();
        };
      });
      this.#onIdle = undefined;
    }
    for (const exchange of [...this.#running]) exchange.shutDown();
  }
}
