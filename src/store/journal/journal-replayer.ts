import { rmSync } from 'node:fs';
import { type Clock, sleep, type Timer } from '../../kernel/clock.ts';
import { errorMessage } from '../../kernel/errors.ts';
import type { StoreLog } from '../log.ts';
import { RepeatedComplaint } from '../repeated-complaint.ts';
import { AttemptApply } from './attempt-apply.ts';
import { AttemptFold } from './attempt-fold.ts';
import { BatchSize } from './batch-size.ts';
import { JournalReader } from './journal-reader.ts';
import type { JournalSettings } from './journal-settings.ts';
import { isBefore, type Position, SharedPosition } from './position.ts';
import { RejectedLog } from './rejected-log.ts';
import type { ReplayTarget } from './replay-connection.ts';
import { listSegments, segmentPath } from './segment-files.ts';
import { RecordParser } from './start-facts.ts';

export interface ReplayerOptions {
  readonly target: ReplayTarget;
  readonly settings: JournalSettings;
  readonly clock: Clock;
  readonly log: StoreLog;
}

/** How long a record may wait for company before it goes to Postgres. */
const TICK_MS = 250;
const RETRY_MS = 1_000;
/** A start whose end has not come by then becomes a row of a running attempt. */
const RUNNING_AFTER_MS = 5_000;

/**
 * Brings the journal into Postgres, inside a thread of the store's own so that
 * the thread which answers calls pays nothing.
 *
 *     recover: what processes before this one left, to its end; their open attempts are interrupted
 *     tail:    every 250 ms, what was appended up to the head
 *
 * Rows and cursor commit together, so that each record takes effect once; after
 * any failure it begins again at the cursor, and the primary key makes a
 * repetition harmless.
 */
export class JournalReplayer {
  readonly #target: ReplayTarget;
  readonly #settings: JournalSettings;
  readonly #clock: Clock;
  readonly #log: StoreLog;
  readonly #shared: SharedPosition;
  readonly #rejected: RejectedLog;
  readonly #apply: AttemptApply;
  readonly #parser = new RecordParser();
  readonly #batchSize = new BatchSize();
  #reader: JournalReader | undefined;
  #fold = new AttemptFold();
  readonly #complaint = new RepeatedComplaint();
  /** The cursor of a batch whose commit was not answered: it may stand in Postgres or not. */
  #unanswered: Position | undefined;
  #lastInstant = 0;
  #sequence = 0;
  #removedBefore: number | undefined;
  #timer: Timer | undefined;
  #turn: Promise<void> = Promise.resolve();
  readonly #stopping = new AbortController();

  constructor(options: ReplayerOptions) {
    const { target, settings, clock, log } = options;
    this.#target = target;
    this.#settings = settings;
    this.#clock = clock;
    this.#log = log;
    this.#shared = new SharedPosition(settings.shared);
    this.#rejected = new RejectedLog(settings.directory, this.#shared, log);
    this.#apply = new AttemptApply(target, settings.name, this.#rejected);
  }

  /** Recovers, then tails. Returns once what earlier processes left is in Postgres, or the replayer was stopped. */
  async run(): Promise<void> {
    await this.#exclusively(() => this.#recoverAtLast());
    this.#schedule(TICK_MS);
  }

  /** Everything that was appended before is in Postgres when it returns. */
  flush(): Promise<void> {
    return this.#exclusively(() => this.#replay(this.#shared.head, Number.POSITIVE_INFINITY));
  }

