/** One HTTP answer, as far as its bytes have come. */
export interface RawAnswer {
  readonly status: number;
  /** Lower-case names; repeated headers joined by ", ". */
  readonly headers: ReadonlyMap<string, string>;
  readonly headText: string;
  readonly body: Buffer;
  /** Whether HTTP says that the body is whole. */
  readonly complete: boolean;
}

type State = 'head' | 'length' | 'chunk-size' | 'chunk-data' | 'trailer' | 'until-close' | 'over';

/**
 * Reads HTTP/1.1 answers from bytes as they come, and nothing else: no
 * forgiveness, so that what the gateway writes wrongly shows.
 */
export class AnswerParser {
  #state: State = 'head';
  #rest: Buffer = Buffer.alloc(0);
  #parts: Buffer[] = [];
  #leftBytes = 0;
  #status = 0;
  #headText = '';
  #headers = new Map<string, string>();

  get complete(): boolean {
    return this.#state === 'over';
  }

  get headSeen(): boolean {
    return this.#state !== 'head';
  }

  /** What has come so far; the body's bytes are joined each time, so ask when it matters. */
  get answer(): RawAnswer {
    return {
      status: this.#status,
      headers: this.#headers,
      headText: this.#headText,
      body: Buffer.concat(this.#parts),
      complete: this.complete,
    };
  }

  /** Takes bytes up to the end of one answer and returns those that follow it. */
  push(chunk: Buffer): Buffer {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (this.#state !== 'over' && this.#step());
    if (this.#state !== 'over') return Buffer.alloc(0);
    const after = this.#rest;
    this.#rest = Buffer.alloc(0);
    return after;
  }

  /** The connection was closed: a body without a length is whole now. */
  closed(): void {
    if (this.#state === 'until-close') this.#state = 'over';
  }

  /** @returns whether another step may be possible */
  #step(): boolean {
    switch (this.#state) {
      case 'head':
        return this.#readHead();
      case 'chunk-size':
        return this.#readChunkSize();
      case 'trailer': {
        const line = this.#line();
        if (line === '') this.#state = 'over';
        return line !== undefined;
      }
      default:
        return this.#readBytes();
    }
  }

  #readHead(): boolean {
    const end = this.#rest.indexOf('\r\n\r\n');
    if (end < 0) return false;
    this.#headText = this.#rest.toString('latin1', 0, end);
    this.#rest = this.#rest.subarray(end + 4);
    const [first = '', ...lines] = this.#headText.split('\r\n');
    this.#status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1] ?? Number.NaN);
    if (Number.isNaN(this.#status)) throw new Error(`not an HTTP answer: ${first.slice(0, 80)}`);
    for (const line of lines) {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).toLowerCase();
      const value = line.slice(colon + 1).trim();
      const earlier = this.#headers.get(name);
      this.#headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
    }
    this.#chooseFraming();
    return true;
  }

  #chooseFraming(): void {
    const length = this.#headers.get('content-length');
    if (this.#headers.get('transfer-encoding') === 'chunked') this.#state = 'chunk-size';
    else if (length === undefined) this.#state = 'until-close';
    else {
      this.#leftBytes = Number(length);
      this.#state = this.#leftBytes === 0 ? 'over' : 'length';
    }
  }

  #readChunkSize(): boolean {
    const line = this.#line();
    if (line === undefined) return false;
    if (!/^[0-9a-f]+$/i.test(line)) throw new Error(`not a chunk size: ${line.slice(0, 80)}`);
    const bytes = Number.parseInt(line, 16);
    this.#state = bytes === 0 ? 'trailer' : 'chunk-data';
    this.#leftBytes = bytes;
    return true;
  }

  #readBytes(): boolean {
    if (this.#rest.length === 0) return false;
    const take = this.#state === 'until-close' ? this.#rest.length : Math.min(this.#rest.length, this.#leftBytes);
    if (this.#state === 'chunk-data' && this.#rest.length < this.#leftBytes + 2 && take === this.#leftBytes)
      return false;
    this.#parts.push(this.#rest.subarray(0, take));
    this.#rest = this.#rest.subarray(take);
    this.#leftBytes -= take;
    if (this.#state === 'until-close' || this.#leftBytes > 0) return true;
    if (this.#state === 'length') this.#state = 'over';
    else {
      this.#rest = this.#rest.subarray(2);
      this.#state = 'chunk-size';
    }
    return true;
  }

  #line(): string | undefined {
    const end = this.#rest.indexOf('\r\n');
    if (end < 0) return undefined;
    const line = this.#rest.toString('latin1', 0, end);
    this.#rest = this.#rest.subarray(end + 2);
    return line;
  }
}
