/** A place that differs between answers that are otherwise the same, byte for byte. */
export type HoleName = 'id' | 'item' | 'created' | 'number' | 'instant' | 'sequence' | 'text';

interface Hole {
  readonly name: HoleName;
  /** From the beginning of the bytes. */
  readonly at: number;
  readonly length: number;
}

/** A frame's number and the instant it left, in its text. */
const FRAME_PLACES = /(?<number>\d{6}):(?<instant>\d{16})/dg;
/** What whoever makes an answer says of that one alone. */
const OWN_PLACES = /"(?:id|responseId)":"(?:chatcmpl-|msg_)?(?<id>[\w-]+)"|"created":(?<created>\d+)/dg;
/** The same of a response, whose items have ids of their own. */
const OWN_RESPONSE_PLACES =
  /"id":"resp_(?<id>[\w-]+)"|"(?:item_)?id":"msg_(?<item>[\w-]+)"|"(?:created|completed)_at":(?<created>\d+)/dg;
const OF_A_RESPONSE = /"type":"response\.|"object":"response"/;
/** Of any length: the number of an event, and what all frames said. */
const SEQUENCE_PLACES = /"sequence_number":(?<sequence>\d+)/dg;
const TEXT_PLACES = /(?<text>(?:\d{6}:\d{16}){2,})/dg;

/** What fills a hole, of any length or of that of the sample. */
const FILLINGS: Readonly<Record<HoleName, (length: number) => string>> = {
  id: (length) => `[\\w-]{${length}}`,
  item: (length) => `[\\w-]{${length}}`,
  created: (length) => `\\d{${length}}`,
  number: (length) => `\\d{${length}}`,
  instant: (length) => `\\d{${length}}`,
  sequence: () => '\\d+',
  text: () => '(?:\\d{6}:\\d{16})+',
};

/**
 * Bytes as they have to be, but for holes: what fills them differs from answer
 * to answer, and is digits, or for an id letters too. Most have a fixed length;
 * where one has not, the whole is compared as a pattern.
 */
export class Template {
  readonly holes: readonly Hole[];
  readonly #sample: Buffer;
  /** What stands between the holes, from and to. */
  readonly #fixed: readonly (readonly [from: number, to: number])[];
  /** Where a hole is of any length. Its groups are the holes, one after the other. */
  readonly #pattern: RegExp | undefined;

  private constructor(sample: Buffer, holes: readonly Hole[]) {
    this.#sample = sample;
    this.holes = holes.toSorted((one, other) => one.at - other.at);
    const edges = [0, ...this.holes.flatMap(({ at, length }) => [at, at + length]), sample.length];
    this.#fixed = Array.from({ length: edges.length / 2 }, (_, index) => [
      edges[2 * index] ?? 0,
      edges[2 * index + 1] ?? 0,
    ]);
    const any = holes.some(({ name }) => name === 'sequence' || name === 'text');
    this.#pattern = any ? patternOf(sample, this.#fixed, this.holes) : undefined;
  }

  /** @param sample ASCII. @param own whether ids and instants of creation are the maker's own, and so holes */
  static of(sample: string, { own }: { readonly own: boolean }): Template {
    const ofMaker = OF_A_RESPONSE.test(sample) ? OWN_RESPONSE_PLACES : OWN_PLACES;
    const texts = holesIn(sample, TEXT_PLACES);
    const places = [FRAME_PLACES, SEQUENCE_PLACES, ...(own ? [ofMaker] : [])];
    const others = places
      .flatMap((pattern) => holesIn(sample, pattern))
      .filter(({ at }) => !texts.some((text) => at >= text.at && at < text.at + text.length));
    return new Template(Buffer.from(sample), [...texts, ...others]);
  }

  get length(): number {
    return this.#sample.length;
  }

  equals(bytes: Buffer): boolean {
    return this.matches(bytes, 0, bytes.length);
  }

  matches(data: Buffer, start: number, end: number): boolean {
    if (this.#pattern !== undefined) return this.#pattern.test(data.toString('latin1', start, end));
    if (end - start !== this.#sample.length) return false;
    for (const [from, to] of this.#fixed) {
      if (data.compare(this.#sample, from, to, start + from, start + to) !== 0) return false;
    }
    return this.holes.every(({ name, at, length }) =>
      isFilled(data, start + at, start + at + length, name === 'id' || name === 'item'),
    );
  }

  /** @param start of bytes that match, up to `end` */
  filling(name: HoleName, data: Buffer, start: number, end: number): string | undefined {
    const index = this.holes.findIndex((one) => one.name === name);
    const hole = this.holes[index];
    if (this.#pattern !== undefined) {
      return hole === undefined ? undefined : this.#pattern.exec(data.toString('latin1', start, end))?.[index + 1];
    }
    return hole === undefined ? undefined : data.toString('latin1', start + hole.at, start + hole.at + hole.length);
  }
}

function patternOf(
  sample: Buffer,
  fixed: readonly (readonly [from: number, to: number])[],
  holes: readonly Hole[],
): RegExp {
  const parts = fixed.map(([from, to], index) => {
    const hole = holes[index];
    const text = RegExp.escape(sample.toString('latin1', from, to));
    return hole === undefined ? text : `${text}(${FILLINGS[hole.name](hole.length)})`;
  });
  return new RegExp(`^${parts.join('')}$`);
}

function holesIn(sample: string, pattern: RegExp): Hole[] {
  return [...sample.matchAll(pattern)].flatMap(({ indices }) =>
    Object.entries(indices?.groups ?? {}).flatMap(([name, place]) => {
      // Of alternatives, one alone has a place.
      if (place === undefined) return [];
      const [at, end] = place;
      return { name: name as HoleName, at, length: end - at };
    }),
  );
}

function isFilled(data: Buffer, from: number, to: number, letters: boolean): boolean {
  for (let at = from; at < to; at++) {
    const byte = data[at] ?? 0;
    const digit = byte >= 0x30 && byte <= 0x39;
    if (!digit && !(letters && isLetter(byte))) return false;
  }
  return true;
}

function isLetter(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a) || byte === 0x5f || byte === 0x2d;
}
