import { errorCode, errorMessage } from '../../kernel/errors.ts';
import type { AttemptCheckpoint, AttemptEnd } from '../../protocol/attempt-record.ts';
import { DatabaseError } from '../database-error.ts';
import type { QueryResult } from '../pglite/result.ts';
import { countedRow } from '../rollup/counted-attempt.ts';
import { ADD_USAGE, usageArrays } from '../rollup/usage-statements.ts';
import { UsageSums } from '../rollup/usage-sums.ts';
import { checkpointArrays, lateEndArrays } from './attempt-arrays.ts';
import { AttemptCopy } from './attempt-copy.ts';
import type { AttemptRow } from './attempt-fold.ts';
import {
  APPLY_CHECKPOINTS,
  APPLY_LATE_ENDS,
  COPY_ATTEMPTS,
  COPY_REPEATED,
  INSERT_REPEATED,
  INTERRUPT_RUNNING,
  MAKE_REPEATED,
  READ_CURSOR,
  WRITE_CURSOR,
} from './attempt-statements.ts';
import type { Position } from './position.ts';
import type { RejectedLog } from './rejected-log.ts';
import type { ReplayConnection, ReplayTarget } from './replay-connection.ts';

export interface Cursor {
  readonly position: Position;
  /** The latest instant in the journal before it, milliseconds since the epoch. */
  readonly lastInstant: number;
}

export interface Batch {
  readonly rows: readonly AttemptRow[];
  /** Of attempts that are rows already. */
  readonly checkpoints: readonly AttemptCheckpoint[];
  readonly lateEnds: readonly AttemptEnd[];
  readonly cursor: Cursor;
  /** Also ends the attempts of this journal that still run: their process is dead. */
  readonly interruptRunning: boolean;
}

/** SQLSTATE classes that blame the data, not the store: the same record would fail again for ever. */
const DATA_ERROR = /^(22|23)/;
const UNIQUE_VIOLATION = '23505';

/** Brings batches into Postgres, each in one transaction together with the cursor after it. */
export class AttemptApply {
  readonly #target: ReplayTarget;
  readonly #journal: string;
  readonly #rejected: RejectedLog;
  readonly #copy: AttemptCopy;

  constructor(target: ReplayTarget, journal: string, rejected: RejectedLog) {
    this.#target = target;
    this.#journal = journal;
    this.#rejected = rejected;
    this.#copy = new AttemptCopy(journal);
  }

  async readCursor(): Promise<Cursor | undefined> {
    const { rows } = await this.#target.query(READ_CURSOR, [this.#journal]);
    const row = rows[0];
    if (row === undefined) return undefined;
    const position = { segment: Number(row['segment']), offset: Number(row['byte_offset']) };
    return { position, lastInstant: Number(row['last_ms']) };
  }

  /** @throws what the store answers, except for records it can never take: those are set aside */
  async apply(batch: Batch): Promise<void> {
    try {
      await this.#applyNew(batch);
    } catch (error) {
      if (!isDataError(error)) throw error;
      await this.#applyInParts(batch, error);
    }
  }

