import types from 'pg-types';

export interface ResultField {
  readonly name: string;
  readonly dataTypeID: number;
}

/** One statement's result, as `pg` shapes it. */
export interface QueryResult {
  /** The first word of the command tag: `SELECT`, `INSERT`, `BEGIN`. */
  readonly command: string;
  readonly rowCount: number | null;
  readonly rows: Record<string, unknown>[];
  readonly fields: readonly ResultField[];
}

export const INT8_OID = 20;
const INT8_ARRAY_OID = 1016;
const TEXT_ARRAY_OID = 1009;
/** `bytea`; a Buffer loses its class between threads and gets it back at the host. */
export const BYTEA_OID = 17;

type Parse = (text: string) => unknown;

const bytea = types.getTypeParser<Buffer>(BYTEA_OID, 'text');
const textArray = types.getTypeParser<unknown>(TEXT_ARRAY_OID, 'text');

/**
 * How a column's text becomes a value: as `pg` does it, except that `int8` is a
 * bigint: money is, and a count that outgrows a float must not change its type.
 */
export function parserFor(typeId: number): Parse {
  if (typeId === INT8_OID) return BigInt;
  if (typeId === INT8_ARRAY_OID) return (text) => bigints(textArray(text));
  // A copy of its own: a thread's message would carry the whole pool that a small Buffer is a window of.
  if (typeId === BYTEA_OID) return (text) => new Uint8Array(Buffer.from(bytea(text)));
  return types.getTypeParser(typeId, 'text');
}

function bigints(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bigints);
  return value === null ? null : BigInt(String(value));
}

/** `INSERT 0 5` is 5 rows, `BEGIN` has no count. */
export function parseCommandTag(tag: string): { command: string; rowCount: number | null } {
  const words = tag.split(' ');
  const last = Number(words.at(-1));
  return { command: words[0] ?? tag, rowCount: words.length > 1 && Number.isInteger(last) ? last : null };
}

/** Gives `bytea` values that crossed a thread their class back, in place. */
export function restoreBuffers(result: QueryResult): QueryResult {
  for (const field of result.fields) {
    if (field.dataTypeID !== BYTEA_OID) continue;
    for (const row of result.rows) {
      const value = row[field.name];
      if (value instanceof Uint8Array) {
        row[field.name] = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      }
    }
  }
  return result;
}
