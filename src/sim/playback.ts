import type { Clock, Timer } from '../kernel/clock.ts';
import type { OpenCall } from './counts.ts';
import { type HeaderPairs, headBytes, type Step } from './script.ts';

/** What the simulated provider does about one request. The steps can be walked once, and are made while they are walked. */
export interface SimAnswer {
  readonly status: number;
  readonly headers: HeaderPairs;
  readonly steps: Iterable<Step>;
  readonly call: OpenCall;
  /** Made and billed to its end although the client left. */
  readonly runsOn?: boolean;
}

/** Where an answer is played to. Any of these may call the playback's `pause`, `resume` or `abort`. */
export interface AnswerSink {
  /** Header lines to add when the head is sent by hand. */
  readonly framing: HeaderPairs;
  head(): void;
  /** A part of the head as raw bytes, when it is sent slowly; `head` is not called then. */
  headPart(bytes: Buffer, last: boolean): void;
  data(bytes: Buffer): void;
  end(): void;
  cut(): void;
  reset(): void;
}

/** One write carries at most about this much, so that a late timer never builds a huge buffer. */
const WRITE_BYTES_MAX = 65_536;
/** An answer without an end is not made to its end when its client has left. */
const RUN_ON_STEPS_MAX = 10_000;

/**
 * Plays one answer on a clock. States: playing (waiting for the next step's
 * time), paused (the sink is full: time stands still and nothing is made), and
 * over. Steps that are due at the same instant leave in one write.
 */
export class Playback {
  readonly #answer: SimAnswer;
  readonly #clock: Clock;
  readonly #sink: AnswerSink;
  readonly #steps: Iterator<Step>;
  #next: Step | undefined;
  #dueMs: number;
  #timer: Timer | undefined;
  #paused = false;
  #over = false;
  #parts: Uint8Array[] = [];
  #partBytes = 0;
  #partTokens = 0;
  #partReasoning = 0;
  /** The head on its way byte by byte. */
  #head: Buffer | undefined;
  #headSent = 0;

  constructor(answer: SimAnswer, clock: Clock, sink: AnswerSink) {
    this.#answer = answer;
    this.#clock = clock;
    this.#sink = sink;
    this.#steps = answer.steps[Symbol.iterator]();
    this.#dueMs = clock.monotonicMs();
    this.#advance();
    this.#waitUntilDue();
  }

  pause(): void {
    this.#paused = true;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  resume(): void {
    if (!this.#paused || this.#over) return;
    this.#paused = false;
    // What was not made while nobody listened is not made up for in a burst.
    this.#dueMs = Math.max(this.#dueMs, this.#clock.monotonicMs());
    this.#waitUntilDue();
  }

  /** The client left: nothing more is made, unless this provider makes its answers to the end. */
  abort(): void {
    if (this.#over) return;
    if (this.#answer.runsOn === true) this.#runOn();
    else this.#countHalfMade();
    this.#finish('cancelled');
  }

  /** What is still to come is made at once: nobody is there to notice when. */
  #runOn(): void {
    let tokens = this.#partTokens;
    let reasoning = this.#partReasoning;
    for (let steps = 0; this.#next !== undefined && steps < RUN_ON_STEPS_MAX; steps++) {
      if (this.#next.kind === 'stall') break;
      if (this.#next.kind === 'bytes') {
        tokens += this.#next.tokens;
        reasoning += this.#next.reasoning ?? 0;
      }
      this.#advance();
    }
    this.#answer.call.sent(0, tokens, reasoning);
  }

  /** Of an answer that is made whole before its head leaves, as much as was made by now. */
  #countHalfMade(): void {
    const step = this.#next;
    if (step?.kind !== 'head' || step.makesTokens === undefined || step.afterMs <= 0) return;
    const leftMs = Math.max(0, this.#dueMs - this.#clock.monotonicMs());
    this.#answer.call.sent(0, Math.floor(step.makesTokens * (1 - Math.min(1, leftMs / step.afterMs))));
  }

  #advance(): void {
    const result = this.#steps.next();
    this.#next = result.done ? undefined : result.value;
    if (this.#next !== undefined && this.#next.kind !== 'stall') this.#dueMs += this.#next.afterMs;
  }

  #waitUntilDue(): void {
    if (this.#over || this.#paused || this.#timer !== undefined || this.#next?.kind === 'stall') return;
    // Timers cut fractions off and would fire too early, only to be set again.
    const delayMs = Math.ceil(Math.max(0, this.#dueMs - this.#clock.monotonicMs()));
    this.#timer = this.#clock.after(delayMs, () => {
      this.#timer = undefined;
      this.#playDue();
    });
  }

  #playDue(): void {
    while (!this.#over && !this.#paused) {
      const step = this.#next;
      if (step === undefined) throw new Error('an answer ended without end, cut, reset or stall');
      if (step.kind === 'stall' || this.#dueMs > this.#clock.monotonicMs()) break;
      if (this.#play(step)) break;
    }
    this.#flush();
    this.#waitUntilDue();
  }

  /** @returns whether what was gathered should leave before the next step is looked at */
  #play(step: Exclude<Step, { kind: 'stall' }>): boolean {
    switch (step.kind) {
      case 'head':
        if (step.bytesPerSecond !== undefined) return this.#headByte(step.bytesPerSecond);
        this.#answer.call.status(this.#answer.status);
        this.#sink.head();
        break;
      case 'bytes':
        if (step.apart) this.#flush();
        if (this.#paused || this.#over) return true;
        this.#parts.push(step.bytes);
        this.#partBytes += step.bytes.length;
        this.#partTokens += step.tokens;
        this.#partReasoning += step.reasoning ?? 0;
        this.#advance();
        return step.apart === true || this.#partBytes >= WRITE_BYTES_MAX;
      default:
        this.#flush();
        if (this.#paused || this.#over) return true;
        this.#last(step);
        return true;
    }
    this.#advance();
    return false;
  }

  #last(step: Extract<Step, { kind: 'end' | 'cut' | 'reset' }>): void {
    this.#finish(step.kind === 'end' ? step.outcome : 'cut');
    this.#sink[step.kind]();
  }

  #headByte(bytesPerSecond: number): true {
    this.#head ??= headBytes(this.#answer.status, [...this.#answer.headers, ...this.#sink.framing]);
    const at = this.#headSent++;
    const last = this.#headSent >= this.#head.length;
    if (last) {
      this.#answer.call.status(this.#answer.status);
      this.#advance();
    } else {
      this.#dueMs += 1_000 / bytesPerSecond;
    }
    this.#sink.headPart(this.#head.subarray(at, at + 1), last);
    return true;
  }

  #flush(): void {
    if (this.#parts.length === 0 || this.#over) return;
    const [first] = this.#parts;
    const bytes =
      this.#parts.length === 1 && first !== undefined
        ? Buffer.from(first.buffer, first.byteOffset, first.byteLength)
        : Buffer.concat(this.#parts, this.#partBytes);
    this.#answer.call.sent(bytes.length, this.#partTokens, this.#partReasoning);
    this.#parts = [];
    this.#partBytes = 0;
    this.#partTokens = 0;
    this.#partReasoning = 0;
    if (bytes.length > 0) this.#sink.data(bytes);
  }

  #finish(outcome: 'complete' | 'cut' | 'cancelled' | 'error'): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#parts = [];
    this.#steps.return?.();
    this.#answer.call.settle(outcome);
  }
}
