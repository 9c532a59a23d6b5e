import { closeSync, mkdirSync, rmSync, writeSync } from 'node:fs';
import type { Clock, Timer } from '../../kernel/clock.ts';
import { errorMessage, GatewayError } from '../../kernel/errors.ts';
import type { AttemptCheckpoint, AttemptEnd, AttemptRecord, AttemptStart } from '../../protocol/attempt-record.ts';
import type { StoreLog } from '../log.ts';
import { encodeFrame, RECORD_BYTES_MAX } from './frame.ts';
import { noSpace, RETRY_MS, tooLarge } from './journal-refusals.ts';
import { SEGMENT_BYTES, SharedPosition } from './position.ts';
import { shortened } from './record-size.ts';
import { isUnused, listSegments, segmentPath } from './segment-files.ts';
import { type Segment, SegmentSupply } from './segment-supply.ts';

export interface JournalWriterOptions {
  readonly directory: string;
  readonly clock: Clock;
  readonly log: StoreLog;
}

/**
 * Hears that a record is with the kernel, or why a start is not.
 * Ends are never refused: what the disk does not take is kept and tried again.
 */
export type OnWritten = (refused?: GatewayError) => void;

interface Staged {
  readonly record: AttemptRecord;
  readonly onWritten: OnWritten;
}

/** What may wait for one write. More goes out at once. */
const STAGE_BYTES = 32 * RECORD_BYTES_MAX;
/** How long a checkpoint may wait for company: nobody waits for it, and a write of its own costs more than all else about it. */
const CHECKPOINT_WAIT_MS = 100;
/** Starts that may still be admitted while the next segment is being made. */
const SPARE_RECORDS = 64;
/** Ends that the disk itself refused (EIO), kept until it takes them again. */
const UNWRITTEN_MAX = 10_000;

