import type { ServerResponse } from 'node:http';
import type { ClientSink } from '../../exchange/call.ts';

/** Node writes a head and a text in one piece, a head and a buffer in two; beyond this the copy costs more than it saves. */
const TEXT_BYTES_MAX = 8 * 1024;

/** An exchange's client, on a Node response. Writing to one that is gone does nothing: its `close` has already been heard. */
export class ResponseSink implements ClientSink {
  readonly #res: ServerResponse;

  constructor(res: ServerResponse) {
    this.#res = res;
  }

  head(status: number, headers: readonly string[]): void {
    const res = this.#res;
    if (!res.destroyed && !res.headersSent) res.writeHead(status, headers as string[]);
  }

  write(bytes: Buffer): boolean {
    return this.#res.destroyed || this.#res.write(bytes);
  }

  end(bytes?: Buffer): void {
    const res = this.#res;
    if (res.destroyed) return;
    if (bytes === undefined) res.end();
    // Each byte is one character of Latin-1 and comes out as it went in.
    else if (!res.headersSent || bytes.length > TEXT_BYTES_MAX) res.end(bytes);
    else res.end(bytes.toString('latin1'), 'latin1');
  }

  abort(): void {
    this.#res.destroy();
  }
}
