import { statSync } from 'node:fs';
import { z } from 'zod';
import type {
  Correction,
  ReconcileRequest,
  StatementField,
  StatementFormat,
  Verdict,
} from '../../compose/reconcile/reconcile.ts';
import { errorCode } from '../../kernel/errors.ts';
import { asking } from '../ask-server.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { CliFailure } from '../failure.ts';
import { printJson } from '../io.ts';
import { withRecords } from '../records/open-records.ts';
import type { Records } from '../records/records.ts';
import { type ServerFlags, withServer } from '../running-server.ts';
import { correctionBatches } from './correction-batches.ts';
import { Largest } from './largest.ts';
import { ledgerLines } from './ledger-lines.ts';
import { type AppliedJson, aggregatesDocument, linesDocument } from './reconcile-document.ts';
import { reconcileText } from './reconcile-text.ts';

/** What one request may book, and how much is held before it is sent. */
const BATCH = 100;
const CORRECTIONS_MAX = 500_000;
const SHOWN = new Set<Verdict['kind']>(['differing', 'missing-here', 'missing-there', 'unresolved']);

const correctionsResult = z.looseObject({
  corrected: z.number(),
  again: z.number(),
  booked: z.number(),
  settled: z.number(),
  refused: z.array(z.unknown()),
  unbooked: z.array(z.unknown()),
});

export interface ReconcileFlags extends ServerFlags {
  readonly provider: string;
  readonly file: string;
  readonly format?: StatementFormat;
  /** `column=field`. */
  readonly map: readonly string[];
  /** Milliseconds since the epoch. */
  readonly from?: number;
  readonly to?: number;
  /** Milliseconds. */
  readonly bucket?: number;
  readonly list: number;
  readonly complete?: boolean;
  readonly apply?: boolean;
  readonly json?: boolean;
}

type Reconciling = typeof import('../../compose/reconcile/reconcile.ts');

/** Compares, books where that was asked for, and ends with `EXIT.difference` when something differs in the end. */
export async function runReconcile(flags: ReconcileFlags, context: Context): Promise<void> {
  const reconciling = await import('../../compose/reconcile/reconcile.ts');
  const request = requestOf(flags, reconciling);
  requireFile(flags.file);
  // Where nothing runs, nobody books: better said before the work than after it.
  if (flags.apply === true) await withServer(flags, () => Promise.resolve());
  const statement = await reconciling.statementName(flags.provider, flags.file);
  let applied: AppliedJson | null = null;
  if (flags.apply === true) {
    const found = await corrections(request, flags, context, reconciling);
    applied = { ...(await book(statement, found.corrections, flags, context)), left: found.left };
  }
  await withRecords(flags, context, async (records) => {
    await show(await compare(request, flags, records, reconciling), {
      flags,
      context,
      reconciling,
      statement,
      applied,
    });
  });
}

function requestOf(flags: ReconcileFlags, { isStatementField, statementFields }: Reconciling): ReconcileRequest {
  const columns = new Map<string, StatementField>();
  for (const text of flags.map) {
    const [column = '', field = ''] = text.split(/=(?=[^=]*$)/);
    if (column === '' || !isStatementField(field)) {
      throw new CliFailure(`--map ${JSON.stringify(text)} is not column=field`, {
        exitCode: EXIT.usage,
        next: `name one of ${statementFields().join(', ')}`,
      });
    }
    columns.set(column, field);
  }
  const { from, to, bucket, provider } = flags;
  if (from !== undefined && to !== undefined && from >= to) {
    throw new CliFailure('--from is not before --to', {
      exitCode: EXIT.usage,
      next: 'name a period that has a length',
    });
  }
  const usual = provider === 'openai' || provider === 'anthropic' ? provider : 'generic';
  return {
    path: flags.file,
    format: flags.format ?? usual,
    columns,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(bucket === undefined ? {} : { bucketMs: bucket }),
  };
}

function requireFile(path: string): void {
  try {
    if (statSync(path).isFile()) return;
  } catch (cause) {
    const code = errorCode(cause);
    throw new CliFailure(`${path} cannot be read (${code ?? 'no reason given'})`, {
      exitCode: code === 'ENOENT' ? EXIT.notFound : EXIT.auth,
      next: 'check the path',
      cause,
    });
  }
  throw new CliFailure(`${path} is no file`, {
    exitCode: EXIT.usage,
    next: 'write the export to a file: it is read more than once',
  });
}

