import type { AttemptEnd } from '../../protocol/attempt-record.ts';
import { isBefore, type Position } from './position.ts';
import type { JournalRecord, JournalStart } from './start-facts.ts';

/** What is known of how an attempt ended. An interrupted one has nothing but its outcome and instant. */
export type KnownEnd = Omit<AttemptEnd, 'kind' | 'callId' | 'attempt' | 'callStartedAt' | 'totalMs'> & {
  readonly totalMs?: number;
};

/** One row of `attempts` to insert. Without an end the attempt is still running. */
export interface AttemptRow {
  readonly start: JournalStart;
  readonly end: KnownEnd | undefined;
}

interface Pending {
  readonly start: JournalStart;
  readonly at: Position;
  readonly readAtMs: number;
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
    this.#lastInstant = Math.max(this.#lastInstant, record.endedAt);
    const pending = this.#pending.get(key);
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
    for (const { start } of this.#pending.values()) {
      this.#rows.push({ start, end: interruption(start.startedAt, lastInstant) });
    }
    this.#pending.clear();
  }

  /** What is ready to be applied; it is not given out again. */
  take(): { readonly rows: AttemptRow[]; readonly lateEnds: AttemptEnd[] } {
    const taken = { rows: this.#rows, lateEnds: [...this.#lateEnds.values()] };
    this.#rows = [];
    this.#lateEnds = new Map();
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
    const [key, { start }] = entry;
    this.#pending.delete(key);
    this.#rows.push({ start, end: undefined });
  }
}

function interruption(startedAt: number, lastInstant: number): KnownEnd {
  return { outcome: 'interrupted', endedAt: Math.max(startedAt, lastInstant), last: true };
}

/** Most calls have one attempt; joining texts costs more than looking them up. No id has a slash. */
function attemptKey({ callId, attempt }: JournalRecord): string {
  return attempt === 1 ? callId : `${callId}/${attempt}`;
}
