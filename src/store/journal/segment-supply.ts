import { closeSync, rmSync } from 'node:fs';
import { preallocateSegment, segmentPath } from './segment-files.ts';

/** A segment made ahead, open already: a process out of file descriptors must not stop the journal. */
export interface Segment {
  readonly number: number;
  readonly descriptor: number;
}

/** Segments whose space was made ahead of the need. */
export class SegmentSupply {
  readonly #directory: string;
  readonly #ready: Segment[] = [];
  #next: number;

  constructor(directory: string, first: number) {
    this.#directory = directory;
    this.#next = first;
  }

  get size(): number {
    return this.#ready.length;
  }

  take(): Segment | undefined {
    return this.#ready.shift();
  }

  /** @throws whatever the file system says (ENOSPC, EIO); the number is not used again */
  async make(): Promise<void> {
    const number = this.#next++;
    const descriptor = await preallocateSegment(this.#directory, number);
    this.#ready.push({ number, descriptor });
  }

  /** Closes and removes the segments that were never used. */
  remove(): void {
    for (const { number, descriptor } of this.#ready.splice(0)) {
      closeSync(descriptor);
      rmSync(segmentPath(this.#directory, number), { force: true });
    }
  }
}
