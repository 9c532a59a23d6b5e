import { connect, type Socket } from 'node:net';
import type { ExpectedBody } from './wire.ts';

const HEAD_END = Buffer.from('\r\n\r\n');

/** How one call went: `undefined` when every byte of the answer was as it should be. */
export type OnAnswer = (wrong: string | undefined) => void;

/**
 * One kept-alive connection that has one call at a time and compares each
 * answer's body, byte for byte.
 */
export class AnswerConnection {
  readonly #socket: Socket;
  readonly #expected: ExpectedBody;
  #onAnswer: OnAnswer | undefined;
  #held: Buffer | undefined;

  constructor(port: number, expected: ExpectedBody) {
    this.#expected = expected;
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (data: Buffer) => this.#take(data));
    this.#socket.on('error', (error) => this.#answered(`connection: ${error.message}`));
    this.#socket.on('close', () => this.#answered('the connection was closed instead of an answer'));
  }

  get usable(): boolean {
    return !this.#socket.destroyed;
  }

  send(request: Buffer, onAnswer: OnAnswer): void {
    this.#onAnswer = onAnswer;
    this.#socket.write(request);
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(data: Buffer): void {
    const bytes = this.#held === undefined ? data : Buffer.concat([this.#held, data]);
    const headEnd = bytes.indexOf(HEAD_END);
    const bodyStart = headEnd + HEAD_END.length;
    const head = headEnd < 0 ? '' : bytes.toString('latin1', 0, headEnd);
    const length = /content-length: *(\d+)/i.exec(head)?.[1];
    const whole =
      headEnd >= 0 &&
      (length === undefined ? isWholeChunked(bytes, bodyStart) : bytes.length - bodyStart >= Number(length));
    if (!whole) {
      this.#held = bytes;
      return;
    }
    this.#held = undefined;
    if (head.startsWith('HTTP/1.1 200')) this.#answered(this.#difference(bytes, bodyStart, length === undefined));
    else this.#answered(`answer: ${bytes.toString('latin1', 0, 400)}`);
  }

  #difference(bytes: Buffer, start: number, chunked: boolean): string | undefined {
    const body = chunked ? unchunked(bytes.subarray(start)) : bytes.subarray(start);
    return this.#expected.equals(body) ? undefined : `a byte difference in the body: ${body.toString().slice(0, 200)}`;
  }

  #answered(wrong: string | undefined): void {
    const onAnswer = this.#onAnswer;
    this.#onAnswer = undefined;
    onAnswer?.(wrong);
  }
}

function isWholeChunked(bytes: Buffer, start: number): boolean {
  return bytes.length - start >= 5 && bytes.toString('latin1', bytes.length - 5) === '0\r\n\r\n';
}

function unchunked(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (lineEnd < 0 || !(size > 0)) return Buffer.concat(parts);
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
}
