const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Below it a byte cannot stand in a string of JSON; line ends are among them. */
const SPACE = 0x20;
/** Some put a space after a colon. */
const COLONS = [':', ': '];

/** A string in an event's JSON that differs from one event to the next. */
export interface MouldGap {
  /** Of the member that it is the value of. */
  readonly name: string;
  readonly value: string;
}

/**
 * The form of an event that is like others but for a text, which is what most
 * events of a stream are: everything around the text stands in them byte by
 * byte. An event of a known form need not be parsed: what is in its gaps is a
 * string without escapes, so that its JSON means what that of the first one
 * meant, with that string in the place of the other.
 */
export class EventMould {
  readonly #pieces: readonly Buffer[];
  /** Which of the gaps has the text. */
  readonly #textGap: number;

  private constructor(pieces: readonly Buffer[], textGap: number) {
    this.#pieces = pieces;
    this.#textGap = textGap;
  }

  /**
   * The form of an event.
   *
   * @param event one data line and its blank line, ended by LF
   * @param text what the events of this form tell
   * @param others what differs besides, and means nothing
   * @param read what an event tells when it is read whole; `undefined` where that is more than a text
   * @returns `undefined` where a gap cannot be found, or is not what `read` reads
   */
  static of(
    event: Buffer,
    text: MouldGap,
    others: readonly MouldGap[],
    read: (event: Buffer) => string | undefined,
  ): EventMould | undefined {
    const places = [text, ...others].map((gap) => placeOf(event, gap));
    const known = places.filter((place) => place !== undefined).sort((one, other) => one.start - other.start);
    const [textPlace] = places;
    if (textPlace === undefined || known.length < places.length) return undefined;
    const pieces: Buffer[] = [];
    let from = 0;
    for (const { start, end } of known) {
      pieces.push(Buffer.from(event.subarray(from, start)));
      from = end;
    }
    pieces.push(Buffer.from(event.subarray(from)));
    const mould = new EventMould(pieces, known.indexOf(textPlace));
    return mould.#holds(read) ? mould : undefined;
  }

  /** The text of an event of this form; `undefined` of any other bytes, and where there is no text. */
  textOf(event: Buffer): string | undefined {
    const pieces = this.#pieces;
    const last = pieces.length - 1;
    let at = 0;
    let textStart = 0;
    let textEnd = 0;
    for (let index = 0; index <= last; index++) {
      const piece = pieces[index];
      if (piece === undefined || !standsAt(event, at, piece)) return undefined;
      at += piece.length;
      if (index === last) break;
      const end = gapEnd(event, at);
      if (index === this.#textGap) {
        textStart = at;
        textEnd = end;
      }
      at = end;
    }
    return at === event.length && textEnd > textStart ? event.toString('utf8', textStart, textEnd) : undefined;
  }

  /** Whether whoever reads an event of this form finds in it what was put into its gap, and nothing else. */
  #holds(read: (event: Buffer) => string | undefined): boolean {
    const probe = (gap: number) => `probe ${gap}`;
    const parts = this.#pieces.flatMap((piece, index) => [Buffer.from(index === 0 ? '' : probe(index - 1)), piece]);
    const event = Buffer.concat(parts);
    return read(event) === probe(this.#textGap);
  }
}

/** Where the value seems to stand, without its quotes. What has escapes is not found, and the first of several may be the wrong one. */
function placeOf(
  event: Buffer,
  { name, value }: MouldGap,
): { readonly start: number; readonly end: number } | undefined {
  for (const colon of COLONS) {
    const before = `"${name}"${colon}"`;
    const whole = Buffer.from(`${before}${value}"`);
    const at = event.indexOf(whole);
    if (at >= 0) return { start: at + before.length, end: at + whole.length - 1 };
  }
  return undefined;
}

function standsAt(event: Buffer, at: number, piece: Buffer): boolean {
  if (at + piece.length > event.length) return false;
  for (let index = 0; index < piece.length; index++) if (event[at + index] !== piece[index]) return false;
  return true;
}

/** The end of a string without escapes that begins at `start`; where it has one, the place of that, at which no piece begins. */
function gapEnd(event: Buffer, start: number): number {
  let at = start;
  for (; at < event.length; at++) {
    const byte = event[at];
    if (byte === QUOTE || byte === BACKSLASH || byte === undefined || byte < SPACE) break;
  }
  return at;
}
