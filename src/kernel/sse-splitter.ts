const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const LETTER_E = 0x65;
/** An event this short is a blank line and nothing else: a line that says something, and the blank one after it, have three. */
const BARE_BYTES_MAX = 2;

/** Takes the bytes of whole events, in order. `event` includes the blank line that ends it. */
export type EventTaker = (event: Buffer) => void;

/**
 * Cuts a server-sent event stream into whole events without decoding it.
 * However the bytes are chunked, the same events come out, and together they
 * are the bytes that went in.
 *
 * Lines may end in LF, CRLF or CR. Providers write LF or CRLF and JSON never
 * holds a raw line end, so the usual chunk costs one native search per line;
 * the byte-by-byte path starts with the first CR.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream (read 2026-11-21)
 */
export class SseSplitter {
  #held: Buffer[] = [];
  #heldBytes = 0;
  #atLineStart = true;
  #afterCr = false;
  /** The blank line's CR has come and its LF is still on the way. */
  #awaitsLf = false;
  #sawCrLf = false;
  #slow = false;

  /** Bytes of the event that has begun and not ended. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Nothing of an event has come yet, and every line so far has ended in LF. */
  get betweenEvents(): boolean {
    return this.#heldBytes === 0 && !this.#slow;
  }

  push(chunk: Buffer, take: EventTaker): void {
    if (!this.#slow && chunk.indexOf(CR) >= 0) this.#slow = true;
    const rest = this.#slow ? this.#pushAnyLineEnd(chunk, take) : this.#pushLf(chunk, take);
    if (rest < chunk.length) {
      const tail = rest === 0 ? chunk : chunk.subarray(rest);
      this.#held.push(tail);
      this.#heldBytes += tail.length;
    }
  }

  /** The bytes after the last whole event, once the stream has ended. */
  rest(): Buffer | undefined {
    if (this.#heldBytes === 0) return undefined;
    const rest = Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    return rest;
  }

  /*
   * Blank lines that follow each other are taken together: a stream of nothing
   * but line ends must cost no more than its bytes.
   */

  /** @returns where the unfinished event begins */
  #pushLf(chunk: Buffer, take: EventTaker): number {
    let eventStart = 0;
    let bareEnd = 0;
    let at = 0;
    for (;;) {
      const lineEnd = chunk.indexOf(LF, at);
      if (lineEnd < 0) break;
      const blank = lineEnd === at && this.#atLineStart;
      at = lineEnd + 1;
      this.#atLineStart = true;
      if (!blank) continue;
      if (this.#isBare(at - Math.max(eventStart, bareEnd))) {
        bareEnd = at;
        continue;
      }
      this.#takeBare(chunk, eventStart, bareEnd, take);
      this.#take(chunk, Math.max(eventStart, bareEnd), at, take);
      eventStart = at;
    }
    if (at < chunk.length) this.#atLineStart = false;
    this.#takeBare(chunk, eventStart, bareEnd, take);
    return Math.max(eventStart, bareEnd);
  }

  #isBare(bytes: number): boolean {
    return bytes <= BARE_BYTES_MAX && this.#heldBytes === 0;
  }

  #takeBare(chunk: Buffer, start: number, end: number, take: EventTaker): void {
    if (end > start) this.#take(chunk, start, end, take);
  }

  #pushAnyLineEnd(chunk: Buffer, take: EventTaker): number {
    let eventStart = 0;
    let bareEnd = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      if (this.#endsEvent(byte)) {
        const end = this.#awaitsLf && byte !== LF ? at : at + 1;
        if (this.#isBare(end - Math.max(eventStart, bareEnd))) bareEnd = end;
        else {
          this.#takeBare(chunk, eventStart, bareEnd, take);
          this.#take(chunk, Math.max(eventStart, bareEnd), end, take);
          eventStart = end;
        }
        const consumed = end === at + 1;
        this.#awaitsLf = false;
        this.#atLineStart = true;
        this.#afterCr = consumed && byte === CR;
        if (consumed) continue;
      }
      this.#advance(byte);
    }
    this.#takeBare(chunk, eventStart, bareEnd, take);
    return Math.max(eventStart, bareEnd);
  }

  #endsEvent(byte: number | undefined): boolean {
    if (this.#awaitsLf) return true;
    if (!this.#atLineStart) return false;
    if (byte === LF) return !this.#afterCr;
    // In a CRLF stream the blank line's LF belongs to this event: wait for it.
    return byte === CR && !this.#sawCrLf;
  }

  #advance(byte: number | undefined): void {
    if (byte === CR) {
      if (this.#atLineStart && this.#sawCrLf) this.#awaitsLf = true;
      this.#atLineStart = true;
      this.#afterCr = true;
    } else if (byte === LF) {
      if (this.#afterCr) this.#sawCrLf = true;
      this.#atLineStart = true;
      this.#afterCr = false;
    } else {
      this.#atLineStart = false;
      this.#afterCr = false;
    }
  }

  #take(chunk: Buffer, start: number, end: number, take: EventTaker): void {
    const part = start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end);
    if (this.#heldBytes === 0) {
      take(part);
      return;
    }
    this.#held.push(part);
    const event = Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    take(event);
  }
}

/** The `data` of an event, its lines joined by LF; `undefined` when it has none (a comment, a retry hint). */
export function eventData(event: Buffer): string | undefined {
  const end = event.length;
  // The common forms, one data line and perhaps a name before it: no need to split lines.
  if (event[end - 1] === LF && event[end - 2] === LF) {
    const at = event[0] === LETTER_E ? nameEnd(event) : 0;
    if (startsWithData(event, at) && event.indexOf(LF, at) === end - 2) {
      return event.toString('utf8', event[at + 5] === 0x20 ? at + 6 : at + 5, end - 2);
    }
  }
  // Comments, retry hints and blank lines are not worth being split.
  if (event.indexOf('data') < 0) return undefined;
  const lines = event
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/);
  const data: string[] = [];
  for (const line of lines) {
    if (line.startsWith('data:')) data.push(line.startsWith('data: ') ? line.slice(6) : line.slice(5));
    else if (line === 'data') data.push('');
  }
  return data.length === 0 ? undefined : data.join('\n');
}

/** Where the line after an event's name begins; 0 where the first line is no such line, or none that ends in LF alone. */
function nameEnd(event: Buffer): number {
  const lf = event.indexOf(LF);
  return event[5] === COLON && event.lastIndexOf(CR, lf) < 0 ? lf + 1 : 0;
}

function startsWithData(event: Buffer, at: number): boolean {
  return (
    event[at] === 0x64 &&
    event[at + 1] === 0x61 &&
    event[at + 2] === 0x74 &&
    event[at + 3] === 0x61 &&
    event[at + 4] === 0x3a
  );
}
