import type { Clock, Timer } from '../kernel/clock.ts';
import type { UpstreamHandler, UpstreamStream } from '../protocol/upstream.ts';
import { errorAnswer, GARBAGE, streamEnd, streamPiece, wholeAnswer } from './provider-answers.ts';
import type { Failure } from './setup.ts';

/** A stream's text comes in this many pieces, evenly spread. */
const PIECES_MAX = 4;
/** What refuses a request does so sooner than it would have answered it. */
const REFUSAL_SHARE = 0.1;

/** An answer that is an error. Headers in pairs, lower case. */
export interface Answer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

export interface RequestParts {
  readonly clock: Clock;
  readonly handler: UpstreamHandler;
  readonly stream: boolean;
  readonly wantsUsage: boolean;
  readonly usage: { readonly input: number; readonly output: number };
  /** From when its turn comes. */
  readonly firstTokenMs: number;
  /** From the first token to the last. */
  readonly speakingMs: number;
  onOver(): void;
}

/**
 * One request at a simulated provider. It waits until one of `serve`, `refuse`
 * and `misbehave` says what becomes of it; each step of that is one event, held
 * back while the gateway does not read, and nothing is heard after `abort`.
 */
export class SimulatedRequest implements UpstreamStream {
  /** Called when it is over, however that came. */
  onLeft: (() => void) | undefined;
  readonly #parts: RequestParts;
  #timer: Timer | undefined;
  #paused = false;
  #held: (() => void) | undefined;
  #over = false;

  constructor(parts: RequestParts) {
    this.#parts = parts;
  }

  /** How long the provider works on it. */
  get workMs(): number {
    return this.#parts.firstTokenMs + this.#parts.speakingMs;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined && !this.#over) this.#after(0, held);
  }

  abort(): void {
    this.#close();
  }

  fail(kind: 'aborted' | 'connect' | 'reset', requestSent: boolean): void {
    if (this.#close()) this.#parts.handler.onFailure({ kind, requestSent, cause: new Error(`simulated: ${kind}`) });
  }

  /** Its turn has come: it answers as it was asked. */
  serve(headers: Answer['headers']): void {
    const { stream, firstTokenMs } = this.#parts;
    if (stream) this.#after(firstTokenMs, () => this.#speak(headers));
    else this.#after(this.workMs, () => this.#tell(headers));
  }

  refuse({ status, headers, body }: Answer): void {
    this.#after(this.#parts.firstTokenMs * REFUSAL_SHARE, () => {
      this.#head(status, [['content-type', 'application/json'], ...headers]);
      this.#data(body);
      this.#end();
    });
  }

  misbehave(failure: Failure): void {
    const { firstTokenMs } = this.#parts;
    switch (failure) {
      case 'refuse':
        this.#after(1, () => this.fail('connect', false));
        return;
      case 'reset':
        this.#after(firstTokenMs, () => this.fail('reset', true));
        return;
      case 'error':
        this.refuse({ status: 500, headers: [], body: errorAnswer('server_error', 'internal', 'Something broke.') });
        return;
      case 'overloaded':
        this.refuse({ status: 529, headers: [], body: errorAnswer('server_error', 'overloaded', 'Overloaded.') });
        return;
      case 'truncate':
        this.#after(firstTokenMs, () => this.#tear());
        return;
      case 'garbage':
        this.#after(firstTokenMs, () => {
          this.#head(200, [['content-type', 'text/html']]);
          this.#data(GARBAGE);
          this.#end();
        });
        return;
      case 'hang':
        return;
    }
  }

  #tell(headers: Answer['headers']): void {
    this.#head(200, [['content-type', 'application/json'], ...headers]);
    this.#data(wholeAnswer(this.#parts.usage));
    this.#end();
  }

  #speak(headers: Answer['headers']): void {
    const { usage, speakingMs } = this.#parts;
    const pieces = Math.min(PIECES_MAX, usage.output);
    const each = Math.floor(usage.output / pieces);
    this.#head(200, [['content-type', 'text/event-stream'], ...headers]);
    const next = (piece: number) => {
      const last = piece === pieces - 1;
      this.#data(streamPiece(last ? usage.output - each * piece : each));
      this.#after(speakingMs / pieces, last ? () => this.#finish() : () => next(piece + 1));
    };
    next(0);
  }

  #finish(): void {
    this.#data(streamEnd(this.#parts.wantsUsage ? this.#parts.usage : undefined));
    this.#end();
  }

  /** An answer that stops in its midst. */
  #tear(): void {
    const { stream, usage, speakingMs } = this.#parts;
    this.#head(200, [['content-type', stream ? 'text/event-stream' : 'application/json']]);
    const half = Math.max(1, Math.floor(usage.output / 2));
    const whole = wholeAnswer(usage);
    this.#data(stream ? streamPiece(half) : whole.subarray(0, whole.length >> 1));
    this.#after(speakingMs / 2, () => this.#end());
  }

  #head(status: number, headers: Answer['headers']): void {
    if (this.#over) return;
    this.#parts.handler.onHead(status, (name) => headers.find(([key]) => key === name)?.[1]);
  }

  #data(bytes: Buffer): void {
    if (!this.#over) this.#parts.handler.onData(bytes);
  }

  #end(): void {
    if (this.#close()) this.#parts.handler.onEnd();
  }

  #after(delayMs: number, step: () => void): void {
    if (this.#over) return;
    this.#timer = this.#parts.clock.after(delayMs, () => {
      if (this.#paused) this.#held = step;
      else step();
    });
  }

  /** @returns whether this ended it */
  #close(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#timer?.cancel();
    this.#held = undefined;
    this.#parts.onOver();
    this.onLeft?.();
    return true;
  }
}
