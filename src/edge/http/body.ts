import { type FileHandle, open, unlink } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GatewayError } from '../../kernel/errors.ts';

export interface BodyLimits {
  /** A larger body is refused with 413 before it is all read. */
  readonly bodyBytesMax: number;
  /** All request bodies in memory together. */
  readonly inFlightBytesMax: number;
  /** A body beyond this goes to a file while it arrives, so that slow large uploads hold no memory. */
  readonly memoryBytesMax: number;
}

/** A request body that has arrived. */
export interface BodyHandle extends AsyncDisposable {
  readonly byteLength: number;
  /** The whole body; counted against the in-flight budget until the handle is disposed. */
  bytes(): Promise<Buffer>;
}

export interface BodySource {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

/** Receives request bodies within a limit per call and a budget over all of them. */
export class BodyReceiver {
  readonly #limits: BodyLimits;
  #inFlightBytes = 0;
  #filesMade = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  get bodyBytesMax(): number {
    return this.#limits.bodyBytesMax;
  }

  get inFlightBytes(): number {
    return this.#inFlightBytes;
  }

  /**
   * @throws `payload_too_large`, `overloaded` when the budget is spent, `client_closed`
   */
  receive(exchange: BodySource): Promise<BodyHandle> {
    return new Promise((resolve, reject) => {
      this.read(
        exchange,
        (bytes, release) =>
          resolve({
            byteLength: bytes.length,
            bytes: async () => bytes,
            [Symbol.asyncDispose]: async () => release(),
          }),
        reject,
      );
    });
  }

  /**
   * Calls `take` with the whole body, which counts against the budget until
   * `release` is called; or `fail`, with what `receive` throws. One of the two
   * is called, once. Without promises, because the usual small body is there in
   * one piece and each of them costs more than looking at it.
   */
  read({ req, res }: BodySource, take: (bytes: Buffer, release: () => void) => void, fail: (error: unknown) => void) {
    const declared = Number(req.headers['content-length'] ?? Number.NaN);
    if (declared > this.#limits.bodyBytesMax) {
      fail(this.#tooLarge());
      return;
    }
    if (expectsContinue(req)) res.writeContinue();
    if (declared > this.#limits.memoryBytesMax)
      this.#readFile(req).then(({ bytes, release }) => take(bytes, release), fail);
    else this.#readMemory(req, take, fail);
  }

  #readMemory(
    req: IncomingMessage,
    take: (bytes: Buffer, release: () => void) => void,
    fail: (error: unknown) => void,
  ) {
    const reserved = new Reservation(this);
    const chunks: Buffer[] = [];
    let over = false;
    const stop = (error: unknown) => {
      if (over) return;
      over = true;
      req.off('data', onData);
      reserved.release();
      fail(error);
    };
    const onData = (chunk: Buffer) => {
      if (reserved.bytes + chunk.length > this.#limits.bodyBytesMax) {
        stop(this.#tooLarge());
        return;
      }
      try {
        reserved.add(chunk.length);
      } catch (error) {
        stop(error);
        return;
      }
      chunks.push(chunk);
    };
    req.on('data', onData);
    req.on('end', () => {
      if (over) return;
      over = true;
      const [only] = chunks;
      take(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks), () => reserved.release());
    });
    req.on('error', (error) => stop(clientClosed(error)));
    req.on('close', () => {
      if (!req.complete) stop(clientClosed());
    });
  }

  async #readFile(req: IncomingMessage): Promise<{ bytes: Buffer; release: () => void }> {
    const path = join(tmpdir(), `leeward-body-${process.pid}-${this.#filesMade++}`);
    await using file = await open(path, 'wx+', 0o600);
    // Unlinked at once: whatever happens to this process, no prompt stays behind on the disk.
    await unlink(path);
    const byteLength = await this.#fill(file, req);
    const reserved = new Reservation(this);
    reserved.add(byteLength);
    const bytes = Buffer.allocUnsafe(byteLength);
    await file.read(bytes, 0, byteLength, 0);
    return { bytes, release: () => reserved.release() };
  }

  async #fill(file: FileHandle, req: IncomingMessage): Promise<number> {
    let byteLength = 0;
    try {
      for await (const chunk of req) {
        byteLength += chunk.length;
        if (byteLength > this.#limits.bodyBytesMax) throw this.#tooLarge();
        await file.write(chunk);
      }
    } catch (error) {
      throw req.errored === null ? error : clientClosed(error);
    }
    if (!req.complete) throw clientClosed();
    return byteLength;
  }

  /** @throws `overloaded` */
  take(bytes: number): void {
    if (this.#inFlightBytes + bytes > this.#limits.inFlightBytesMax) {
      throw new GatewayError('overloaded', {
        message: 'The gateway holds as many request bytes as it may. Try again in a moment.',
        retryAfterMs: 1_000,
      });
    }
    this.#inFlightBytes += bytes;
  }

  giveBack(bytes: number): void {
    this.#inFlightBytes -= bytes;
  }

  #tooLarge(): GatewayError {
    return new GatewayError('payload_too_large', {
      message: `The request body is larger than the ${this.#limits.bodyBytesMax} bytes this gateway accepts (server.body_bytes_max).`,
    });
  }
}

class Reservation {
  readonly #receiver: BodyReceiver;
  bytes = 0;

  constructor(receiver: BodyReceiver) {
    this.#receiver = receiver;
  }

  add(bytes: number): void {
    this.#receiver.take(bytes);
    this.bytes += bytes;
  }

  release(): void {
    this.#receiver.giveBack(this.bytes);
    this.bytes = 0;
  }
}

function clientClosed(cause?: unknown): GatewayError {
  return new GatewayError('client_closed', {
    message: 'The client closed the connection before its request was whole.',
    cause,
  });
}

/** Whether the client waits for our word before it sends its body. */
export function expectsContinue(req: IncomingMessage): boolean {
  return req.headers.expect?.toLowerCase() === '100-continue';
}