  /** Applies what there is, once, and stops. What the store does not take stays in the journal. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#timer?.cancel();
    await this.flush().catch((error: unknown) => {
      this.#log.warn({ reason: errorMessage(error) }, 'the journal is replayed at the next start');
    });
    this.#reader?.close();
  }

  async #recoverAtLast(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        return await this.#recover();
      } catch (error) {
        const reason = errorMessage(error);
        if (this.#complaint.isDue(reason, this.#clock.monotonicMs())) {
          this.#log.error({ reason, againInMs: RETRY_MS }, 'the journal could not be recovered yet');
        }
        await sleep(this.#clock, RETRY_MS, signal).catch(() => {
          // Stopped while waiting: the loop's condition sees it.
        });
      }
    }
  }

  async #recover(): Promise<void> {
    const { directory, firstLiveSegment, resumed } = this.#settings;
    const live: Position = { segment: firstLiveSegment, offset: 0 };
    const known = await this.#apply.readCursor();
    this.#lastInstant = known?.lastInstant ?? 0;
    const foreign = known !== undefined && !resumed && isBefore(live, known.position);
    if (foreign) this.#log.warn({ directory }, 'the journal was replaced since the last start; all of it is replayed');
    const oldest: Position = { segment: listSegments(directory)[0] ?? firstLiveSegment, offset: 0 };
    const from = known === undefined || foreign ? oldest : known.position;
    this.#shared.applied = from;
    this.#begin(from);
    if (!isBefore(from, live)) return;
    const end: Position = { segment: firstLiveSegment - 1, offset: Number.MAX_SAFE_INTEGER };
    const records = await this.#replay(end, Number.NEGATIVE_INFINITY);
    const interrupted = this.#fold.waiting;
    this.#fold.interrupt(this.#lastInstant);
    await this.#commit(live, true);
    this.#begin(live);
    if (records > 0) this.#log.info({ records, interrupted }, 'the journal of the last process was replayed');
  }

  #begin(position: Position): void {
    this.#reader?.close();
    this.#reader = new JournalReader(this.#settings.directory, position);
    this.#fold = new AttemptFold();
    this.#sequence = this.#shared.appliedRecords;
  }

  #schedule(delayMs: number): void {
    if (this.#stopping.signal.aborted) return;
    this.#timer = this.#clock.after(delayMs, () => void this.#tick());
  }

  async #tick(): Promise<void> {
    try {
      const aged = this.#clock.monotonicMs() - RUNNING_AFTER_MS;
      await this.#exclusively(() => this.#replay(this.#shared.head, aged));
      this.#complaint.end();
      this.#schedule(TICK_MS);
    } catch (error) {
      const reason = errorMessage(error);
      if (this.#complaint.isDue(reason, this.#clock.monotonicMs())) {
        this.#log.error({ reason, againInMs: RETRY_MS }, 'the journal could not be replayed');
      }
      this.#schedule(RETRY_MS);
    }
  }

  /** Replays up to `limit` and surrenders starts read before `readBeforeMs`. @returns how many records it read */
  async #replay(limit: Position, readBeforeMs: number): Promise<number> {
    await this.#learnWhetherCommitted();
    const reader = this.#reader;
    if (reader === undefined) throw new Error('the journal is not being replayed yet');
    const beganAt = this.#clock.now();
    let records = 0;
    try {
      for (let more = true; more; ) {
        const recordsMax = this.#batchSize.recordsMax(this.#target.inDemand === true);
        const beganMs = this.#clock.monotonicMs();
        const count = this.#read(reader, limit, recordsMax);
        records += count;
        more = count === recordsMax;
        if (!more) this.#fold.surrender(readBeforeMs);
        await this.#commit(reader.position, false);
        this.#batchSize.took(count, this.#clock.monotonicMs() - beganMs);
        // Whoever wrote to this thread meanwhile is heard only now.
        if (more) await new Promise<void>((resolve) => this.#clock.soon(resolve));
      }
    } catch (error) {
      this.#begin(this.#shared.applied);
      throw error;
    }
    this.#publish(limit, beganAt);
    return records;
  }

  #read(reader: JournalReader, limit: Position, recordsMax: number): number {
    const nowMs = this.#clock.monotonicMs();
    const items = reader.read(limit, recordsMax);
    for (const item of items) {
      if (item.kind === 'damaged') {
        this.#rejected.add(item.at, `${item.bytes.length} bytes that are no record`, item.bytes);
        continue;
      }
      this.#sequence = item.sequence;
      try {
        this.#fold.add(this.#parser.parse(item.json), item.at, nowMs);
      } catch (error) {
        this.#rejected.add(item.at, errorMessage(error), item.json);
      }
    }
    this.#lastInstant = Math.max(this.#lastInstant, this.#fold.lastInstant);
    return items.length;
  }

  async #commit(readUpTo: Position, interruptRunning: boolean): Promise<void> {
    const taken = this.#fold.take();
    const records = taken.rows.length + taken.checkpoints.length + taken.lateEnds.length;
    if (records === 0 && !interruptRunning) return;
    const position = this.#fold.cursor(readUpTo);
    this.#unanswered = position;
    await this.#apply.apply({ ...taken, cursor: { position, lastInstant: this.#lastInstant }, interruptRunning });
    this.#unanswered = undefined;
    this.#shared.applied = position;
    this.#removeSegmentsBefore(position.segment);
  }

  /** A connection that broke at the commit leaves that open; the cursor, which commits with the rows, tells. */
  async #learnWhetherCommitted(): Promise<void> {
    const unanswered = this.#unanswered;
    if (unanswered === undefined) return;
    const known = await this.#apply.readCursor();
    this.#unanswered = undefined;
    if (known === undefined || isBefore(known.position, unanswered) || isBefore(unanswered, known.position)) return;
    this.#shared.applied = unanswered;
    this.#begin(unanswered);
  }

  #removeSegmentsBefore(segment: number): void {
    if (segment === this.#removedBefore) return;
    this.#removedBefore = segment;
    const { directory } = this.#settings;
    for (const number of listSegments(directory)) {
      if (number < segment) rmSync(segmentPath(directory, number), { force: true });
    }
  }

  #publish(limit: Position, beganAt: number): void {
    const { firstLiveSegment } = this.#settings;
    if (limit.segment < firstLiveSegment) return;
    this.#shared.appliedRecords = Math.max(0, this.#sequence - this.#fold.waiting);
    this.#shared.caughtUpAt = this.#fold.oldestStartedAt ?? beganAt;
  }

  /** One replay at a time, in the order they were asked for. */
  #exclusively<Result>(work: () => Promise<Result>): Promise<void> {
    const turn = this.#turn.then(async () => {
      await work();
    });
    this.#turn = turn.catch(() => {
      // Whoever asked for it hears of the failure through `turn`; the next one begins at the cursor.
    });
    return turn;
  }
}
