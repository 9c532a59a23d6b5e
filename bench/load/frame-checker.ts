import type { StreamForm } from './stream-form.ts';
import type { HoleName, Template } from './template.ts';

/** What has to stay the same from the first event of a stream to its last. */
const OF_ONE_STREAM = ['id', 'created'] as const satisfies readonly HoleName[];

/** Hears the instant at which the frame left, of the machine's monotonic clock. */
export type OnFrame = (leftAtNs: number) => void;

/**
 * Compares one stream with what it has to be, byte for byte: what opens it,
 * every frame in its turn, what ends it, and nothing else.
 */
export class FrameChecker {
  readonly #form: StreamForm;
  readonly #eventEnd: Buffer;
  readonly #frames: number;
  readonly #onFrame: OnFrame;
  readonly #own = new Map<HoleName, string>();
  #next = 0;
  #rest: Buffer | undefined;
  #opened = 0;
  #closed = 0;
  #wrong: string | undefined;

  constructor(form: StreamForm, frames: number, onFrame: OnFrame) {
    this.#form = form;
    this.#eventEnd = Buffer.from(form.eventEnd);
    this.#frames = frames;
    this.#onFrame = onFrame;
  }

  /** Frames that have come. */
  get frames(): number {
    return this.#next;
  }

  /** What is wrong with the stream, were it over now. */
  get verdict(): string | undefined {
    if (this.#wrong !== undefined) return this.#wrong;
    if (this.#next < this.#frames) return `lost frames: ${this.#next} of ${this.#frames} came`;
    if (this.#rest !== undefined) return 'the stream ends inside an event';
    const { length } = this.#form.closing;
    return this.#closed === length ? undefined : `the stream has no end: ${this.#closed} of ${length} last events came`;
  }

  push(bytes: Buffer): void {
    const data = this.#rest === undefined ? bytes : Buffer.concat([this.#rest, bytes]);
    let at = 0;
    for (;;) {
      const end = data.indexOf(this.#eventEnd, at);
      if (end < 0) break;
      this.#take(data, at, end + this.#eventEnd.length);
      at = end + this.#eventEnd.length;
    }
    this.#rest = at < data.length ? data.subarray(at) : undefined;
  }

  #take(data: Buffer, start: number, end: number): void {
    const { opening, frame, closing } = this.#form;
    if (this.#is(opening[this.#opened], data, start, end)) {
      this.#opened++;
    } else if (this.#opened === opening.length && this.#is(frame, data, start, end)) {
      this.#takeFrame(data, start, end);
    } else if (this.#next > 0 && this.#is(closing[this.#closed], data, start, end)) {
      this.#closed++;
    } else {
      this.#wrong ??= `a byte difference in the stream: ${data.toString('utf8', start, Math.min(end, start + 300))}`;
    }
  }

  #takeFrame(data: Buffer, start: number, end: number): void {
    const { frame } = this.#form;
    const number = Number(frame.filling('number', data, start, end));
    if (number !== this.#next || this.#closed > 0)
      this.#wrong ??= `lost frames: ${number} came after ${this.#next - 1}`;
    this.#next = number + 1;
    this.#onFrame(Number(frame.filling('instant', data, start, end)));
  }

  #is(template: Template | undefined, data: Buffer, start: number, end: number): boolean {
    if (template === undefined || !template.matches(data, start, end)) return false;
    for (const name of OF_ONE_STREAM) {
      const own = template.filling(name, data, start, end);
      if (own === undefined) continue;
      const before = this.#own.get(name) ?? own;
      this.#own.set(name, before);
      if (own !== before) this.#wrong ??= `one stream has two of ${name}: ${before} and ${own}`;
    }
    return true;
  }
}
