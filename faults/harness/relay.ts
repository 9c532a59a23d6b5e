import { connect, createServer, type Server, type Socket } from 'node:net';
import { listenOnLoopback } from './listen.ts';

/** A connection reset in the instant of its last write can take those bytes with it. */
const LET_BYTES_LEAVE_MS = 10;

/**
 * A TCP relay in front of the simulator. It hands bytes, FIN and RST on as
 * they come, counts the connections, and can close idle ones: a pooled
 * connection would otherwise stay for a minute and look like a leak.
 */
export class Relay {
  readonly port: number;
  readonly #server: Server;
  readonly #pairs: Map<Socket, Socket>;

  private constructor(server: Server, port: number, pairs: Map<Socket, Socket>) {
    this.#server = server;
    this.port = port;
    this.#pairs = pairs;
  }

  static async start(targetPort: number): Promise<Relay> {
    const pairs = new Map<Socket, Socket>();
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
      const far = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
      pairs.set(near, far);
      near.once('close', () => pairs.delete(near));
      join(near, far);
      join(far, near);
    });
    return new Relay(server, await listenOnLoopback(server), pairs);
  }

  get connections(): number {
    return this.#pairs.size;
  }

  closeAll(): void {
    for (const [near, far] of this.#pairs) {
      near.destroy();
      far.destroy();
    }
  }

  async stop(): Promise<void> {
    this.closeAll();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function join(from: Socket, to: Socket): void {
  from.on('data', (chunk) => {
    if (!to.write(chunk)) from.pause();
  });
  to.on('drain', () => from.resume());
  from.on('end', () => to.end());
  from.on('error', () => {
    setTimeout(() => to.resetAndDestroy(), LET_BYTES_LEAVE_MS);
  });
  from.on('close', () => {
    if (!to.destroyed && !to.writableEnded) to.end();
  });
}
