import type { Clock, Timer } from '../kernel/clock.ts';

/** A comment of an event stream, where a dialect has no ping of its own: a client's parser drops it, and whatever stands between sees that the stream lives. */
export const PING = Buffer.from(': ping\n\n');

/**
 * Keeps a streaming client's connection from falling silent while its provider
 * is: many proxies and some clients cut one that has been idle for a minute.
 *
 * Off until `start`; then one timer runs, and calls `ping` whenever nothing
 * has been `wrote` for `everyMs`; over after `stop`. A write only notes the
 * time, because a stream has many and a timer costs more than that.
 *
 * What is written must be whole events, as a stream gate passes them: a comment
 * inside one would break it.
 */
export class ClientPings {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #ping: () => void;
  #heardAtMs = 0;
  #timer: Timer | undefined;
  #over = false;

  /** @param ping writes a ping, or sees that it cannot now; asked again after another `everyMs` */
  constructor(clock: Clock, everyMs: number, ping: () => void) {
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.#ping = ping;
  }

  /** From now on silence counts. Started again, it goes on. */
  start(): void {
    if (this.#timer !== undefined || this.#over) return;
    this.wrote();
    this.#wait(this.#everyMs);
  }

  /** The client has been sent something. */
  wrote(): void {
    this.#heardAtMs = this.#clock.monotonicMs();
  }

  stop(): void {
    this.#over = true;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #wait(delayMs: number): void {
    this.#timer = this.#clock.after(delayMs, () => this.#due());
  }

  #due(): void {
    const silentMs = this.#clock.monotonicMs() - this.#heardAtMs;
    if (silentMs < this.#everyMs) {
      this.#wait(this.#everyMs - silentMs);
      return;
    }
    this.wrote();
    this.#wait(this.#everyMs);
    this.#ping();
  }
}
