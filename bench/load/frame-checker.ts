import { DONE_EVENT, FINISH_EVENT, FRAME_HEAD, FRAME_TAIL, INSTANT_DIGITS, NUMBER_DIGITS } from './wire.ts';

const EVENT_END = Buffer.from('\n\n');
const HEAD = Buffer.from(FRAME_HEAD);
const TAIL = Buffer.from(FRAME_TAIL);
const FINISH = Buffer.from(FINISH_EVENT);
const DONE = Buffer.from(DONE_EVENT);
const INSTANT_AT = HEAD.length + NUMBER_DIGITS + 1;
const FRAME_BYTES = INSTANT_AT + INSTANT_DIGITS + TAIL.length;

/** Hears the instant at which the frame left, of the machine's monotonic clock. */
export type OnFrame = (leftAtNs: number) => void;

/**
 * Compares one stream with what the mock sent, byte for byte: every frame in
 * its turn, then the finish, then `[DONE]`, and nothing else.
 */
export class FrameChecker {
  readonly #frames: number;
  readonly #onFrame: OnFrame;
  #next = 0;
  #rest: Buffer | undefined;
  #finished = false;
  #done = false;
  #wrong: string | undefined;

  constructor(frames: number, onFrame: OnFrame) {
    this.#frames = frames;
    this.#onFrame = onFrame;
  }

  /** Frames that have come. */
  get frames(): number {
    return this.#next;
  }

  get done(): boolean {
    return this.#done;
  }

  /** What is wrong with the stream, were it over now. */
  get verdict(): string | undefined {
    if (this.#wrong !== undefined) return this.#wrong;
    if (this.#next < this.#frames) return `lost frames: ${this.#next} of ${this.#frames} came`;
    return this.#done ? undefined : 'the stream has no [DONE]';
  }

  push(bytes: Buffer): void {
    const data = this.#rest === undefined ? bytes : Buffer.concat([this.#rest, bytes]);
    let at = 0;
    for (;;) {
      const end = data.indexOf(EVENT_END, at);
      if (end < 0) break;
      this.#take(data, at, end + EVENT_END.length);
      at = end + EVENT_END.length;
    }
    this.#rest = at < data.length ? data.subarray(at) : undefined;
  }

  #take(data: Buffer, start: number, end: number): void {
    if (end - start === FRAME_BYTES && isFrame(data, start, end)) {
      const number = Number(data.toString('latin1', start + HEAD.length, start + HEAD.length + NUMBER_DIGITS));
      if (number !== this.#next || this.#finished)
        this.#wrong ??= `lost frames: ${number} came after ${this.#next - 1}`;
      this.#next = number + 1;
      this.#onFrame(Number(data.toString('latin1', start + INSTANT_AT, start + INSTANT_AT + INSTANT_DIGITS)));
    } else if (data.compare(FINISH, 0, FINISH.length, start, end) === 0 && !this.#finished) {
      this.#finished = true;
    } else if (data.compare(DONE, 0, DONE.length, start, end) === 0 && this.#finished) {
      this.#done = true;
    } else {
      this.#wrong ??= `a byte difference in the stream: ${data.toString('utf8', start, Math.min(end, start + 300))}`;
    }
  }
}

function isFrame(data: Buffer, start: number, end: number): boolean {
  return (
    data.compare(HEAD, 0, HEAD.length, start, start + HEAD.length) === 0 &&
    data.compare(TAIL, 0, TAIL.length, end - TAIL.length, end) === 0
  );
}
