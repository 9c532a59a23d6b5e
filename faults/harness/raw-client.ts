import { connect, type Socket } from 'node:net';
import { AnswerParser, type RawAnswer } from './answer-parser.ts';

/** How the client's wait for an answer ended. */
export type AnswerEnd = 'complete' | 'closed' | 'reset' | 'timeout';

export interface ReadAnswer extends RawAnswer {
  readonly end: AnswerEnd;
  /** From the call of `answer` to its end. */
  readonly tookMs: number;
}

const ANSWER_MS = 15_000;

/** A client on a bare socket: it sends whatever it is told and sees every byte that comes back. */
export class RawClient {
  readonly socket: Socket;
  #parser = new AnswerParser();
  #after = Buffer.alloc(0);
  #closed: 'closed' | 'reset' | undefined;
  #broken: Error | undefined;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#closed ??= error.code === 'EPIPE' ? 'closed' : 'reset';
      this.#wake();
    });
    const onClose = () => {
      this.#closed ??= 'closed';
      this.#parser.closed();
      this.#wake();
    };
    socket.on('end', onClose);
    socket.on('close', onClose);
  }

  /** `allowHalfOpen` lets a test close its own side and still read. */
  static async open(port: number): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new RawClient(socket);
  }

  /** True once nothing more can come: the gateway has closed its side. */
  get closed(): boolean {
    return this.#closed !== undefined;
  }

  send(bytes: Buffer | string): void {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  /** The next answer on this connection, as far as it came. */
  async answer(withinMs = ANSWER_MS): Promise<ReadAnswer> {
    const startedMs = performance.now();
    await this.#until(() => this.#parser.complete || this.#closed !== undefined, withinMs);
    const { answer, complete } = this.#parser;
    const end = complete ? 'complete' : (this.#closed ?? 'timeout');
    if (complete) {
      const after = this.#after;
      this.#parser = new AnswerParser();
      this.#after = Buffer.alloc(0);
      this.#take(after);
    }
    return { ...answer, end, tookMs: performance.now() - startedMs };
  }

  /** What the answer under way looks like now. */
  get soFar(): RawAnswer {
    return this.#parser.answer;
  }

  /** Waits until the answer under way fits; false when it did not in time. */
  seen(fits: (answer: RawAnswer) => boolean, withinMs = ANSWER_MS): Promise<boolean> {
    return this.#until(() => fits(this.soFar), withinMs);
  }

  waitClosed(withinMs: number): Promise<boolean> {
    return this.#until(() => this.#closed !== undefined, withinMs);
  }

  /** RST, as when a process dies or a network gives up. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  close(): void {
    this.socket.destroy();
  }

  #take(chunk: Buffer): void {
    try {
      const after = this.#parser.push(chunk);
      if (after.length > 0) this.#after = Buffer.concat([this.#after, after]);
    } catch (error) {
      this.#broken = error instanceof Error ? error : new Error(String(error));
    }
    this.#wake();
  }

  async #until(holds: () => boolean, withinMs: number): Promise<boolean> {
    const endMs = performance.now() + withinMs;
    for (;;) {
      if (this.#broken !== undefined) throw this.#broken;
      if (holds()) return true;
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) return false;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

/** A request with its body and headers, ready for a socket. */
export function requestBytes(facts: {
  readonly path?: string;
  readonly method?: string;
  readonly key: string;
  readonly body: string | Buffer;
  readonly headers?: readonly string[];
}): Buffer {
  const body = Buffer.from(facts.body);
  const head = [
    `${facts.method ?? 'POST'} ${facts.path ?? '/v1/chat/completions'} HTTP/1.1`,
    'host: 127.0.0.1',
    `authorization: Bearer ${facts.key}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
    ...(facts.headers ?? []),
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}
