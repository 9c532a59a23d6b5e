import type { ClientSink } from '../exchange/call.ts';

const COLON = 0x3a;
const DONE = Buffer.from('data: [DONE]');

export interface SinkListener {
  accuse(what: string): void;
  /** The first content has come. */
  onFirstByte(): void;
  /** @returns false where the client reads too slowly: `clientReady` follows */
  onBytes(): boolean;
  onEnd(): void;
}

/** The client's end of one call: it takes what comes and holds it against what HTTP allows. */
export class SimulatedSink implements ClientSink {
  status = 0;
  headers: readonly string[] = [];
  /** A stream was told that it is complete. */
  complete = false;
  cut = false;
  /** It has hung up: whatever is written now goes nowhere. */
  gone = false;
  readonly #listener: SinkListener;
  #ended = false;
  #spoke = false;

  constructor(listener: SinkListener) {
    this.#listener = listener;
  }

  get ended(): boolean {
    return this.#ended;
  }

  header(name: string): string | undefined {
    const at = this.headers.indexOf(name);
    return at < 0 ? undefined : this.headers[at + 1];
  }

  head(status: number, headers: readonly string[]): void {
    if (this.status !== 0) this.#listener.accuse('the client got a second head');
    if (this.#ended) this.#listener.accuse('the client got a head after the end');
    this.status = status;
    this.headers = headers;
  }

  write(bytes: Buffer): boolean {
    if (this.#ended) this.#listener.accuse('the client got bytes after the end');
    if (this.status === 0) this.#listener.accuse('the client got bytes before the head');
    this.#see(bytes);
    // A client that has left takes everything, as a closed socket does.
    return this.gone || this.#listener.onBytes();
  }

  end(bytes?: Buffer): void {
    if (this.#ended) {
      this.#listener.accuse('the client got a second end');
      return;
    }
    if (this.status === 0) this.#listener.accuse('the client got an end without a head');
    if (bytes !== undefined) this.#see(bytes);
    this.#ended = true;
    this.#listener.onEnd();
  }

  abort(): void {
    if (this.#ended) {
      this.#listener.accuse('the client was cut off after the end');
      return;
    }
    this.cut = true;
    this.#ended = true;
    this.#listener.onEnd();
  }

  #see(bytes: Buffer): void {
    if (bytes.length === 0 || bytes[0] === COLON) return;
    if (!this.#spoke && this.status === 200) {
      this.#spoke = true;
      this.#listener.onFirstByte();
    }
    if (bytes.includes(DONE)) this.complete = true;
  }
}
