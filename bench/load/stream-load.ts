import { connect, type Socket } from 'node:net';
import { pause } from '../harness/processes.ts';
import { Samples } from '../harness/samples.ts';
import { ChunkedReader } from './chunked-reader.ts';
import { FrameChecker } from './frame-checker.ts';
import { CHAT_STREAM, type StreamForm, type StreamTalk } from './stream-form.ts';
import { type Address, monotonicNs, requestBytes, type StreamOrder } from './wire.ts';

const HEAD_END = Buffer.from('\r\n\r\n');
const OPEN_MS = 20_000;
const POLL_MS = 20;
const WRONG_KEPT = 3;

export interface StreamLoadOptions {
  readonly address: Address;
  readonly streams: number;
  /** They are opened evenly over this long. */
  readonly rampMs: number;
  readonly order: StreamOrder;
  /** Absent: Chat Completions, passed on unchanged. */
  readonly talk?: StreamTalk;
}

/** Many streams at once, each checked byte for byte. Frames count and have a latency while `measuring`. */
export class StreamLoad {
  readonly frameUs = new Samples();
  readonly firstFrameUs = new Samples();
  readonly #options: StreamLoadOptions;
  readonly #talk: StreamTalk;
  readonly #request: Buffer;
  readonly #streams: OpenStream[] = [];
  #frames = 0;
  #measuring = false;
  #nowNs = 0;

  constructor(options: StreamLoadOptions) {
    this.#options = options;
    this.#talk = options.talk ?? CHAT_STREAM;
    this.#request = requestBytes(options.address, this.#talk.body(options.address.model, options.order));
  }

  /** Opens every stream. @throws when one has no first frame within {@link OPEN_MS} */
  async open(): Promise<void> {
    const { streams, rampMs } = this.#options;
    const begunMs = performance.now();
    while (this.#streams.length < streams) {
      const due = Math.min(streams, Math.ceil(((performance.now() - begunMs + 1) / rampMs) * streams));
      while (this.#streams.length < due) this.#streams.push(this.#openOne());
      await pause(1);
    }
    await this.#until(
      OPEN_MS,
      'has no first frame',
      (stream) => stream.checker.frames > 0 || stream.broken !== undefined,
    );
  }

  begin(): void {
    this.#measuring = true;
  }

  /** @returns the frames that came since `begin` */
  end(): number {
    this.#measuring = false;
    return this.#frames;
  }

  /** Waits until every stream has ended, and closes the connections. @returns what was wrong with them */
  async finish(withinMs: number): Promise<{ readonly wrong: readonly string[]; readonly wrongCount: number }> {
    await this.#until(withinMs, 'does not end', (stream) => stream.over || stream.broken !== undefined);
    const wrong = this.#streams
      .map((stream) => stream.broken ?? stream.checker.verdict)
      .filter((one) => one !== undefined);
    this.close();
    return { wrong: wrong.slice(0, WRONG_KEPT), wrongCount: wrong.length };
  }

  close(): void {
    for (const stream of this.#streams) stream.close();
  }

  /** All frames that came, measured or not. */
  get frames(): number {
    return this.#streams.reduce((sum, { checker }) => sum + checker.frames, 0);
  }

  #openOne(): OpenStream {
    const { address, order } = this.#options;
    const asked = { request: this.#request, form: this.#talk.form, frames: order.frames };
    const stream = new OpenStream(address.port, asked, (leftAtNs) => this.#onFrame(stream, leftAtNs));
    stream.onData = () => {
      this.#nowNs = monotonicNs();
    };
    return stream;
  }

  #onFrame(stream: OpenStream, leftAtNs: number): void {
    if (stream.checker.frames === 1) this.firstFrameUs.add((this.#nowNs - stream.sentAtNs) / 1_000);
    if (!this.#measuring) return;
    this.#frames++;
    this.frameUs.add((this.#nowNs - leftAtNs) / 1_000);
  }

  async #until(withinMs: number, what: string, holds: (stream: OpenStream) => boolean): Promise<void> {
    const endMs = performance.now() + withinMs;
    while (!this.#streams.every(holds)) {
      if (performance.now() > endMs) {
        for (const stream of this.#streams)
          if (!holds(stream)) stream.broken ??= `a stream ${what} within ${withinMs} ms`;
        return;
      }
      await pause(POLL_MS);
    }
  }
}

class OpenStream {
  readonly checker: FrameChecker;
  onData: () => void = () => undefined;
  sentAtNs = 0;
  broken: string | undefined;
  readonly #socket: Socket;
  readonly #chunks: ChunkedReader;
  #head: Buffer | undefined = Buffer.alloc(0);

  constructor(
    port: number,
    { request, form, frames }: { readonly request: Buffer; readonly form: StreamForm; readonly frames: number },
    onFrame: (leftAtNs: number) => void,
  ) {
    this.checker = new FrameChecker(form, frames, onFrame);
    this.#chunks = new ChunkedReader((payload) => this.checker.push(payload));
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('connect', () => {
      this.sentAtNs = monotonicNs();
      this.#socket.write(request);
    });
    this.#socket.on('data', (data: Buffer) => this.#take(data));
    this.#socket.on('error', (error) => {
      this.broken ??= `connection: ${error.message}`;
    });
    this.#socket.on('close', () => {
      if (!this.over) this.broken ??= this.checker.verdict ?? 'the connection was closed before the last chunk';
    });
  }

  get over(): boolean {
    return this.#chunks.over;
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(data: Buffer): void {
    this.onData();
    if (this.#head === undefined) {
      this.#chunks.push(data);
      return;
    }
    const bytes = Buffer.concat([this.#head, data]);
    const headEnd = bytes.indexOf(HEAD_END);
    if (headEnd < 0) {
      this.#head = bytes;
      return;
    }
    this.#head = undefined;
    if (!bytes.toString('latin1', 0, 12).startsWith('HTTP/1.1 200'))
      this.broken ??= `answer: ${bytes.toString('latin1', 0, 400)}`;
    this.#chunks.push(bytes.subarray(headEnd + HEAD_END.length));
  }
}