  /** Rows that are there already are met right after a start or a failure, and nowhere else: only then is it done twice. */
  async #applyNew(batch: Batch): Promise<void> {
    try {
      await this.#transaction(batch, (connection, rows, usage) => this.#copyNew(connection, rows, usage));
    } catch (error) {
      if (errorCode(error) !== UNIQUE_VIOLATION) throw error;
      await this.#transaction(batch, (connection, rows, usage) => this.#copyRepeated(connection, rows, usage));
    }
  }

  /** Halves the batch until the record that cannot be applied stands alone. The cursor comes with the last part. */
  async #applyInParts(batch: Batch, error: unknown): Promise<void> {
    const { rows, checkpoints, lateEnds } = batch;
    const rest = { ...batch, rows: [], checkpoints: [], lateEnds: [], interruptRunning: false };
    if (rows.length + checkpoints.length + lateEnds.length <= 1) {
      const record = rows[0] ?? checkpoints[0] ?? lateEnds[0];
      if (record === undefined) throw error;
      this.#rejected.add(undefined, errorMessage(error), JSON.stringify(record));
      return this.#applyNew({ ...rest, interruptRunning: batch.interruptRunning });
    }
    const before = await this.readCursor();
    const cursor = before ?? { position: { segment: 0, offset: 0 }, lastInstant: 0 };
    const [first, second] = inTwo(batch);
    await this.apply({ ...rest, ...first, cursor });
    await this.apply({ ...batch, ...second });
  }

  /** One transaction: rows, ends that came late, and the cursor after them. What else must commit with them belongs here. */
  #transaction(batch: Batch, insert: Insert): Promise<void> {
    return this.#target.transaction(async (connection) => {
      // Each attempt is counted in the transaction that ends its row, which happens once.
      const usage = new UsageSums();
      if (batch.rows.length > 0) await insert(connection, batch.rows, usage);
      if (batch.checkpoints.length > 0) await this.#applyCheckpoints(connection, batch.checkpoints);
      if (batch.lateEnds.length > 0) await this.#applyLateEnds(connection, batch.lateEnds, usage);
      const { position, lastInstant } = batch.cursor;
      if (batch.interruptRunning) {
        countRows(usage, await connection.query(INTERRUPT_RUNNING, [this.#journal, lastInstant]));
      }
      if (!usage.empty) await connection.query(ADD_USAGE, usageArrays(usage.rows()));
      await connection.query(WRITE_CURSOR, [this.#journal, position.segment, position.offset, lastInstant]);
    });
  }

  async #copyNew(connection: ReplayConnection, rows: readonly AttemptRow[], usage: UsageSums): Promise<void> {
    await connection.copy(COPY_ATTEMPTS, this.#copy.encode(rows));
    for (const { start, end } of rows) {
      if (end !== undefined) usage.add({ callStartedAt: start.callStartedAt, facts: start.facts, end });
    }
  }

  async #copyRepeated(connection: ReplayConnection, rows: readonly AttemptRow[], usage: UsageSums): Promise<void> {
    await connection.query(MAKE_REPEATED, []);
    await connection.copy(COPY_REPEATED, this.#copy.encode(rows));
    countRows(usage, await connection.query(INSERT_REPEATED, []));
  }

  async #applyCheckpoints(connection: ReplayConnection, checkpoints: readonly AttemptCheckpoint[]): Promise<void> {
    await connection.query(APPLY_CHECKPOINTS, [...checkpointArrays(checkpoints), ...callInstants(checkpoints)]);
  }

  async #applyLateEnds(connection: ReplayConnection, ends: readonly AttemptEnd[], usage: UsageSums): Promise<void> {
    const result = await connection.query(APPLY_LATE_ENDS, [...lateEndArrays(ends), ...callInstants(ends)]);
    countRows(usage, result);
    const { rows } = result;
    if (rows.length === ends.length) return;
    const found = new Set(rows.map((row) => `${row['found_call']}/${row['found_attempt']}`));
    for (const end of ends) {
      if (found.has(`${end.callId}/${end.attempt}`)) continue;
      this.#rejected.add(undefined, 'the end of an attempt whose start is not known', JSON.stringify(end));
    }
  }
}

type Insert = (connection: ReplayConnection, rows: readonly AttemptRow[], usage: UsageSums) => Promise<void>;

function countRows(usage: UsageSums, { rows }: Pick<QueryResult, 'rows'>): void {
  for (const row of rows) {
    const counted = countedRow(row);
    if (counted !== undefined) usage.add(counted);
  }
}

type Part = Pick<Batch, 'rows' | 'checkpoints' | 'lateEnds'>;

/** Two parts, both smaller than the whole; rows stay before the checkpoints and ends that belong to them. */
function inTwo({ rows, checkpoints, lateEnds }: Part): [Part, Part] {
  if (rows.length > 0 && checkpoints.length + lateEnds.length > 0) {
    return [
      { rows, checkpoints: [], lateEnds: [] },
      { rows: [], checkpoints, lateEnds },
    ];
  }
  if (checkpoints.length > 0 && lateEnds.length > 0) {
    return [
      { rows, checkpoints, lateEnds: [] },
      { rows, checkpoints: [], lateEnds },
    ];
  }
  const half = (entries: readonly unknown[]) => Math.ceil(entries.length / 2);
  const [row, checkpoint, end] = [half(rows), half(checkpoints), half(lateEnds)];
  return [
    { rows: rows.slice(0, row), checkpoints: checkpoints.slice(0, checkpoint), lateEnds: lateEnds.slice(0, end) },
    { rows: rows.slice(row), checkpoints: checkpoints.slice(checkpoint), lateEnds: lateEnds.slice(end) },
  ];
}

/** The first and the last instant at which these records' calls began. */
function callInstants(records: readonly { readonly callStartedAt: number }[]): [number, number] {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const { callStartedAt } of records) {
    first = Math.min(first, callStartedAt);
    last = Math.max(last, callStartedAt);
  }
  return [first, last];
}

function isDataError(error: unknown): boolean {
  return error instanceof DatabaseError && DATA_ERROR.test(errorCode(error) ?? '');
}
