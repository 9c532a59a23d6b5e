import { closeSync, mkdirSync, rmSync, writeSync } from 'node:fs';
import type { Clock, Timer } from '../../kernel/clock.ts';
import { errorMessage, GatewayError } from '../../kernel/errors.ts';
import type { AttemptEnd, AttemptRecord, AttemptStart } from '../../protocol/attempt-record.ts';
import type { StoreLog } from '../log.ts';
import { encodeFrame, RECORD_BYTES_MAX } from './frame.ts';
import { SEGMENT_BYTES, SharedPosition } from './position.ts';
import { shortened } from './record-size.ts';
import { isUnused, listSegments, preallocateSegment, segmentPath } from './segment-files.ts';

export interface JournalWriterOptions {
  readonly directory: string;
  readonly clock: Clock;
  readonly log: StoreLog;
}

/** A segment made ahead, open already: a process out of file descriptors must not stop the journal. */
interface Spare {
  readonly segment: number;
  readonly descriptor: number;
}

/** Starts that may still be admitted while the next segment is being made. */
const SPARE_RECORDS = 64;
const RETRY_MS = 1_000;
/** Ends that the disk itself refused (EIO), kept until it takes them again. */
const UNWRITTEN_MAX = 10_000;

/**
 * Appends records to segments whose space was made ahead.
 *
 * What must hold: at any moment the active segment and the spare ones have room
 * for the end of each running attempt at the largest record size. A start that
 * would break it is refused, so that a full disk stops new calls and loses
 * nothing of those under way. Spare segments are made ahead of the need; when
 * that fails (ENOSPC, EIO) it is tried again once a second.
 */
export class JournalWriter {
  /** Where the head is, for the replayer. */
  readonly shared = new SharedPosition();
  /** The first segment of this process; older ones belong to processes that ended. */
  readonly firstSegment: number;
  readonly #options: JournalWriterOptions;
  readonly #frame = Buffer.allocUnsafe(RECORD_BYTES_MAX);
  readonly #spares: Spare[] = [];
  #descriptor: number | undefined;
  #segment: number;
  #offset = SEGMENT_BYTES;
  #nextSegment: number;
  #records = 0;
  #running = 0;
  #unwritten: AttemptEnd[] = [];
  #making: Promise<void> | undefined;
  #retryTimer: Timer | undefined;
  #problem: string | undefined;
  #stopped = false;

  private constructor(options: JournalWriterOptions, firstSegment: number) {
    this.#options = options;
    this.firstSegment = firstSegment;
    this.#segment = firstSegment - 1;
    this.#nextSegment = firstSegment;
    this.shared.head = { segment: firstSegment, offset: 0 };
    this.shared.applied = this.shared.head;
    this.shared.caughtUpAt = options.clock.now();
  }

  /** Opens a new segment after those that are there. On a full disk it opens without room, and admits once there is some. */
  static async open(options: JournalWriterOptions): Promise<JournalWriter> {
    const { directory } = options;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const segments = listSegments(directory);
    for (const segment of segments.filter((number) => isUnused(directory, number))) {
      rmSync(segmentPath(directory, segment));
    }
    const writer = new JournalWriter(options, (segments.at(-1) ?? 0) + 1);
    await writer.#makeSpares();
    return writer;
  }

  /** How many records this process has appended. */
  get records(): number {
    return this.#records;
  }

  /** Attempts that have started and not ended. */
  get running(): number {
    return this.#running;
  }

  /** Why no space can be made, while that is so. */
  get problem(): string | undefined {
    return this.#problem;
  }

  canAdmit(): boolean {
    return !this.#stopped && this.#freeBytes() >= this.#neededBytes();
  }

