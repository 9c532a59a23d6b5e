import type { AttemptCheckpoint, AttemptEnd } from '../../protocol/attempt-record.ts';
import { isBefore, type Position } from './position.ts';
import type { JournalRecord, JournalStart } from './start-facts.ts';

/**
 * What is known of how an attempt ended. An interrupted one has its outcome and
 * instant, and the usage that its last checkpoint told.
 */
export type KnownEnd = Omit<AttemptEnd, 'kind' | 'callId' | 'attempt' | 'callStartedAt' | 'totalMs'> & {
  readonly totalMs?: number;
};

/** What is known of an attempt that still runs. */
export type KnownProgress = Pick<KnownEnd, 'usage' | 'usageSource' | 'costNanoUsd'>;

/** One row of `attempts` to insert. Without an end the attempt is still running. */
export interface AttemptRow {
  readonly start: JournalStart;
  readonly end: KnownEnd | undefined;
  /** How far it has come, where it has no end and told of it. */
  readonly progress?: KnownProgress;
}

interface Pending {
  readonly start: JournalStart;
  readonly at: Position;
  readonly readAtMs: number;
  /** The latest checkpoint that was read of it. */
  checkpoint?: AttemptCheckpoint;
}

/** Starts without an end that are held in memory; beyond it the oldest become rows of running attempts at once. */
const PENDING_MAX = 20_000;

/**
 * Folds records into rows. A start waits for its end, so that the usual attempt
 * costs one INSERT; the journal keeps both until the row is durable, hence the
 * cursor may not pass the oldest start that waits. A record that is read again
 * may come out as a row again; the table's primary key makes one of them.
 */
export class AttemptFold {
  readonly #pending = new Map<string, Pending>();
  #rows: AttemptRow[] = [];
  #lateEnds = new Map<string, AttemptEnd>();
  /** The latest of each attempt whose start became a row earlier. */
  #checkpoints = new Map<string, AttemptCheckpoint>();
  #lastInstant = 0;

  /** Starts that wait for their end. */
  get waiting(): number {
    return this.#pending.size;
  }

  /** The instant of the latest record seen, milliseconds since the epoch. */
  get lastInstant(): number {
    return this.#lastInstant;
  }

  /** When the oldest waiting attempt started, if one waits. */
  get oldestStartedAt(): number | undefined {
    return this.#oldest()?.start.startedAt;
  }

  add(record: JournalRecord, at: Position, nowMs: number): void {
    const key = attemptKey(record);
    if (record.kind === 'start') {
      this.#lastInstant = Math.max(this.#lastInstant, record.startedAt);
      if (!this.#pending.has(key)) this.#pending.set(key, { start: record, at, readAtMs: nowMs });
      if (this.#pending.size > PENDING_MAX) this.#surrenderOldest();
      return;
    }
    const pending = this.#pending.get(key);
    if (record.kind === 'checkpoint') {
      this.#lastInstant = Math.max(this.#lastInstant, record.at);
      if (pending === undefined) this.#checkpoints.set(key, record);
      else pending.checkpoint = record;
      return;
    }
    this.#lastInstant = Math.max(this.#lastInstant, record.endedAt);
    if (pending === undefined) {
      this.#lateEnds.set(key, record);
      return;
    }
    this.#pending.delete(key);
    this.#rows.push({ start: pending.start, end: record });
  }

  /** Turns starts read before `readBeforeMs` into rows of running attempts. */
  surrender(readBeforeMs: number): void {
    for (let oldest = this.#oldest(); oldest !== undefined && oldest.readAtMs < readBeforeMs; oldest = this.#oldest()) {
      this.#surrenderOldest();
    }
  }

  /** Gives every start that still waits the end of an attempt whose process died. */
  interrupt(lastInstant: number): void {
    for (const { start, checkpoint } of this.#pending.values()) {
      const end = interruption(start.startedAt, lastInstant);
      this.#rows.push({ start, end: checkpoint === undefined ? end : { ...chargedSoFar(checkpoint), ...end } });
    }
    this.#pending.clear();
  }

  /** What is ready to be applied; it is not given out again. */
  take(): { readonly rows: AttemptRow[]; readonly lateEnds: AttemptEnd[]; readonly checkpoints: AttemptCheckpoint[] } {
    const taken = {
      rows: this.#rows,
      lateEnds: [...this.#lateEnds.values()],
      checkpoints: [...this.#checkpoints.values()],
    };
    this.#rows = [];
    this.#lateEnds = new Map();
    this.#checkpoints = new Map();
    return taken;
  }

  /** Everything before it is durable once what was taken is. */
  cursor(readUpTo: Position): Position {
    const oldest = this.#oldest();
    return oldest !== undefined && isBefore(oldest.at, readUpTo) ? oldest.at : readUpTo;
  }

  #oldest(): Pending | undefined {
    return this.#pending.values().next().value;
  }

  #surrenderOldest(): void {
    const entry = this.#pending.entries().next().value;
    if (entry === undefined) return;
    const [key, { start, checkpoint }] = entry;
    this.#pending.delete(key);
    const progress = checkpoint === undefined ? {} : { progress: progressOf(checkpoint) };
    this.#rows.push({ start, end: undefined, ...progress });
  }
}

function progressOf({ usage, costNanoUsd }: AttemptCheckpoint): KnownProgress {
  return { usage, usageSource: 'estimated', ...(costNanoUsd === undefined ? {} : { costNanoUsd }) };
}

/** Whoever answered last is charged, under either policy. */
function chargedSoFar(checkpoint: AttemptCheckpoint): KnownProgress & Pick<AttemptEnd, 'chargeNanoUsd'> {
  const { costNanoUsd } = checkpoint;
  return { ...progressOf(checkpoint), ...(costNanoUsd === undefined ? {} : { chargeNanoUsd: costNanoUsd }) };
}

function interruption(startedAt: number, lastInstant: number): KnownEnd {
  return { outcome: 'interrupted', endedAt: Math.max(startedAt, lastInstant), last: true };
}

/** Most calls have one attempt; joining texts costs more than looking them up. No id has a slash. */
function attemptKey({ callId, attempt }: JournalRecord): string {
  return attempt === 1 ? callId : `${callId}/${attempt}`;
}