async function compare(
  request: ReconcileRequest,
  { provider, list }: ReconcileFlags,
  records: Records,
  { reconcile }: Reconciling,
) {
  const listed = new Largest<Verdict>(list, ({ difference }) => (difference < 0n ? -difference : difference));
  const compared = await reconcile(request, ledgerLines(records, provider), (verdict) => {
    if (SHOWN.has(verdict.kind)) listed.add(verdict);
  });
  return { compared, listed };
}

interface Showing {
  readonly flags: ReconcileFlags;
  readonly context: Context;
  readonly reconciling: Reconciling;
  readonly statement: string;
  readonly applied: AppliedJson | null;
}

function show({ compared, listed }: Awaited<ReturnType<typeof compare>>, showing: Showing): void {
  const { flags, context, reconciling, statement, applied } = showing;
  const facts = { provider: flags.provider, statement, differs: reconciling.differs(compared) };
  const document =
    compared.kind === 'lines'
      ? linesDocument(facts, compared, listed, applied)
      : aggregatesDocument(facts, compared, flags.list);
  if (flags.json === true) printJson(context.io, document);
  else context.io.out(reconcileText(document, context.io.outTerminal));
  // What is corrected and stands on no account is as far from settled as what differs.
  if (facts.differs || (applied?.unbooked ?? 0) > 0) context.setExitCode(EXIT.difference);
}

/** What has to be booked, and how many differences no correction settles. */
async function corrections(
  request: ReconcileRequest,
  flags: ReconcileFlags,
  context: Context,
  { reconcile, correctionFor }: Reconciling,
): Promise<{ readonly corrections: Correction[]; readonly left: number }> {
  // The simulator counts all that it was asked: what its bill lacks it never saw.
  const complete = flags.complete === true || request.format === 'leeward-sim';
  const found: Correction[] = [];
  let left = 0;
  await withServer(flags, async (server) => {
    const { askedRecords } = await import('../records/asked-records.ts');
    const records = askedRecords(asking(server, context.clock));
    const compared = await reconcile(request, ledgerLines(records, flags.provider), (verdict) => {
      if (!SHOWN.has(verdict.kind)) return;
      const correction = correctionFor(verdict, complete);
      if (correction === undefined) left++;
      else if (found.push(correction) > CORRECTIONS_MAX) throw tooMany();
    });
    if (compared.kind === 'aggregates') {
      throw new CliFailure('an export that sums up cannot be booked: no line of it is about one attempt', {
        exitCode: EXIT.usage,
        next: 'compare without --apply, or use an export with a line for each request',
      });
    }
  });
  return { corrections: found, left };
}

function tooMany(): CliFailure {
  return new CliFailure(`more than ${CORRECTIONS_MAX} attempts differ`, {
    exitCode: EXIT.usage,
    next: 'check that the export is of this provider and format, or name a shorter period',
  });
}

async function book(
  statement: string,
  found: readonly Correction[],
  flags: ReconcileFlags,
  context: Context,
): Promise<Omit<AppliedJson, 'left'>> {
  const applied = { corrected: 0, again: 0, booked: 0, settled: 0, refused: 0, unbooked: 0 };
  await withServer(flags, async (server) => {
    const ask = asking(server, context.clock);
    for (const batch of correctionBatches(found, BATCH)) {
      const body = { statement, corrections: batch.map(correctionJson) };
      const result = await ask({ schema: correctionsResult, method: 'POST', path: '/admin/corrections', body });
      applied.corrected += result.corrected;
      applied.again += result.again;
      applied.booked += result.booked;
      applied.settled += result.settled;
      applied.refused += result.refused.length;
      applied.unbooked += result.unbooked.length;
    }
  });
  return applied;
}

function correctionJson({ callId, attempt, tokens, cost }: Correction) {
  const { input, cachedInput, cacheWrite, output } = tokens;
  return {
    call_id: callId,
    attempt,
    usage: {
      ...(input === undefined ? {} : { input_tokens: Number(input) }),
      ...(cachedInput === undefined ? {} : { cached_input_tokens: Number(cachedInput) }),
      ...(cacheWrite === undefined ? {} : { cache_write_tokens: Number(cacheWrite) }),
      ...(output === undefined ? {} : { output_tokens: Number(output) }),
      // A part of the output, of which nothing is left.
      ...(output === 0n ? { reasoning_tokens: 0 } : {}),
    },
    cost_nano_usd: cost.toString(),
  };
}
