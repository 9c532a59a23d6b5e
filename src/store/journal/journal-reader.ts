import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { errorCode } from '../../kernel/errors.ts';
import { RECORD_BYTES_MAX, readFrame } from './frame.ts';
import { type Position, SEGMENT_BYTES } from './position.ts';
import { listSegments, segmentPath } from './segment-files.ts';

/** One record as it stands in the journal, not yet parsed. */
export interface ReadRecord {
  readonly kind: 'record';
  readonly json: string;
  readonly sequence: number;
  readonly at: Position;
}

/** Bytes between records that are no record: damage in the middle, or the torn end of a process that died. */
export interface DamagedBytes {
  readonly kind: 'damaged';
  readonly bytes: Buffer;
  readonly at: Position;
}

export type ReadItem = ReadRecord | DamagedBytes;

/**
 * Reads the journal from a place on, segment after segment. The buffer mirrors
 * one segment byte for byte, so that what was read once is never read again;
 * beyond the loaded end stands what an earlier segment left.
 */
export class JournalReader {
  readonly #directory: string;
  readonly #buffer = Buffer.alloc(SEGMENT_BYTES);
  #position: Position;
  #descriptor: number | undefined;
  #loadedEnd = 0;

  constructor(directory: string, position: Position) {
    this.#directory = directory;
    this.#position = position;
    this.#loadedEnd = position.offset;
  }

  get position(): Position {
    return this.#position;
  }

  /** At most `itemsMax` items before `limit`. Fewer mean that there are no more. */
  read(limit: Position, itemsMax: number): ReadItem[] {
    const items: ReadItem[] = [];
    while (items.length < itemsMax) {
      const { segment, offset } = this.#position;
      if (segment > limit.segment) break;
      this.#load(segment === limit.segment ? limit.offset : SEGMENT_BYTES);
      const frame = readFrame(this.#buffer, offset, this.#loadedEnd);
      if (frame.kind === 'nothing') {
        if (segment === limit.segment || !this.#enterNext(limit)) break;
        continue;
      }
      const at = this.#position;
      if (frame.kind === 'record') items.push({ kind: 'record', json: frame.json, sequence: frame.sequence, at });
      else items.push({ kind: 'damaged', bytes: withoutZeros(this.#buffer.subarray(offset, frame.next)), at });
      this.#position = { segment, offset: frame.next };
    }
    return items;
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #load(end: number): void {
    if (this.#loadedEnd >= end) return;
    this.#descriptor ??= this.#open();
    if (this.#descriptor === undefined) return;
    const readableEnd = Math.min(end, SEGMENT_BYTES, fstatSync(this.#descriptor).size);
    while (this.#loadedEnd < readableEnd) {
      const length = readableEnd - this.#loadedEnd;
      const read = readSync(this.#descriptor, this.#buffer, this.#loadedEnd, length, this.#loadedEnd);
      if (read === 0) break;
      this.#loadedEnd += read;
    }
  }

  /** `undefined` for a segment that is not there: it was removed after it had been applied. */
  #open(): number | undefined {
    try {
      return openSync(segmentPath(this.#directory, this.#position.segment), 'r');
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  #enterNext(limit: Position): boolean {
    const { segment } = this.#position;
    const next = listSegments(this.#directory).find((number) => number > segment && number <= limit.segment);
    if (next === undefined) return false;
    this.close();
    this.#position = { segment: next, offset: 0 };
    this.#loadedEnd = 0;
    return true;
  }
}

/** Damage is kept for a person to look at: two records' worth, and none of the zeros that an unused segment ends in. */
const DAMAGE_BYTES_MAX = 2 * RECORD_BYTES_MAX;

function withoutZeros(bytes: Buffer): Buffer {
  let end = Math.min(bytes.length, DAMAGE_BYTES_MAX);
  while (end > 0 && bytes[end - 1] === 0) end--;
  return Buffer.from(bytes.subarray(0, end));
}
