import { GatewayError } from '../kernel/errors.ts';
import type { StreamEvent } from '../protocol/chat/answer.ts';

/** An event of one part of the answer. */
export type PartEvent = Extract<StreamEvent, { readonly part: number }>;

/** One part on its way into a client's stream. */
export interface PartWriter {
  take(event: PartEvent): void;
  /** The part is over. */
  end(): void;
}

/** What becomes of parts, one at a time. */
export interface PartTaker {
  /** @param first the event with which the part begins; the writer takes it too */
  begin(first: PartEvent): PartWriter;
  /** A part that comes whole. */
  whole(event: Extract<PartEvent, { readonly type: 'part-add' }>): void;
}

/** As much text of parts may wait for an earlier one's end; no answer has so much. */
const WAITING_CHARS_MAX = 16 * 1024 * 1024;

/**
 * Puts parts in line that another dialect may tell all at once, for dialects in
 * which one is open at a time. What belongs to a later part waits until the
 * earlier one is over.
 *
 *     part 1  start · delta ···················· delta · end
 *     part 2          start · delta · delta
 *     written [1 start  delta                    delta  stop][2 start  delta  delta
 */
export class PartLine {
  readonly #out: PartTaker;
  #current: { readonly part: number; readonly writer: PartWriter } | undefined;
  /** The events of each part that waits, in the order in which the parts began. */
  readonly #waiting = new Map<number, PartEvent[]>();
  #waitingChars = 0;

  constructor(out: PartTaker) {
    this.#out = out;
  }

  /** @throws `upstream_error` when more of later parts waits than any answer has */
  take(event: PartEvent): void {
    if (this.#current === undefined || this.#current.part === event.part) {
      this.#write(event);
      this.#goOn();
    } else this.#wait(event);
  }

  #write(event: PartEvent): void {
    if (event.type === 'part-add') {
      this.#out.whole(event);
      return;
    }
    const current = this.#current ?? { part: event.part, writer: this.#out.begin(event) };
    if (event.type === 'part-end') {
      current.writer.end();
      this.#current = undefined;
    } else {
      this.#current = current;
      current.writer.take(event);
    }
  }

  #wait(event: PartEvent): void {
    if ('text' in event) this.#waitingChars += event.text.length;
    if (this.#waitingChars > WAITING_CHARS_MAX) {
      throw new GatewayError('upstream_error', {
        message: `The provider told several parts of its answer at once, with more than ${WAITING_CHARS_MAX} characters of the later ones.`,
        retry: 'other-target',
      });
    }
    const events = this.#waiting.get(event.part);
    if (events === undefined) this.#waiting.set(event.part, [event]);
    else events.push(event);
  }

  /** Writes what waits, part by part, up to one that is still open. */
  #goOn(): void {
    if (this.#waiting.size === 0) return;
    for (const [part, events] of this.#waiting) {
      if (this.#current !== undefined) return;
      this.#waiting.delete(part);
      for (const event of events) {
        if ('text' in event) this.#waitingChars -= event.text.length;
        this.#write(event);
      }
    }
  }

  /** Ends the open part, and all that wait for it. */
  end(): void {
    do {
      this.#current?.writer.end();
      this.#current = undefined;
      this.#goOn();
    } while (this.#current !== undefined);
  }
}
