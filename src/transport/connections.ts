import type { Dispatcher } from 'undici';

/**
 * The connections to one provider, which can be left behind for new ones.
 *
 * Over HTTP/1.1 a request that is given up takes its socket along. Over HTTP/2
 * it only takes its stream: a session that died without a word (a cable, a NAT,
 * a hung peer) would time out every request after it. So when a request is given
 * up and nothing at all has come since it last heard something itself, the
 * session is not trusted any more: what still runs on it may end there, and what
 * comes next gets a new one.
 */
export class Connections {
  readonly #make: () => Dispatcher;
  readonly #multiplexed: boolean;
  readonly #retired = new Set<Dispatcher>();
  #current: Dispatcher;
  #heard = 0;

  constructor(make: () => Dispatcher, multiplexed: boolean) {
    this.#make = make;
    this.#multiplexed = multiplexed;
    this.#current = make();
  }

  get current(): Dispatcher {
    return this.#current;
  }

  /** Something came. @returns a mark for `givenUp` */
  heard(): number {
    return ++this.#heard;
  }

  /** The mark of the last thing that came. */
  get mark(): number {
    return this.#heard;
  }

  /** A request on `used` was given up which had last heard something at `mark`. */
  givenUp(used: Dispatcher, mark: number): void {
    if (!this.#multiplexed || used !== this.#current || mark !== this.#heard) return;
    this.#current = this.#make();
    this.#retired.add(used);
    const gone = () => this.#retired.delete(used);
    used.close().then(gone, gone);
  }

  /** Frees every socket, at once. */
  async destroy(): Promise<void> {
    await Promise.all([this.#current, ...this.#retired].map((dispatcher) => dispatcher.destroy()));
  }
}
