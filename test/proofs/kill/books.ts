import type { AttemptOutcome } from '../../../src/protocol/attempt-record.ts';
import type { Usage } from '../../../src/protocol/usage.ts';
import type { CallRecord } from '../../../src/sim/counts.ts';
import type { Checks } from '../parts/checks.ts';

/** One row of attempts, as the product's own queries read it back. */
export interface Row {
  /** `<call id>-<attempt>`, which is also what upstream was told. */
  readonly id: string;
  readonly callId: string;
  readonly startedAt: number;
  readonly outcome: AttemptOutcome | undefined;
  readonly usage: Usage | undefined;
  readonly costNanoUsd: bigint | undefined;
  /** The client's own name for its call. */
  readonly clientRequestId: string | undefined;
}

/** What one client saw of one call. */
export interface Answer {
  readonly callId: string;
  /** How many attempts the answer's head spoke of: the last of them gave the answer. */
  readonly attempts: number;
  readonly stream: boolean;
  /** Everything came, up to the end that the dialect promises. */
  readonly whole: boolean;
  /** The usage the client read in its answer, where it asked for one. */
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number } | undefined;
}

/** One life of the gateway under load. Instants are milliseconds since the epoch. */
export interface Round {
  readonly startedAt: number;
  /** False for the last one, which ended in peace. */
  readonly killed: boolean;
}

