import { crc32 } from 'node:zlib';

/**
 * One record in a segment:
 *
 *     length u32 │ sequence u32 │ crc32 u32 │ one line of JSON, `length` bytes │ \n
 *
 * all little-endian. The checksum is over the line, seeded with the sequence.
 * The length is never 0, so that the zeros a segment is made of mean "nothing
 * yet". The line is plain text: `strings` and `grep` work on a segment.
 */
export const FRAME_HEAD_BYTES = 12;
const NEWLINE = 0x0a;
const FRAME_TAIL_BYTES = 1;

/** The largest record, frame included. Space for the end of each running attempt is kept free at this size. */
export const RECORD_BYTES_MAX = 8 * 1024;

/** UTF-8 needs at most three bytes for one UTF-16 unit. */
const BYTES_PER_CHAR_MAX = 3;

/**
 * Writes the frame into `target`, which has {@link RECORD_BYTES_MAX} bytes from `at` on.
 * @returns the frame's length, or `undefined` when the record is larger than {@link RECORD_BYTES_MAX}
 */
export function encodeFrame(target: Buffer, json: string, sequence: number, at = 0): number | undefined {
  const lineMax = RECORD_BYTES_MAX - FRAME_HEAD_BYTES - FRAME_TAIL_BYTES;
  if (json.length * BYTES_PER_CHAR_MAX > lineMax && Buffer.byteLength(json) > lineMax) return undefined;
  const lineStart = at + FRAME_HEAD_BYTES;
  const length = target.write(json, lineStart, 'utf8');
  const end = lineStart + length;
  target[end] = NEWLINE;
  target.writeUInt32LE(length, at);
  target.writeUInt32LE(sequence >>> 0, at + 4);
  target.writeUInt32LE(crc32(target.subarray(lineStart, end), sequence >>> 0), at + 8);
  return FRAME_HEAD_BYTES + length + FRAME_TAIL_BYTES;
}

export type FrameRead =
  | { readonly kind: 'record'; readonly json: string; readonly sequence: number; readonly next: number }
  /** Nothing was written from here on. */
  | { readonly kind: 'nothing' }
  /** Bytes that are no record; the next place where one may begin. */
  | { readonly kind: 'damaged'; readonly next: number };

/** Reads the frame at `at`; `end` is where the readable bytes end. */
export function readFrame(bytes: Buffer, at: number, end: number): FrameRead {
  if (at >= end) return { kind: 'nothing' };
  const found = frameAt(bytes, at, end);
  if (found !== undefined) return found;
  // Zeros with a record behind them are a hole, as a power cut leaves where a page was not written.
  const newline = bytes.indexOf(NEWLINE, at);
  if (bytes[at] === 0 && (newline < 0 || newline >= end)) return { kind: 'nothing' };
  return { kind: 'damaged', next: nextFrameAfter(bytes, at, end) };
}

function frameAt(bytes: Buffer, at: number, end: number): Extract<FrameRead, { kind: 'record' }> | undefined {
  if (at + FRAME_HEAD_BYTES > end) return undefined;
  const length = bytes.readUInt32LE(at);
  const lineStart = at + FRAME_HEAD_BYTES;
  const lineEnd = lineStart + length;
  if (length === 0 || length > RECORD_BYTES_MAX || lineEnd + FRAME_TAIL_BYTES > end) return undefined;
  if (bytes[lineEnd] !== NEWLINE) return undefined;
  const sequence = bytes.readUInt32LE(at + 4);
  if (crc32(bytes.subarray(lineStart, lineEnd), sequence) !== bytes.readUInt32LE(at + 8)) return undefined;
  return {
    kind: 'record',
    json: bytes.toString('utf8', lineStart, lineEnd),
    sequence,
    next: lineEnd + FRAME_TAIL_BYTES,
  };
}

/** Reading goes on at the first place whose length, newline and checksum agree; chance makes none in the life of a disk. */
function nextFrameAfter(bytes: Buffer, at: number, end: number): number {
  for (let next = at + 1; next < end; next++) if (frameAt(bytes, next, end) !== undefined) return next;
  return end;
}
