import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { AnswerSink, SimAnswer } from './playback.ts';
import type { HeaderPairs } from './script.ts';

/**
 * Plays an answer onto a Node response. A head that is sent slowly is written
 * to the socket by hand, and then the framing of the body is ours as well.
 */
export class ResponseSink implements AnswerSink {
  readonly framing: HeaderPairs;
  readonly #response: ServerResponse;
  readonly #answer: SimAnswer;
  readonly #socket: Socket | null;
  readonly #chunked: boolean;
  #byHand = false;
  #wrote = false;
  #full: () => void = () => undefined;
  #drained: () => void = () => undefined;

  constructor(response: ServerResponse, answer: SimAnswer) {
    this.#response = response;
    this.#answer = answer;
    this.#socket = response.socket;
    this.#chunked = !answer.headers.some(([name]) => name === 'content-length');
    this.framing = [['connection', 'close'], ...(this.#chunked ? [['transfer-encoding', 'chunked'] as const] : [])];
  }

  /** `full` is called when the peer does not keep up, `drained` when it does again. */
  onFull(full: () => void, drained: () => void): void {
    this.#full = full;
    this.#drained = drained;
    this.#response.on('drain', drained);
  }

  head(): void {
    this.#response.writeHead(this.#answer.status, this.#answer.headers.flat());
    // The first bytes usually follow at once and take the head along in their write.
    process.nextTick(() => {
      if (!this.#wrote && !this.#response.destroyed && !this.#response.writableEnded) this.#response.flushHeaders();
    });
  }

  headPart(bytes: Buffer): void {
    if (!this.#byHand) this.#socket?.on('drain', this.#drained);
    this.#byHand = true;
    this.#write(bytes);
  }

  data(bytes: Buffer): void {
    this.#wrote = true;
    if (!this.#byHand) {
      if (!this.#response.write(bytes)) this.#full();
    } else if (this.#chunked) {
      this.#write(Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]));
    } else {
      this.#write(bytes);
    }
  }

  end(): void {
    if (!this.#byHand) {
      this.#response.end();
      return;
    }
    if (this.#chunked) this.#write(Buffer.from('0\r\n\r\n'));
    this.#socket?.destroySoon();
  }

  /** FIN, and nothing of HTTP's own end. */
  cut(): void {
    this.#socket?.destroySoon();
  }

  reset(): void {
    this.#socket?.resetAndDestroy();
  }

  #write(bytes: Buffer): void {
    if (this.#socket !== null && !this.#socket.write(bytes)) this.#full();
  }
}
