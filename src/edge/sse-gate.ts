import type { GateEnd, GateFacts, GateOptions, StreamGate } from '../exchange/dialect.ts';
import type { SaidText } from '../exchange/said-text.ts';
import type { Draft } from '../kernel/draft.ts';
import { GatewayError } from '../kernel/errors.ts';
import { eventData, SseSplitter } from '../kernel/sse-splitter.ts';
import { isObject } from './request-object.ts';

const LF = 0x0a;

/**
 * What the gates of all dialects of server-sent events have in common: bytes
 * come in, whole events go to `onEvent`, and what it puts back goes to the
 * client, at once or, after the dialect's last event, when the call is settled.
 * A half event is held until its other half comes, so that an error event of
 * ours never lands inside one of theirs.
 */
export abstract class SseGate<Said extends SaidText = SaidText> implements StreamGate {
  protected readonly options: GateOptions;
  protected readonly said: Said;
  protected readonly draft: Draft<GateFacts> = {
    dataEvents: 0,
    contentSeen: false,
    terminal: false,
    output: () => this.said.text(),
    outputChars: () => this.said.chars,
  };
  readonly #splitter = new SseSplitter();
  #passed: Buffer[] = [];
  readonly #held: Buffer[] = [];
  readonly #take = (event: Buffer) => this.onEvent(event, eventData(event));

  /** @param said takes what the answer says, for a count of our own */
  constructor(options: GateOptions, said: Said) {
    this.options = options;
    this.said = said;
  }

  get facts(): GateFacts {
    return this.draft;
  }

  get heldBytes(): number {
    return this.#splitter.heldBytes;
  }

  push(chunk: Buffer): Buffer | undefined {
    if (this.#splitter.betweenEvents && !this.draft.terminal && this.takesWhole(chunk)) return chunk;
    this.#splitter.push(chunk, this.#take);
    if (this.#splitter.heldBytes > this.options.eventBytesMax) {
      throw new GatewayError('upstream_error', {
        message: `The provider sent a single event of more than ${this.options.eventBytesMax} bytes.`,
        retry: 'other-target',
      });
    }
    return this.#takePassed();
  }

  finish(): GateEnd {
    const rest = this.#splitter.rest();
    if (rest !== undefined && this.#isWhole(rest)) this.#take(this.closed(rest));
    const complete = this.end();
    const passed = this.#takePassed();
    const parts = passed === undefined ? this.#held : [passed, ...this.#held];
    return { bytes: parts.length === 0 ? undefined : joined(parts), complete };
  }

  /**
   * Reads one whole event, and puts into the client's stream what it is to get of it.
   *
   * @param event with the blank line that ends it
   * @param data of a comment or a hint: `undefined`
   */
  protected abstract onEvent(event: Buffer, data: string | undefined): void;

  /**
   * Takes what has come as it stands where that is one whole event of a form
   * that is known, lines ended by LF, and says nothing that the client is not to get.
   *
   * @returns false where it has to be read like any other
   */
  protected takesWhole(_chunk: Buffer): boolean {
    return false;
  }

  /** For the client: now, or once the call is settled when the dialect's last event has come. */
  protected put(bytes: Buffer): void {
    (this.draft.terminal ? this.#held : this.#passed).push(bytes);
  }

  /** Upstream's bytes are over and the last event has been read. May put what is missing. @returns whether the stream was complete */
  protected end(): boolean {
    return this.draft.terminal;
  }

  /** Whether the data of an event whose blank line never came is all of it. */
  protected isWholeData(data: string): boolean {
    return dataObject(data) !== undefined;
  }

  /** A last event with the blank line that ends it: without one no parser would take it, nor tell it from what we may have to say next. */
  protected closed(rest: Buffer): Buffer {
    if (rest.toString('latin1').trim() === '') return rest;
    return Buffer.concat([rest, Buffer.from(rest.at(-1) === LF ? '\n' : '\n\n')]);
  }

  #isWhole(rest: Buffer): boolean {
    const data = eventData(rest);
    if (data !== undefined) return this.isWholeData(data);
    const text = rest.toString('latin1').trim();
    return text.startsWith(':') || text === '';
  }

  #takePassed(): Buffer | undefined {
    if (this.#passed.length === 0) return undefined;
    const bytes = joined(this.#passed);
    this.#passed = [];
    return bytes;
  }
}

/** The object that an event's data is; `undefined` where it is none. What is malformed is upstream's own: the client decides. */
export function dataObject(data: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(data);
    return isObject(value) ? value : undefined;
  } catch {
    // Not JSON: the caller passes the event on as it came.
    return undefined;
  }
}

function joined(parts: readonly Buffer[]): Buffer {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
}
