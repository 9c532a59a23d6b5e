import { connect, type Socket } from 'node:net';

/** One connection on which a test says exactly the bytes it wants to. */
export class RawClient implements AsyncDisposable {
  readonly socket: Socket;
  /** Everything received so far. */
  received = '';
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.received += chunk.toString('latin1');
    });
    // A reset is one of the ways in which the other side may end it; `closed` tells.
    socket.on('error', () => socket.destroy());
    this.closed = new Promise((done) => socket.once('close', () => done()));
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const client = new RawClient(socket);
    await new Promise<void>((done, refuse) => {
      socket.once('connect', () => done());
      socket.once('error', refuse);
    });
    return client;
  }

  /** Says the bytes and reads until the other side closes. */
  static async ask(port: number, bytes: string | Buffer, withinMs = 5_000): Promise<string> {
    await using client = await RawClient.open(port);
    client.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    await client.untilClosed(withinMs);
    return client.received;
  }

  async until(pattern: RegExp, withinMs = 5_000): Promise<void> {
    const endMs = performance.now() + withinMs;
    while (!pattern.test(this.received)) {
      if (performance.now() > endMs) throw new Error(`${pattern} did not come, but ${this.received.slice(0, 500)}`);
      await new Promise((done) => setTimeout(done, 5));
    }
  }

  async untilClosed(withinMs = 5_000): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, refuse) => {
      timer = setTimeout(() => refuse(new Error(`not closed, after ${this.received.slice(0, 500)}`)), withinMs);
    });
    await Promise.race([this.closed, late]).finally(() => clearTimeout(timer));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }
}

/** A request as text; `connection: close`, so that the answer has an end that can be waited for. */
export function requestText(line: string, headers: Readonly<Record<string, string>>, body = ''): string {
  const all = {
    connection: 'close',
    ...(body === '' ? {} : { 'content-length': Buffer.byteLength(body, 'latin1') }),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${line}\r\n${lines.join('')}\r\n${body}`;
}

export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
}

export function bodyOf(answer: string): string {
  return answer.slice(answer.indexOf('\r\n\r\n') + 4);
}
