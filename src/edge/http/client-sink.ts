import type { ServerResponse } from 'node:http';
import type { ClientSink } from '../../exchange/call.ts';

/** Node writes a head and a text in one piece, a head and a buffer in two; beyond this the copy costs more than it saves. */
const TEXT_BYTES_MAX = 8 * 1024;
const CRLF = Buffer.from('\r\n');
const LAST_CHUNK = '0\r\n\r\n';

/**
 * An exchange's client, on a Node response. Writing to one that is gone does nothing: its `close` has already been heard.
 *
 * What has no length beforehand goes out in chunks that are framed here: Node
 * writes a chunk as four pieces, and a stream is many small ones (measured:
 * 9.2 µs instead of 10.4 for a frame of 250 bytes, most of them the kernel's).
 */
export class ResponseSink implements ClientSink {
  readonly #res: ServerResponse;
  #chunked = false;

  constructor(res: ServerResponse) {
    this.#res = res;
  }

  head(status: number, headers: readonly string[]): void {
    const res = this.#res;
    if (res.destroyed || res.headersSent) return;
    res.writeHead(status, headers as string[]);
    // Node has decided by now, by the client's version of HTTP and by the headers; its own framing would come on top.
    this.#chunked = res.chunkedEncoding;
    res.chunkedEncoding = false;
  }

  write(bytes: Buffer): boolean {
    return this.#res.destroyed || this.#send(bytes);
  }

  end(bytes?: Buffer): void {
    const res = this.#res;
    if (res.destroyed) return;
    if (this.#chunked) {
      if (bytes !== undefined) this.#send(bytes);
      res.end(LAST_CHUNK, 'latin1');
    } else if (bytes === undefined) res.end();
    // Each byte is one character of Latin-1 and comes out as it went in.
    else if (!res.headersSent || bytes.length > TEXT_BYTES_MAX) res.end(bytes);
    else res.end(bytes.toString('latin1'), 'latin1');
  }

  abort(): void {
    this.#res.destroy();
  }

  /** @returns false when the client has to read before more is written */
  #send(bytes: Buffer): boolean {
    const res = this.#res;
    if (!this.#chunked || bytes.length === 0) return res.write(bytes);
    if (bytes.length <= TEXT_BYTES_MAX) return res.write(chunkOf(bytes));
    res.write(`${bytes.length.toString(16)}\r\n`, 'latin1');
    res.write(bytes);
    return res.write(CRLF);
  }
}

function chunkOf(bytes: Buffer): Buffer {
  const size = bytes.length.toString(16);
  const begin = size.length + CRLF.length;
  const chunk = Buffer.allocUnsafe(begin + bytes.length + CRLF.length);
  chunk.write(`${size}\r\n`, 'latin1');
  bytes.copy(chunk, begin);
  CRLF.copy(chunk, begin + bytes.length);
  return chunk;
}