/**
 * Appends records to segments whose space was made ahead.
 *
 * The records of one turn of the event loop go out together, in one write at
 * its end: a busy gateway has dozens of calls that begin or end in one turn,
 * and each write costs more than all else about a record. Whoever stages a
 * record waits for its `onWritten` before a byte leaves that depends on it.
 * Checkpoints, for which nobody waits, go out with the next start or end, or
 * with each other.
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
  readonly #stage = Buffer.allocUnsafe(STAGE_BYTES);
  readonly #flushNow = () => {
    this.#flushSoon = false;
    this.#flush();
  };
  #stagedBytes = 0;
  #staged: Staged[] = [];
  /** A flush comes at the end of this turn. */
  #flushSoon = false;
  /** A flush comes at the latest then, for checkpoints. */
  #flushLater: Timer | undefined;
  readonly #supply: SegmentSupply;
  #segment: Segment | undefined;
  #offset = SEGMENT_BYTES;
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
    this.#supply = new SegmentSupply(options.directory, firstSegment);
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
   * Writes a record now.
   *
   * @throws `budget_unavailable` when a start has no room
   * @throws `invalid_request` when a start is larger than a record may be
   */
  append(record: AttemptRecord): void {
    let refusal: GatewayError | undefined;
    this.stage(record, (refused) => {
      refusal = refused;
    });
    this.#flush();
    if (refusal !== undefined) throw refusal;
  }

  /**
   * Takes a record for the write at the end of this turn; `onWritten` is called after it.
   *
   * @throws `budget_unavailable` when a start has no room
   * @throws `invalid_request` when a start is larger than a record may be
   */
  stage(record: AttemptRecord, onWritten: OnWritten): void {
    if (record.kind === 'start') this.#stageStart(record, onWritten);
    else if (record.kind === 'end') this.#stageEnd(record, onWritten);
    else this.#stageCheckpoint(record, onWritten);
    if (this.#freeBytes() < this.#wantedBytes()) this.#makeSoon();
  }

  /** Waits for the segment under way and closes. Segments that were made ahead and never used are removed. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#retryTimer?.cancel();
    await this.#making;
    this.#flush();
    this.#writeUnwritten();
    if (this.#segment !== undefined) closeSync(this.#segment.descriptor);
    this.#segment = undefined;
    this.#supply.remove();
    const lost = this.#unwritten.length;
    if (lost > 0) this.#options.log.error({ lost }, 'ends of attempts could not be written before the journal closed');
  }

  #stageStart(record: AttemptStart, onWritten: OnWritten): void {
    if (!this.canAdmit()) throw noSpace(this.#problem);
    try {
      if (!this.#encode(record, onWritten)) throw tooLarge();
    } catch (error) {
      if (error instanceof GatewayError) throw error;
      this.#hasProblem(error);
      throw noSpace(this.#problem, error);
    }
    this.#running++;
  }

  #stageEnd(record: AttemptEnd, onWritten: OnWritten): void {
    if (this.#running > 0) this.#running--;
    try {
      if (this.#unwritten.length === 0) {
        this.#encodeEnd(record, onWritten);
        return;
      }
    } catch (error) {
      this.#hasProblem(error);
      this.#retrySoon();
    }
    this.#keep(record);
    onWritten();
  }

  /** One that finds no room is left out: the attempt goes on, and the space is for its end. */
  #stageCheckpoint(record: AttemptCheckpoint, onWritten: OnWritten): void {
    try {
      if (this.canAdmit() && this.#unwritten.length === 0 && this.#encode(record, onWritten)) return;
    } catch (error) {
      this.#hasProblem(error);
    }
    onWritten();
  }

  #encodeEnd(record: AttemptEnd, onWritten: OnWritten): void {
    if (this.#encode(record, onWritten) || this.#encode(shortened(record), onWritten)) return;
    throw new Error('a shortened record is larger than a record may be');
  }

  /** @returns false when the record is larger than a record may be */
  #encode(record: AttemptRecord, onWritten: OnWritten): boolean {
    // Before the record has its sequence: a write that fails takes back those of its records.
    if (this.#stagedBytes + RECORD_BYTES_MAX > STAGE_BYTES) this.#flush();
    const json = JSON.stringify(record);
    let length = encodeFrame(this.#stage, json, this.#records + 1, this.#stagedBytes);
    if (length === undefined) return false;
    if (this.#offset + this.#stagedBytes + length > SEGMENT_BYTES) {
      this.#flush();
      this.#openNext();
      length = encodeFrame(this.#stage, json, this.#records + 1) ?? 0;
    }
    this.#scheduleFlush(record);
    this.#staged.push({ record, onWritten });
    this.#stagedBytes += length;
    this.#records++;
    return true;
  }

  #scheduleFlush({ kind }: AttemptRecord): void {
    const { clock } = this.#options;
    if (this.#flushSoon) return;
    if (kind === 'checkpoint') {
      this.#flushLater ??= clock.after(CHECKPOINT_WAIT_MS, this.#flushNow);
      return;
    }
    this.#flushSoon = true;
    clock.soon(this.#flushNow);
  }

  /** Writes what is staged at the head, which moves only when all of it is with the kernel. */
  #flush(): void {
    const staged = this.#staged;
    this.#flushLater?.cancel();
    this.#flushLater = undefined;
    if (staged.length === 0) return;
    const length = this.#stagedBytes;
    this.#staged = [];
    this.#stagedBytes = 0;
    try {
      this.#write(length);
    } catch (error) {
      this.#records -= staged.length;
      this.#hasProblem(error);
      this.#refuse(staged, error);
      return;
    }
    for (const { record, onWritten } of staged) this.#tell(record, onWritten);
  }

  /** What goes wrong with one call must not keep the others of its turn waiting. */
  #tell(record: AttemptRecord, onWritten: OnWritten, refused?: GatewayError): void {
    try {
      onWritten(refused);
    } catch (err) {
      this.#options.log.error(
        { err, callId: record.callId, attempt: record.attempt },
        'a recorded attempt cannot go on',
      );
    }
  }

  #write(length: number): void {
    const segment = this.#segment;
    if (segment === undefined) throw new Error('the journal has no segment');
    for (let written = 0; written < length; ) {
      written += writeSync(segment.descriptor, this.#stage, written, length - written, this.#offset + written);
    }
    this.#offset += length;
    this.shared.head = { segment: segment.number, offset: this.#offset };
  }

  /** After a write that failed: its starts have not happened, its ends are kept, but for those whose start was among them. */
  #refuse(staged: readonly Staged[], cause: unknown): void {
    const refused = new Set<string>();
    for (const { record, onWritten } of staged) {
      const key = `${record.callId}/${record.attempt}`;
      if (record.kind === 'start') {
        refused.add(key);
        if (this.#running > 0) this.#running--;
        this.#tell(record, onWritten, noSpace(this.#problem, cause));
      } else {
        if (record.kind === 'end' && !refused.has(key)) this.#keep(record);
        this.#tell(record, onWritten);
      }
    }
    this.#retrySoon();
  }

  #openNext(): void {
    const next = this.#supply.take();
    if (next === undefined) throw new Error('no spare segment is left');
    if (this.#segment !== undefined) closeSync(this.#segment.descriptor);
    this.#segment = next;
    this.#offset = 0;
  }

  /** Room for records, less what may stay unused at the end of each segment. */
  #freeBytes(): number {
    const perSpare = SEGMENT_BYTES - RECORD_BYTES_MAX;
    return (
      Math.max(0, SEGMENT_BYTES - this.#offset - this.#stagedBytes - RECORD_BYTES_MAX) + this.#supply.size * perSpare
    );
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
      while (this.#freeBytes() < this.#wantedBytes() && !this.#stopped) await this.#supply.make();
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
    const records = this.#unwritten;
    this.#unwritten = [];
    let staged = 0;
    try {
      for (const record of records) {
        this.#encodeEnd(record, ignore);
        staged++;
      }
    } catch (error) {
      this.#hasProblem(error);
      this.#unwritten.push(...records.slice(staged));
    }
    this.#flush();
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

/** Nobody waits any more for an end that was kept: its client has had its answer. */
const ignore = () => undefined;
