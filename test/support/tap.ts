import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';

/** One call as it went by. */
export interface Tapped {
  readonly path: string;
  readonly asked: string;
  /** Empty until the answer has ended. */
  readonly answered: string;
}

/** Stands between the gateway and a provider on this machine and remembers what they say to each other, unchanged. */
export class Tap implements AsyncDisposable {
  readonly calls: Tapped[] = [];
  readonly port: number;
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  /** @param target the provider's port */
  static async start(target: number): Promise<Tap> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the tap is not listening');
    const tap = new Tap(server, address.port);
    server.on('request', (req, res) => void tap.#pass(req, res, target).catch((error: Error) => res.destroy(error)));
    return tap;
  }

  async #pass(req: IncomingMessage, res: ServerResponse, port: number): Promise<void> {
    const { method, url: path = '/', headers } = req;
    const asked = await bytesOf(req);
    const upstream = request({ host: '127.0.0.1', port, method, path, headers });
    upstream.end(asked);
    const answer = await new Promise<IncomingMessage>((done, fail) => {
      upstream.once('response', done);
      upstream.once('error', fail);
    });
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    const answered = await bytesOf(answer, (chunk) => res.write(chunk));
    // Remembered before the other side can know that it has ended.
    this.calls.push({ path, asked: asked.toString(), answered: answered.toString() });
    res.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }
}

async function bytesOf(stream: IncomingMessage, onChunk?: (chunk: Buffer) => void): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    onChunk?.(chunk);
  }
  return Buffer.concat(chunks);
}
