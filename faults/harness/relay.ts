import { connect, createServer, type Server, type Socket } from 'node:net';
import { listenOnLoopback } from './listen.ts';
import { pause } from './waiting.ts';

/** A connection reset in the instant of its last write can take those bytes with it. */
const LET_BYTES_LEAVE_MS = 30;
/** How often a connection of bounded speed gets its next share. */
const SHARE_MS = 50;

/** What a bad network does to the bytes that come from the provider, on connections that begin from now on. */
export interface Toxic {
  /** Each piece comes this much later. */
  readonly latencyMs?: number;
  /** Each piece is cut into pieces of this size, which travel one by one. */
  readonly sliceBytes?: number;
  readonly bytesPerSecond?: number;
  /** After so many bytes the connection ends. */
  readonly limit?: { readonly bytes: number; readonly by: 'FIN' | 'RST' };
  /** The provider's FIN comes so much later than its last byte. */
  readonly closeMs?: number;
}

/**
 * A TCP relay in front of a provider. It hands bytes, FIN and RST on as they
 * come, counts the connections, and can close idle ones: a pooled connection
 * would otherwise stay for a minute and look like a leak. A `toxic` makes the
 * way back a bad one; `freeze` lets no more bytes through and closes nothing,
 * as when a cable is pulled: the portable form of a half-open connection.
 */
export class Relay {
  readonly port: number;
  toxic: Toxic | undefined;
  readonly #server: Server;
  readonly #pairs = new Map<Socket, Lane[]>();
  #made = 0;

  private constructor(server: Server, port: number, targetPort: number) {
    this.#server = server;
    this.port = port;
    server.on('connection', (near) => this.#join(near, targetPort));
  }

  static async start(targetPort: number): Promise<Relay> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    return new Relay(server, await listenOnLoopback(server), targetPort);
  }

  get connections(): number {
    return this.#pairs.size;
  }

  /** Connections accepted so far. */
  get made(): number {
    return this.#made;
  }

  /** From now on no byte passes the connections that are there; new ones are whole. */
  freeze(): void {
    for (const lanes of this.#pairs.values()) for (const lane of lanes) lane.freeze();
  }

  /** Ends every connection and forgets the toxic. */
  closeAll(): void {
    this.toxic = undefined;
    for (const lanes of this.#pairs.values()) for (const lane of lanes) lane.destroy();
  }

  async stop(): Promise<void> {
    this.closeAll();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(near: Socket, targetPort: number): void {
    this.#made++;
    const far = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    this.#pairs.set(near, [new Lane(near, far, undefined), new Lane(far, near, this.toxic)]);
    near.once('close', () => this.#pairs.delete(near));
  }
}

/** One direction of a connection. */
class Lane {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #toxic: Toxic | undefined;
  #passed = 0;
  #frozen = false;
  /** What is still on its way, in order. */
  #last: Promise<void> = Promise.resolve();

  constructor(from: Socket, to: Socket, toxic: Toxic | undefined) {
    this.#from = from;
    this.#to = to;
    this.#toxic = toxic;
    from.on('data', (bytes: Buffer) => this.#take(bytes));
    to.on('drain', () => {
      if (!this.#frozen) from.resume();
    });
    from.on('end', () => this.#end());
    from.on('error', () => {
      setTimeout(() => to.resetAndDestroy(), LET_BYTES_LEAVE_MS);
    });
    from.on('close', () => {
      if (!this.#frozen && !to.destroyed && !to.writableEnded) this.#end();
    });
  }

  freeze(): void {
    this.#frozen = true;
    this.#from.pause();
  }

  destroy(): void {
    this.#from.destroy();
  }

  #take(bytes: Buffer): void {
    if (this.#frozen) return;
    const toxic = this.#toxic;
    if (toxic === undefined) {
      if (!this.#to.write(bytes)) this.#from.pause();
      return;
    }
    this.#from.pause();
    this.#last = this.#deliver(bytes, toxic).then(() => {
      if (!this.#frozen) this.#from.resume();
    });
  }

  async #deliver(bytes: Buffer, toxic: Toxic): Promise<void> {
    if (toxic.latencyMs !== undefined) await pause(toxic.latencyMs);
    const { bytesPerSecond } = toxic;
    const share = bytesPerSecond === undefined ? bytes.length : Math.ceil((bytesPerSecond * SHARE_MS) / 1_000);
    const size = Math.max(1, toxic.sliceBytes ?? share);
    for (let at = 0; at < bytes.length; at += size) {
      const piece = bytes.subarray(at, at + size);
      const left = (toxic.limit?.bytes ?? Number.POSITIVE_INFINITY) - this.#passed;
      if (!this.#frozen) this.#to.write(piece.subarray(0, left));
      this.#passed += piece.length;
      if (piece.length >= left) return this.#cut(toxic.limit?.by);
      await pause(bytesPerSecond === undefined ? 0 : SHARE_MS);
    }
  }

  #cut(by: 'FIN' | 'RST' | undefined): void {
    this.#from.destroy();
    if (by === 'FIN') this.#to.end();
    else setTimeout(() => this.#to.resetAndDestroy(), LET_BYTES_LEAVE_MS);
  }

  #end(): void {
    void this.#last.then(async () => {
      if (this.#toxic?.closeMs !== undefined) await pause(this.#toxic.closeMs);
      this.#to.end();
    });
  }
}
