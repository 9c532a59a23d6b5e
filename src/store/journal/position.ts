/** A place in the journal: a segment's number and a byte offset in it. Places compare as the numbers they pack into. */
export interface Position {
  readonly segment: number;
  readonly offset: number;
}

/** Eight mebibytes: a thousand records of the largest size, and small enough to be written with zeros in some milliseconds. */
export const SEGMENT_BYTES = 8 * 1024 * 1024;

export function isBefore(one: Position, other: Position): boolean {
  return one.segment < other.segment || (one.segment === other.segment && one.offset < other.offset);
}

/** Bytes from `from` up to `to`; counts the unused end of each full segment between them as well. */
export function bytesBetween(from: Position, to: Position): number {
  return Math.max(0, (to.segment - from.segment) * SEGMENT_BYTES + to.offset - from.offset);
}

const HEAD = 0;
const APPLIED_POSITION = 1;
const APPLIED_SEQUENCE = 2;
const CAUGHT_UP_AT = 3;
const REJECTED = 4;
const SLOTS = 5;

/**
 * What writer and replayer know of each other, in memory that both threads see:
 * the replayer never reads beyond the head, so that it can never meet a record
 * half written, and the main thread reads the lag without asking anyone.
 */
export class SharedPosition {
  readonly buffer: SharedArrayBuffer;
  readonly #slots: BigInt64Array;

  constructor(buffer = new SharedArrayBuffer(SLOTS * BigInt64Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#slots = new BigInt64Array(buffer);
  }

  /** The place after the last record that is wholly in the kernel's hands. Written by the writer alone. */
  get head(): Position {
    return unpacked(Atomics.load(this.#slots, HEAD));
  }

  set head(position: Position) {
    Atomics.store(this.#slots, HEAD, packed(position));
  }

  /** Everything before it is durably in Postgres. Written by the replayer alone. */
  get applied(): Position {
    return unpacked(Atomics.load(this.#slots, APPLIED_POSITION));
  }

  set applied(position: Position) {
    Atomics.store(this.#slots, APPLIED_POSITION, packed(position));
  }

  /** How many of this process's records are in Postgres. */
  get appliedRecords(): number {
    return Number(Atomics.load(this.#slots, APPLIED_SEQUENCE));
  }

  set appliedRecords(count: number) {
    Atomics.store(this.#slots, APPLIED_SEQUENCE, BigInt(count));
  }

  /** When the replayer last had nothing left to do, milliseconds since the epoch. */
  get caughtUpAt(): number {
    return Number(Atomics.load(this.#slots, CAUGHT_UP_AT));
  }

  set caughtUpAt(instantMs: number) {
    Atomics.store(this.#slots, CAUGHT_UP_AT, BigInt(instantMs));
  }

  /** Records that could not be read or applied, since this process began. */
  get rejected(): number {
    return Number(Atomics.load(this.#slots, REJECTED));
  }

  countRejected(): void {
    Atomics.add(this.#slots, REJECTED, 1n);
  }
}

const OFFSET_SPAN = BigInt(SEGMENT_BYTES) * 2n;

function packed(position: Position): bigint {
  return BigInt(position.segment) * OFFSET_SPAN + BigInt(position.offset);
}

function unpacked(value: bigint): Position {
  return { segment: Number(value / OFFSET_SPAN), offset: Number(value % OFFSET_SPAN) };
}
