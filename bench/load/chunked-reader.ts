const CR = 0x0d;
const LF = 0x0a;

/** Takes the payload out of HTTP/1.1 chunks, however they are cut. */
export class ChunkedReader {
  readonly #take: (payload: Buffer) => void;
  #left = 0;
  #size = 0;
  #phase: 'size' | 'extension' | 'payload' | 'end' | 'over' = 'size';

  constructor(take: (payload: Buffer) => void) {
    this.#take = take;
  }

  /** Whether the last chunk has come. */
  get over(): boolean {
    return this.#phase === 'over';
  }

  push(bytes: Buffer): void {
    for (let at = 0; at < bytes.length && this.#phase !== 'over'; ) {
      if (this.#phase === 'payload') {
        const end = Math.min(bytes.length, at + this.#left);
        this.#take(bytes.subarray(at, end));
        this.#left -= end - at;
        at = end;
        if (this.#left === 0) this.#phase = 'end';
      } else {
        this.#read(bytes[at++] ?? 0);
      }
    }
  }

  #read(byte: number): void {
    if (byte === LF) {
      if (this.#phase === 'end') this.#phase = 'size';
      else this.#beginPayload();
    } else if (byte === CR || this.#phase !== 'size') {
      return;
    } else if (byte === 0x3b) {
      this.#phase = 'extension';
    } else {
      this.#size = this.#size * 16 + Number.parseInt(String.fromCharCode(byte), 16);
    }
  }

  #beginPayload(): void {
    this.#left = this.#size;
    this.#phase = this.#size === 0 ? 'over' : 'payload';
    this.#size = 0;
  }
}
