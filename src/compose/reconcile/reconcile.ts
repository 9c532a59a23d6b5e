import { createHash } from 'node:crypto';
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GatewayError } from '../../kernel/errors.ts';
import { Aggregates, type ComparedGroup } from '../../money/reconcile/aggregate.ts';
import { type Correction, correctionOf, type Verdict, verdictOf } from '../../money/reconcile/compare.ts';
import type { LedgerLine, StatementLine } from '../../money/reconcile/lines.ts';
import {
  STATEMENT_FIELDS,
  StatementColumns,
  type StatementField,
  type StatementFormat,
} from '../../money/reconcile/statement-columns.ts';
import { hasDifference, Tally, type Totals } from '../../money/reconcile/tally.ts';
import { LineMatcher } from './line-matcher.ts';
import { statementRecords } from './statement-records.ts';

export type { ComparedGroup } from '../../money/reconcile/aggregate.ts';
export type { Correction, Verdict } from '../../money/reconcile/compare.ts';
export type { LedgerLine, StatementSum, TokenCounts } from '../../money/reconcile/lines.ts';
export type { StatementField, StatementFormat } from '../../money/reconcile/statement-columns.ts';
export type { Totals } from '../../money/reconcile/tally.ts';

const DAY_MS = 86_400_000;
/** An attempt at an edge of the period may be on the other side of it by the provider's clock. */
const EDGE_MS = 2 * 3_600_000;

export interface ReconcileRequest {
  readonly path: string;
  readonly format: StatementFormat;
  /** Columns by name that mean something else than they are known to. */
  readonly columns: ReadonlyMap<string, StatementField>;
  /** Milliseconds since the epoch; absent: the UTC days that the statement touches. */
  readonly from?: number;
  readonly to?: number;
  /** Of a statement that sums up: how long a stretch of time is, where its lines do not say. */
  readonly bucketMs?: number;
  /** Lines held in memory at once. */
  readonly heldMax?: number;
}

/** The attempts at one provider that began from `from` on and before `to`, in any order. */
export type AttemptReader = (from: number, to: number) => AsyncIterable<LedgerLine>;

export interface Period {
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
}

export interface ComparedLines extends Period {
  readonly kind: 'lines';
  readonly statementLines: number;
  /** Lines of the statement that are about another time than was asked for. */
  readonly outside: number;
  readonly totals: Totals;
}

export interface ComparedAggregates extends Period {
  readonly kind: 'aggregates';
  readonly statementLines: number;
  readonly outside: number;
  readonly widthMs: number;
  readonly groups: readonly ComparedGroup[];
}

/**
 * Compares a provider's statement with the attempts of its period. Reads the
 * statement once and asks for the attempts once; what does not fit in memory
 * goes through files in the system's temporary directory, which are removed.
 *
 * @param onVerdict hears of every line as it is compared
 * @throws `invalid_request` for a statement that cannot be read or names no time
 */
export async function reconcile(
  request: ReconcileRequest,
  attempts: AttemptReader,
  onVerdict: (verdict: Verdict) => void,
): Promise<ComparedLines | ComparedAggregates> {
  const directory = mkdtempSync(join(tmpdir(), 'leeward-reconcile-'));
  const sides = new Sides(directory, request);
  try {
    const columns = new StatementColumns(request.format, request.columns);
    for await (const record of statementRecords(request.path)) sides.addThere(columns.read(record));
    const period = sides.period();
    const facts = { statementLines: sides.lines, outside: sides.outside, ...period };
    if (sides.aggregates !== undefined) {
      const { aggregates } = sides;
      for await (const here of attempts(period.from, period.to)) aggregates.addHere(here);
      return { kind: 'aggregates', ...facts, widthMs: aggregates.widthMs, groups: [...aggregates.compared()] };
    }
    for await (const here of attempts(period.from - EDGE_MS, period.to + EDGE_MS)) sides.matcher.addHere(here);
    return { kind: 'lines', ...facts, totals: totalsOf(sides.matcher, period, onVerdict) };
  } finally {
    sides.matcher.remove();
    rmSync(directory, { recursive: true, force: true });
  }
}

function totalsOf(matcher: LineMatcher, { from, to }: Period, onVerdict: (verdict: Verdict) => void): Totals {
  const tally = new Tally();
  for (const { here, there } of matcher.pairs()) {
    // At the edges only what the statement speaks of is compared.
    if (there === undefined && here !== undefined && (here.startedAt < from || here.startedAt >= to)) continue;
    const verdict = verdictOf(here, there);
    if (verdict === undefined) continue;
    tally.add(verdict);
    onVerdict(verdict);
  }
  return tally.totals;
}

/** The statement while it is read: whether it speaks of single requests, and of which time. */
class Sides {
  readonly matcher: LineMatcher;
  readonly #request: ReconcileRequest;
  aggregates: Aggregates | undefined;
  lines = 0;
  outside = 0;
  #first: number | undefined;
  #last: number | undefined;

  constructor(directory: string, request: ReconcileRequest) {
    this.matcher = new LineMatcher(directory, request.heldMax);
    this.#request = request;
  }

  addThere(line: StatementLine): void {
    const { from, to, bucketMs } = this.#request;
    const { at } = line;
    // What the first line is, all are: a statement does not change in the middle.
    if (this.lines++ === 0 && line.requestId === undefined && line.clientRequestId === undefined) {
      this.aggregates = new Aggregates(bucketMs);
    }
    if (at !== undefined && ((from !== undefined && at < from) || (to !== undefined && at >= to))) {
      this.outside++;
      return;
    }
    if (at !== undefined) {
      this.#first = this.#first === undefined || at < this.#first ? at : this.#first;
      this.#last = this.#last === undefined || at > this.#last ? at : this.#last;
    }
    if (this.aggregates === undefined) this.matcher.addThere(line);
    else this.aggregates.addThere(line);
  }

  /** What was asked for, else the UTC days that the statement touches. */
  period(): Period {
    const from = this.#request.from ?? (this.#first === undefined ? undefined : this.#first - (this.#first % DAY_MS));
    const to = this.#request.to ?? (this.#last === undefined ? undefined : this.#last - (this.#last % DAY_MS) + DAY_MS);
    if (from !== undefined && to !== undefined && from < to) return { from, to };
    const what = this.lines === 0 ? 'The statement is empty' : 'The statement names no time';
    throw new GatewayError('invalid_request', { message: `${what}; say its period with --from and --to` });
  }
}

/** What a verdict asks to be booked; see `correctionOf`. */
export function correctionFor(verdict: Verdict, complete: boolean): Correction | undefined {
  return correctionOf(verdict, complete);
}

/** A field that a column can be given the meaning of. */
export function isStatementField(name: string): name is StatementField {
  return STATEMENT_FIELDS.some((field) => field === name);
}

export function statementFields(): readonly string[] {
  return STATEMENT_FIELDS;
}

/** Whether a comparison leaves anything to book or to explain. */
export function differs(compared: ComparedLines | ComparedAggregates): boolean {
  if (compared.kind === 'lines') return hasDifference(compared.totals);
  return compared.groups.some((group) => group.differs.tokens || group.differs.cost);
}

/** Names a statement by what stands in it, so that booking it twice changes nothing. */
export async function statementName(provider: string, path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return `${provider}/${hash.digest('hex').slice(0, 32)}`;
}
