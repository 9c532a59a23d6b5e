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

/** A request body that has arrived: in memory, or in an unlinked file that `bytes` reads back. */
export interface BodyHandle extends AsyncDisposable {
  readonly kind: 'memory' | 'file';
  readonly byteLength: number;
  /** The whole body; counted against the in-flight budget until the handle is disposed. */
  bytes(): Promise<Buffer>;
}

/** Receives request bodies within a limit per call and a budget over all of them. */
export class BodyReceiver {
  readonly #limits: BodyLimits;
  #inFlightBytes = 0;
  #filesMade = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  get inFlightBytes(): number {
    return this.#inFlightBytes;
  }

  /**
   * @throws `payload_too_large`, `overloaded` when the budget is spent, `client_closed`
   */
  async receive({ req, res }: { readonly req: IncomingMessage; readonly res: ServerResponse }): Promise<BodyHandle> {
    const declared = Number(req.headers['content-length'] ?? Number.NaN);
    if (declared > this.#limits.bodyBytesMax) throw this.#tooLarge();
    if (expectsContinue(req)) res.writeContinue();
    return declared > this.#limits.memoryBytesMax ? this.#receiveFile(req) : this.#receiveMemory(req);
  }

  async #receiveMemory(req: IncomingMessage): Promise<BodyHandle> {
    const reserved = new Reservation(this);
    try {
      const chunks: Buffer[] = [];
      await eachChunk(req, (chunk) => {
        if (reserved.bytes + chunk.length > this.#limits.bodyBytesMax) throw this.#tooLarge();
        reserved.add(chunk.length);
        chunks.push(chunk);
      });
      const [only] = chunks;
      const bytes = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
      return {
        kind: 'memory',
        byteLength: bytes.length,
        bytes: async () => bytes,
        [Symbol.asyncDispose]: async () => reserved.release(),
      };
    } catch (error) {
      reserved.release();
      throw error;
    }
  }

  async #receiveFile(req: IncomingMessage): Promise<BodyHandle> {
    const path = join(tmpdir(), `leeward-body-${process.pid}-${this.#filesMade++}`);
    const file = await open(path, 'wx+', 0o600);
    // Unlinked at once: whatever happens to this process, no prompt stays behind on the disk.
    await unlink(path);
    try {
      let byteLength = 0;
      for await (const chunk of req) {
        byteLength += chunk.length;
        if (byteLength > this.#limits.bodyBytesMax) throw this.#tooLarge();
        await file.write(chunk);
      }
      if (!req.complete) throw clientClosed();
      return this.#fileHandle(file, byteLength);
    } catch (error) {
      await file.close();
      throw req.errored === null ? error : clientClosed(error);
    }
  }

  #fileHandle(file: FileHandle, byteLength: number): BodyHandle {
    const reserved = new Reservation(this);
    return {
      kind: 'file',
      byteLength,
      bytes: async () => {
        reserved.add(byteLength);
        const bytes = Buffer.allocUnsafe(byteLength);
        await file.read(bytes, 0, byteLength, 0);
        return bytes;
      },
      [Symbol.asyncDispose]: async () => {
        reserved.release();
        await file.close();
      },
    };
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

/** Plain events: an async iterator over a request costs more than the whole rest of a small call. */
function eachChunk(req: IncomingMessage, take: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (error: unknown) => {
      req.off('data', onData);
      reject(error);
    };
    const onData = (chunk: Buffer) => {
      try {
        take(chunk);
      } catch (error) {
        stop(error);
      }
    };
    req.on('data', onData);
    req.once('end', resolve);
    req.once('error', (error) => stop(clientClosed(error)));
    req.once('close', () => {
      if (!req.complete) stop(clientClosed());
    });
  });
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
