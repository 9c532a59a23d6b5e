/** A place that differs between answers that are otherwise the same, byte for byte. */
export type HoleName = 'id' | 'created' | 'number' | 'instant';

interface Hole {
  readonly name: HoleName;
  /** From the beginning of the bytes. */
  readonly at: number;
  readonly length: number;
}

/** A frame's number and the instant it left, in its text. */
const FRAME_PLACES = /(?<number>\d{6}):(?<instant>\d{16})/dg;
/** What whoever makes an answer says of that one alone. */
const OWN_PLACES = /"id":"(?:chatcmpl-|msg_)(?<id>[\w-]+)"|"created":(?<created>\d+)/dg;

/**
 * Bytes as they have to be, but for holes of a fixed length: what fills them
 * differs from answer to answer, and is digits, or for an id letters too.
 */
export class Template {
  readonly holes: readonly Hole[];
  readonly #sample: Buffer;
  /** What stands between the holes, from and to. */
  readonly #fixed: readonly (readonly [from: number, to: number])[];

  private constructor(sample: Buffer, holes: readonly Hole[]) {
    this.#sample = sample;
    this.holes = holes.toSorted((one, other) => one.at - other.at);
    const edges = [0, ...this.holes.flatMap(({ at, length }) => [at, at + length]), sample.length];
    this.#fixed = Array.from({ length: edges.length / 2 }, (_, index) => [
      edges[2 * index] ?? 0,
      edges[2 * index + 1] ?? 0,
    ]);
  }

  /** @param sample ASCII. @param own whether ids and instants of creation are the maker's own, and so holes */
  static of(sample: string, { own }: { readonly own: boolean }): Template {
    const places = [FRAME_PLACES, ...(own ? [OWN_PLACES] : [])];
    return new Template(
      Buffer.from(sample),
      places.flatMap((pattern) => holesIn(sample, pattern)),
    );
  }

  get length(): number {
    return this.#sample.length;
  }

  equals(bytes: Buffer): boolean {
    return this.matches(bytes, 0, bytes.length);
  }

  matches(data: Buffer, start: number, end: number): boolean {
    if (end - start !== this.#sample.length) return false;
    for (const [from, to] of this.#fixed) {
      if (data.compare(this.#sample, from, to, start + from, start + to) !== 0) return false;
    }
    return this.holes.every(({ name, at, length }) => isFilled(data, start + at, start + at + length, name === 'id'));
  }

  /** @param start of bytes that match */
  filling(name: HoleName, data: Buffer, start: number): string | undefined {
    const hole = this.holes.find((one) => one.name === name);
    return hole === undefined ? undefined : data.toString('latin1', start + hole.at, start + hole.at + hole.length);
  }
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