  /**
   * @throws `budget_unavailable` when a start has no room
   * @throws `invalid_request` when a start is larger than a record may be
   */
  append(record: AttemptRecord): void {
    if (record.kind === 'start') this.#appendStart(record);
    else this.#appendEnd(record);
    if (this.#freeBytes() < this.#wantedBytes()) this.#makeSoon();
  }

  /** Waits for the segment under way and closes. Segments that were made ahead and never used are removed. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#retryTimer?.cancel();
    await this.#making;
    this.#writeUnwritten();
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
    for (const spare of this.#spares.splice(0)) {
      closeSync(spare.descriptor);
      rmSync(segmentPath(this.#options.directory, spare.segment), { force: true });
    }
    const lost = this.#unwritten.length;
    if (lost > 0) this.#options.log.error({ lost }, 'ends of attempts could not be written before the journal closed');
  }

  #appendStart(record: AttemptStart): void {
    if (!this.canAdmit()) throw noSpace(this.#problem);
    try {
      const length = encodeFrame(this.#frame, JSON.stringify(record), this.#records + 1);
      if (length === undefined) throw tooLarge();
      this.#write(length);
    } catch (error) {
      if (error instanceof GatewayError) throw error;
      this.#hasProblem(error);
      throw noSpace(this.#problem, error);
    }
    this.#running++;
  }

  #appendEnd(record: AttemptEnd): void {
    if (this.#running > 0) this.#running--;
    if (this.#unwritten.length > 0) return this.#keep(record);
    try {
      this.#writeEnd(record);
    } catch (error) {
      this.#hasProblem(error);
      this.#keep(record);
      this.#retrySoon();
    }
  }

  #writeEnd(record: AttemptEnd): void {
    const sequence = this.#records + 1;
    const length =
      encodeFrame(this.#frame, JSON.stringify(record), sequence) ??
      encodeFrame(this.#frame, JSON.stringify(shortened(record)), sequence);
    if (length === undefined) throw new Error('a shortened record is larger than a record may be');
    this.#write(length);
  }

  /** Writes the frame's first `length` bytes at the head, which moves only when all of them are with the kernel. */
  #write(length: number): void {
    if (this.#offset + length > SEGMENT_BYTES) this.#openNext();
    if (this.#descriptor === undefined) throw new Error('the journal has no segment');
    for (let written = 0; written < length; ) {
      written += writeSync(this.#descriptor, this.#frame, written, length - written, this.#offset + written);
    }
    this.#offset += length;
    this.#records++;
    this.shared.head = { segment: this.#segment, offset: this.#offset };
  }

  #openNext(): void {
    const next = this.#spares.shift();
    if (next === undefined) throw new Error('no spare segment is left');
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = next.descriptor;
    this.#segment = next.segment;
    this.#offset = 0;
  }

  /** Room for records, less what may stay unused at the end of each segment. */
  #freeBytes(): number {
    const perSpare = SEGMENT_BYTES - RECORD_BYTES_MAX;
    return Math.max(0, SEGMENT_BYTES - this.#offset - RECORD_BYTES_MAX) + this.#spares.length * perSpare;
  }

  #neededBytes(): number {
    return (this.#running + this.#unwritten.length + SPARE_RECORDS) * RECORD_BYTES_MAX;
  }

  #wantedBytes(): number {
    return this.#neededBytes() + SEGMENT_BYTES - RECORD_BYTES_MAX;
  }

  #makeSoon(): void {
    if (this.#making !== undefined || this.#retryTimer !== undefined || this.#stopped) return;
    this.#making = this.#makeSpares().finally(() => {
      this.#making = undefined;
    });
  }

  async #makeSpares(): Promise<void> {
    try {
      while (this.#freeBytes() < this.#wantedBytes() && !this.#stopped) {
        const segment = this.#nextSegment++;
        const descriptor = await preallocateSegment(this.#options.directory, segment);
        this.#spares.push({ segment, descriptor });
      }
      this.#solved();
    } catch (error) {
      this.#hasProblem(error);
      this.#retrySoon();
    }
  }

  #retrySoon(): void {
    if (this.#retryTimer !== undefined || this.#stopped) return;
    this.#retryTimer = this.#options.clock.after(RETRY_MS, () => {
      this.#retryTimer = undefined;
      this.#writeUnwritten();
      if (this.#unwritten.length > 0) this.#retrySoon();
      else this.#makeSoon();
    });
  }

  #keep(record: AttemptEnd): void {
    if (this.#unwritten.length < UNWRITTEN_MAX) {
      this.#unwritten.push(record);
      return;
    }
    this.#options.log.error({ callId: record.callId, attempt: record.attempt }, 'an attempt’s end could not be kept');
  }

  #writeUnwritten(): void {
    try {
      for (let record = this.#unwritten[0]; record !== undefined; record = this.#unwritten[0]) {
        this.#writeEnd(record);
        this.#unwritten.shift();
      }
    } catch (error) {
      this.#hasProblem(error);
    }
  }

  #hasProblem(error: unknown): void {
    const problem = errorMessage(error);
    if (this.#problem !== problem) {
      this.#options.log.error({ err: error, directory: this.#options.directory }, 'the journal cannot be extended');
    }
    this.#problem = problem;
  }

  #solved(): void {
    if (this.#problem === undefined) return;
    this.#problem = undefined;
    this.#options.log.info({ directory: this.#options.directory }, 'the journal has room again');
  }
}

function noSpace(problem: string | undefined, cause?: unknown): GatewayError {
  const why = problem ?? 'its next segment is still being made';
  const what = problem?.startsWith('ENOSPC')
    ? 'Free some disk space; admission resumes by itself.'
    : 'Try again shortly.';
  return new GatewayError('budget_unavailable', {
    message: `New calls are not admitted: the journal has no room for them (${why}). ${what}`,
    retry: 'same-target',
    retryAfterMs: RETRY_MS,
    ...(cause === undefined ? {} : { cause }),
  });
}

function tooLarge(): GatewayError {
  return new GatewayError('invalid_request', {
    message: `The call's metadata and tags are too large: with them its record exceeds ${RECORD_BYTES_MAX} bytes. Send less.`,
    param: 'x-leeward-metadata',
  });
}