/** Sums over rows, as the database itself adds them up. */
export interface Sums {
  readonly rows: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface Books {
  readonly rows: readonly Row[];
  readonly sums: Sums;
  /** The provider's own record of each call it saw. */
  readonly upstream: readonly CallRecord[];
  readonly answers: readonly Answer[];
  /** The names that clients gave their calls, answered or not. */
  readonly asked: ReadonlySet<string>;
  readonly rounds: readonly Round[];
  readonly clients: number;
}

/** Compares the gateway's rows with the provider's books and with what clients saw, and notes every difference. */
export function compareBooks(books: Books, checks: Checks): void {
  const rows = new Map(books.rows.map((row) => [row.id, row]));
  const upstream = new Map(books.upstream.map((call) => [call.clientRequestId ?? '', call]));
  compareIdentities(books, rows, upstream, checks);
  compareOutcomes(books, rows, upstream, checks);
  compareTokens(books, rows, upstream, checks);
  compareUnsent(books, upstream, checks);
}

function compareIdentities(
  { rows, upstream, asked }: Books,
  rowOf: ReadonlyMap<string, Row>,
  upstreamOf: ReadonlyMap<string, CallRecord>,
  checks: Checks,
): void {
  const unnamed = upstream.filter(({ clientRequestId }) => clientRequestId === undefined);
  checks.none(
    'each upstream call carries an id of its own',
    [...unnamed.map(({ n }) => `call ${n} has none`), ...repeated(upstream.map((call) => call.clientRequestId ?? ''))],
    `${upstreamOf.size} calls`,
  );
  checks.none(
    'each upstream call has its row',
    [...upstreamOf.keys()].filter((id) => !rowOf.has(id)),
    `${rows.length} rows`,
  );
  checks.none('no attempt has two rows', repeated(rows.map(({ id }) => id)));
  const strangers = rows.filter(({ clientRequestId }) => clientRequestId === undefined || !asked.has(clientRequestId));
  checks.none(
    'each row belongs to a call that a client made',
    strangers.map(({ id, clientRequestId }) => `${id} (${clientRequestId ?? 'no name'})`),
  );
}

function compareOutcomes(
  { rows, answers }: Books,
  rowOf: ReadonlyMap<string, Row>,
  upstreamOf: ReadonlyMap<string, CallRecord>,
  checks: Checks,
): void {
  const whole = answers.filter((answer) => answer.whole).map(({ callId, attempts }) => `${callId}-${attempts}`);
  checks.none(
    'each answer that a client got whole is recorded as ok',
    whole.filter((id) => rowOf.get(id)?.outcome !== 'ok').map((id) => `${id} is ${outcomeOf(rowOf.get(id))}`),
    `${whole.length} answers`,
  );
  checks.none(
    'each call whose head a client saw has a row',
    answers.filter(({ callId }) => !rowOf.has(`${callId}-1`)).map(({ callId }) => callId),
    `${answers.length} heads`,
  );
  const failed = rows.filter(({ outcome }) => outcome === 'failed');
  checks.none(
    'each failed attempt failed upstream',
    failed.filter(({ id }) => (upstreamOf.get(id)?.status ?? 0) < 400).map(({ id }) => id),
    `${failed.length} attempts`,
  );
  const known: readonly unknown[] = ['ok', 'failed', 'interrupted'];
  checks.none(
    'no row is left running, or ended in a way that nobody caused',
    rows.filter(({ outcome }) => !known.includes(outcome)).map((row) => `${row.id} is ${outcomeOf(row)}`),
  );
}

function compareTokens(
  { rows, sums, answers }: Books,
  rowOf: ReadonlyMap<string, Row>,
  upstreamOf: ReadonlyMap<string, CallRecord>,
  checks: Checks,
): void {
  const ok = rows.filter(({ outcome }) => outcome === 'ok');
  checks.none(
    'tokens of each ok row equal the provider’s, to the token',
    ok.flatMap((row) => tokenProblem(row, upstreamOf.get(row.id))),
    `${ok.length} rows`,
  );
  const told = answers.filter(({ whole, usage }) => whole && usage !== undefined);
  checks.none(
    'tokens of each ok row equal what its client was told',
    told
      .filter(({ callId, attempts, usage }) => {
        const recorded = rowOf.get(`${callId}-${attempts}`)?.usage;
        return recorded?.inputTokens !== usage?.inputTokens || recorded?.outputTokens !== usage?.outputTokens;
      })
      .map(({ callId }) => callId),
    `${told.length} answers`,
  );
  checks.none(
    'each ok row has its price',
    ok.filter(({ costNanoUsd }) => costNanoUsd === undefined).map(({ id }) => id),
  );
  const claimed = rows.filter(({ outcome, usage }) => outcome !== 'ok' && usage !== undefined);
  checks.none(
    'no other row claims tokens',
    claimed.map((row) => `${row.id} (${outcomeOf(row)})`),
  );
  const expected = sumOf(ok.map(({ id }) => upstreamOf.get(id)));
  checks.that(
    'the database’s own sums equal the provider’s over the same calls',
    sums.rows === rows.length &&
      sums.inputTokens === expected.inputTokens &&
      sums.outputTokens === expected.outputTokens,
    `${sums.inputTokens} + ${sums.outputTokens} tokens in ${sums.rows} rows, upstream ${expected.inputTokens} + ${expected.outputTokens}`,
  );
}

/** A kill between journal and socket leaves a row without an upstream call; nothing else may. */
function compareUnsent(
  { rows, rounds, clients }: Books,
  upstreamOf: ReadonlyMap<string, CallRecord>,
  checks: Checks,
): void {
  const interrupted = rows.filter(({ outcome }) => outcome === 'interrupted');
  const unsent = rows.filter(({ id }) => !upstreamOf.has(id));
  checks.none(
    'rows without an upstream call are only such as a kill interrupted',
    unsent.filter(({ outcome }) => outcome !== 'interrupted').map((row) => `${row.id} is ${outcomeOf(row)}`),
    `${unsent.length} rows`,
  );
  const perRound = rounds.map(({ startedAt, killed }, index) => {
    const endedAt = rounds[index + 1]?.startedAt ?? Number.POSITIVE_INFINITY;
    const count = interrupted.filter((row) => row.startedAt >= startedAt && row.startedAt < endedAt).length;
    return { index, count, most: killed ? clients : 0 };
  });
  checks.none(
    'a kill interrupts at most one attempt per client, and a stop none',
    perRound
      .filter(({ count, most }) => count > most)
      .map(({ index, count, most }) => `${count} of ${most} in round ${index + 1}`),
    `${interrupted.length} rows, at most ${Math.max(0, ...perRound.map(({ count }) => count))} in a round`,
  );
}

function tokenProblem({ id, usage }: Row, call: CallRecord | undefined): string[] {
  if (call === undefined) return [`${id} was never seen upstream`];
  const { inputTokens, cachedInputTokens, outputTokens } = usage ?? {};
  const same =
    inputTokens === call.promptTokens &&
    (cachedInputTokens ?? 0) === call.cachedTokens &&
    outputTokens === call.completionTokens;
  if (same) return [];
  const upstream = `${call.promptTokens}/${call.cachedTokens}/${call.completionTokens} (${call.outcome ?? 'open'})`;
  return [`${id} has ${inputTokens}/${cachedInputTokens}/${outputTokens}, upstream ${upstream}`];
}

export function sumOf(calls: readonly (CallRecord | undefined)[]): { inputTokens: number; outputTokens: number } {
  return {
    inputTokens: calls.reduce((sum, call) => sum + (call?.promptTokens ?? 0), 0),
    outputTokens: calls.reduce((sum, call) => sum + (call?.completionTokens ?? 0), 0),
  };
}

function repeated(ids: readonly string[]): string[] {
  const seen = new Set<string>();
  return ids.filter((id) => seen.size === seen.add(id).size).map((id) => `${id} again`);
}

function outcomeOf(row: Row | undefined): string {
  return row === undefined ? 'missing' : (row.outcome ?? 'still running');
}
