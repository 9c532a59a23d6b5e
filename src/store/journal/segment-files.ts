import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SEGMENT_BYTES } from './position.ts';

const NAME = /^segment-(\d{12})\.log$/;
const DIGITS = 12;

export function segmentPath(directory: string, segment: number): string {
  return join(directory, `segment-${String(segment).padStart(DIGITS, '0')}.log`);
}

/** The numbers of the segments there are, ascending. */
export function listSegments(directory: string): number[] {
  return readdirSync(directory)
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((one, other) => one - other);
}

/** Whether nothing was ever written into the segment: it was made ahead of its use. */
export function isUnused(directory: string, segment: number): boolean {
  const first = Buffer.alloc(4);
  const descriptor = openSync(segmentPath(directory, segment), 'r');
  try {
    const bytes = readSync(descriptor, first, 0, first.length, 0);
    return bytes < first.length || first.readUInt32LE(0) === 0;
  } finally {
    closeSync(descriptor);
  }
}

const ZEROS = new Uint8Array(1024 * 1024);

/**
 * Makes a segment and writes it full of zeros: its blocks are on the disk
 * before they are needed, so that no later write to it can meet a full disk. (A
 * copy-on-write file system such as btrfs or ZFS cannot promise that.)
 *
 * On failure nothing of it stays.
 *
 * @returns an open descriptor, so that its use needs nothing more of the system
 */
export async function preallocateSegment(directory: string, segment: number): Promise<number> {
  const path = segmentPath(directory, segment);
  const file = await open(path, 'wx', 0o600);
  try {
    for (let offset = 0; offset < SEGMENT_BYTES; ) {
      const length = Math.min(ZEROS.length, SEGMENT_BYTES - offset);
      const { bytesWritten } = await file.write(ZEROS, 0, length, offset);
      offset += bytesWritten;
    }
    return openSync(path, 'r+');
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}
