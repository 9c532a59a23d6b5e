import { createServer, type Server, type Socket } from 'node:net';

/** One request as it arrived, byte for byte. */
export interface SeenRequest {
  readonly head: string;
  readonly body: string;
}

/** What the upstream does with a request: writes to the socket as it likes. */
export type Answerer = (socket: Socket, request: SeenRequest) => void | Promise<void>;

/** A loopback server that says exactly what a test tells it to, down to the byte. */
export class RawUpstream implements AsyncDisposable {
  readonly seen: SeenRequest[] = [];
  /** Connections open now. */
  readonly sockets = new Set<Socket>();
  readonly #server: Server;
  answer: Answerer;

  private constructor(answer: Answerer) {
    this.answer = answer;
    this.#server = createServer({ noDelay: true }, (socket) => this.#serve(socket));
  }

  static async start(answer: Answerer): Promise<RawUpstream> {
    const upstream = new RawUpstream(answer);
    await new Promise<void>((resolve) => upstream.#server.listen(0, '127.0.0.1', resolve));
    return upstream;
  }

  get port(): number {
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the upstream is not listening');
    return address.port;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.port}/v1`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let buffered: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      buffered = Buffer.concat([buffered, chunk]);
      for (;;) {
        const headEnd = buffered.indexOf('\r\n\r\n');
        if (headEnd < 0) return;
        const head = buffered.toString('latin1', 0, headEnd);
        const length = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
        if (buffered.length < headEnd + 4 + length) return;
        const request = { head, body: buffered.toString('utf8', headEnd + 4, headEnd + 4 + length) };
        buffered = buffered.subarray(headEnd + 4 + length);
        this.seen.push(request);
        void this.answer(socket, request);
      }
    });
  }
}

/** An HTTP answer with a known length. */
export function answerBytes(status: number, contentType: string, body: Buffer | string, headers = ''): Buffer {
  const bytes = asBuffer(body);
  return Buffer.concat([
    Buffer.from(
      `HTTP/1.1 ${status} X\r\ncontent-type: ${contentType}\r\ncontent-length: ${bytes.length}\r\n${headers}\r\n`,
    ),
    bytes,
  ]);
}

export const STREAM_HEAD =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n';

/** One HTTP chunk. */
export function httpChunk(bytes: Buffer | string): Buffer {
  const body = asBuffer(bytes);
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')]);
}

export const LAST_CHUNK = '0\r\n\r\n';

function asBuffer(bytes: Buffer | string): Buffer {
  return typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
}
