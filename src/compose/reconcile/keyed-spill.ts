import { closeSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GatewayError } from '../../kernel/errors.ts';

/** Beyond so many entries at once they go to files. */
export const ENTRIES_HELD_MAX = 200_000;
const PARTS = 64;
const PART_CHARS_MAX = 64 * 1_024;
/** After so many partings it is not the hash that keeps entries together. */
const LEVEL_MAX = 5;

interface Part {
  readonly path: string;
  /** Absent until there is more than fits into `pending`, and once it was read. */
  fd: number | undefined;
  pending: string;
}

export interface KeyedGroup {
  readonly key: string;
  /** In the order in which they were added. */
  readonly values: readonly string[];
}

/**
 * Texts brought together by their key, however many: up to a bound in memory,
 * beyond it in 64 parts, in files once they are large, by a hash of the key, each of which is then read alone,
 * and parted again where it is still too much. Memory is bounded by the number
 * of entries held at once; disk holds every entry once for each level.
 */
export class KeyedSpill {
  readonly #directory: string;
  readonly #level: number;
  readonly #heldMax: number;
  readonly #held = new Map<string, string[]>();
  #count = 0;
  #parts: Part[] | undefined;

  /** @param directory of its own, made when it is needed and removed by `remove` */
  constructor(directory: string, heldMax = ENTRIES_HELD_MAX, level = 0) {
    this.#directory = directory;
    this.#heldMax = heldMax;
    this.#level = level;
  }

  /** Keys and values without line ends, as JSON texts are. */
  add(key: string, value: string): void {
    if (this.#parts !== undefined) {
      this.#write(this.#parts, key, value);
      return;
    }
    const values = this.#held.get(key);
    if (values === undefined) this.#held.set(key, [value]);
    else values.push(value);
    if (++this.#count > this.#heldMax) this.#spill();
  }

  /** Every group once. Nothing may be added any more. */
  *groups(): Generator<KeyedGroup> {
    const parts = this.#parts;
    if (parts === undefined) {
      for (const [key, values] of this.#held) yield { key, values };
      this.#held.clear();
      return;
    }
    for (const part of parts) {
      const inner = new KeyedSpill(`${part.path}.d`, this.#heldMax, this.#level + 1);
      for (const line of linesOf(part)) {
        const tab = line.indexOf('\t');
        inner.add(line.slice(0, tab), line.slice(tab + 1));
      }
      yield* inner.groups();
    }
    this.#parts = undefined;
  }

  /** Frees files that were not read to their end. */
  remove(): void {
    for (const part of this.#parts ?? []) close(part);
    this.#parts = undefined;
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #spill(): void {
    if (this.#level >= LEVEL_MAX) {
      throw new GatewayError('invalid_request', {
        message: `More than ${this.#heldMax} lines have the same id; compare a shorter stretch of time`,
      });
    }
    const parts = Array.from({ length: PARTS }, (_, index): Part => {
      return { path: join(this.#directory, `${index}`), fd: undefined, pending: '' };
    });
    this.#parts = parts;
    for (const [key, values] of this.#held) for (const value of values) this.#write(parts, key, value);
    this.#held.clear();
  }

  #write(parts: readonly Part[], key: string, value: string): void {
    const part = parts[hashOf(key, this.#level) % PARTS];
    if (part === undefined) return;
    part.pending += `${key.replace(/[\t\n\r]/g, ' ')}\t${value}\n`;
    if (part.pending.length >= PART_CHARS_MAX) flush(part);
  }
}

function flush(part: Part): void {
  if (part.fd === undefined) {
    mkdirSync(dirname(part.path), { recursive: true });
    part.fd = openSync(part.path, 'wx', 0o600);
  }
  writeSync(part.fd, part.pending);
  part.pending = '';
}

function close(part: Part): void {
  if (part.fd !== undefined) closeSync(part.fd);
  part.fd = undefined;
}

/** FNV-1a, started elsewhere on each level, so that what fell together once does not again. */
function hashOf(key: string, level: number): number {
  let hash = 0x811c9dc5 ^ (level * 0x9e3779b1);
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d) >>> 0;
}

/** Its lines, after which it is gone; in pieces, because it may be larger than a text can be. */
function* linesOf(part: Part): Generator<string> {
  let rest = '';
  if (part.fd !== undefined) {
    close(part);
    const fd = openSync(part.path, 'r');
    try {
      const decoder = new TextDecoder();
      const piece = Buffer.alloc(PART_CHARS_MAX);
      for (let read = readSync(fd, piece); read > 0; read = readSync(fd, piece)) {
        const lines = (rest + decoder.decode(piece.subarray(0, read), { stream: true })).split('\n');
        rest = lines.pop() ?? '';
        yield* lines;
      }
    } finally {
      closeSync(fd);
    }
    rmSync(part.path);
  }
  // What was written ends with a line end, and so does what is still pending.
  for (const line of (rest + part.pending).split('\n')) if (line !== '') yield line;
  part.pending = '';
}
