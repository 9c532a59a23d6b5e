/** `PGCOPY\n\xff\r\n\0`, no flags, no header extension. */
const SIGNATURE = Buffer.from('5047434f50590aff0d0a000000000000000000', 'hex');
const TRAILER = -1;
const NULL = -1;

const SHORT_BYTES = 2;
const INT_BYTES = 4;
const LONG_BYTES = 8;
const TWO_TO_32 = 2 ** 32;
const HIGH_HALF_MAX = 2 ** 31 - 1;
/** Digits that are exact in a JavaScript number, whatever they are. */
const EXACT_DIGITS = 15;

const POSTGRES_EPOCH_MS = Date.UTC(2000, 0, 1);
const MICROS_PER_MS = 1000;

/** Longer texts are copied by the engine; for short ones the call costs more than the loop. */
const LOOP_CHARS_MAX = 64;
const TEXT_OID = 25;
const JSONB_VERSION = 1;

const FIRST_BYTES = 256 * 1024;
/** One row must fit: its two records have at most 8 KiB each, and no text is longer here than it was there. */
const ROOM_BYTES = 64 * 1024;

/**
 * Rows in the binary format of `COPY`, built in one buffer that is used again
 * and again. Each method writes one column; `undefined` is SQL's null.
 *
 * @see https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format"
 */
export class CopyBuffer {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #view = viewOf(this.#bytes);
  #end = 0;

  /** Forgets what was written. */
  begin(): void {
    this.#end = 0;
    this.raw(SIGNATURE);
  }

  /** Begins a row of so many columns. */
  row(columns: number): void {
    if (this.#end + ROOM_BYTES > this.#bytes.length) this.#grow();
    this.#view.setInt16(this.#end, columns);
    this.#end += SHORT_BYTES;
  }

  /** The whole, valid until the next `begin()`. */
  finish(): Uint8Array {
    this.#view.setInt16(this.#end, TRAILER);
    this.#end += SHORT_BYTES;
    return this.#bytes.subarray(0, this.#end);
  }

  /** Columns that are encoded already. */
  raw(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** A copy of what `write` adds, which is taken back. */
  encoded(write: () => void): Uint8Array {
    const start = this.#end;
    write();
    const bytes = new Uint8Array(this.#bytes.subarray(start, this.#end));
    this.#end = start;
    return bytes;
  }

  text(value: string | undefined): void {
    if (value === undefined) return this.#int(NULL);
    const lengthAt = this.#end;
    this.#end += INT_BYTES;
    this.#characters(value);
    this.#lengthSince(lengthAt);
  }

  flag(value: boolean | undefined): void {
    if (value === undefined) return this.#int(NULL);
    this.#int(1);
    this.#bytes[this.#end++] = value ? 1 : 0;
  }

  int4(value: number | undefined): void {
    if (value === undefined) return this.#int(NULL);
    this.#int(INT_BYTES);
    this.#int(value);
  }

  int8(value: number | undefined): void {
    if (value === undefined) return this.#int(NULL);
    this.#int(LONG_BYTES);
    this.#long(value);
  }

  /** @param digits of an integer that an `int8` can hold */
  int8Digits(digits: string | undefined): void {
    if (digits === undefined) return this.#int(NULL);
    if (digits.length <= EXACT_DIGITS) return this.int8(Number(digits));
    this.#int(LONG_BYTES);
    this.#view.setBigInt64(this.#end, BigInt(digits));
    this.#end += LONG_BYTES;
  }

  float8(value: number | undefined): void {
    if (value === undefined) return this.#int(NULL);
    this.#int(LONG_BYTES);
    this.#view.setFloat64(this.#end, value);
    this.#end += LONG_BYTES;
  }

  /** @param instantMs milliseconds since the epoch; what no timestamp can hold is refused by Postgres */
  instant(instantMs: number | undefined): void {
    if (instantMs === undefined) return this.#int(NULL);
    this.#int(LONG_BYTES);
    this.#long(Math.round((instantMs - POSTGRES_EPOCH_MS) * MICROS_PER_MS));
  }

  texts(values: readonly string[] | undefined): void {
    if (values === undefined) return this.#int(NULL);
    const lengthAt = this.#end;
    this.#end += INT_BYTES;
    const empty = values.length === 0;
    // Dimensions, whether nulls are among the elements, their type; then the one dimension's length and first index.
    for (const word of [empty ? 0 : 1, 0, TEXT_OID]) this.#int(word);
    if (!empty) for (const word of [values.length, 1]) this.#int(word);
    for (const value of values) this.text(value);
    this.#lengthSince(lengthAt);
  }

  jsonb(value: Readonly<Record<string, string>> | undefined): void {
    if (value === undefined) return this.#int(NULL);
    const pairs = Object.entries(value).map((pair) => pair.map((text) => storable(text.toWellFormed())));
    this.json(Object.fromEntries(pairs));
  }

  /** @param value an object whose texts a `jsonb` can hold */
  json(value: object | undefined): void {
    if (value === undefined) return this.#int(NULL);
    const lengthAt = this.#end;
    this.#end += INT_BYTES;
    this.#bytes[this.#end++] = JSONB_VERSION;
    this.#characters(JSON.stringify(value));
    this.#lengthSince(lengthAt);
  }

  #int(value: number): void {
    this.#view.setInt32(this.#end, value);
    this.#end += INT_BYTES;
  }

  #long(value: number): void {
    const high = Math.floor(value / TWO_TO_32);
    // Neither end of the range may be written: for an instant they mean "infinity", which must not come from a number.
    const clamped = Math.max(-HIGH_HALF_MAX, Math.min(HIGH_HALF_MAX, high));
    this.#view.setInt32(this.#end, clamped);
    this.#view.setUint32(this.#end + INT_BYTES, clamped === high ? value - high * TWO_TO_32 : 0);
    this.#end += LONG_BYTES;
  }

  #lengthSince(lengthAt: number): void {
    this.#view.setInt32(lengthAt, this.#end - lengthAt - INT_BYTES);
  }

  #characters(value: string): void {
    if (value.length <= LOOP_CHARS_MAX && this.#ascii(value)) return;
    // Half of a surrogate pair becomes U+FFFD here.
    this.#end += this.#bytes.write(storable(value), this.#end, 'utf8');
  }

  #ascii(value: string): boolean {
    const bytes = this.#bytes;
    let end = this.#end;
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index);
      if (code === 0 || code > 0x7f) return false;
      bytes[end++] = code;
    }
    this.#end = end;
    return true;
  }

  #grow(): void {
    const larger = Buffer.allocUnsafeSlow(this.#bytes.length * 2);
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
    this.#view = viewOf(larger);
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Postgres' text holds any character but NUL. */
function storable(value: string): string {
  return value.includes('\0') ? value.replaceAll('\0', '\u{fffd}') : value;
}
