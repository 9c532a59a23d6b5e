import type {
  ComparedAggregates,
  ComparedGroup,
  ComparedLines,
  StatementSum,
  TokenCounts,
  Totals,
  Verdict,
} from '../../compose/reconcile/reconcile.ts';
import { nano } from '../../kernel/amounts.ts';
import { usdText } from '../../kernel/usd-text.ts';

interface Facts {
  readonly provider: string;
  readonly statement: string;
  readonly differs: boolean;
}

/** What `--apply` did, in attempts; null without it. */
export interface AppliedJson {
  readonly corrected: number;
  /** Corrected by this very statement before. */
  readonly again: number;
  /** Of both, those whose charge was put right on budgets or credits. */
  readonly booked: number;
  /** Holds that were kept for this, and are settled now. */
  readonly settled: number;
  readonly refused: number;
  /** Corrected, but not on their accounts. */
  readonly unbooked: number;
  /** Differences that no correction settles: without an attempt, without an amount, or not known to be complete. */
  readonly left: number;
}

/** A comparison as `leeward reconcile --json` prints it. */
export function linesDocument(
  facts: Facts,
  compared: ComparedLines,
  listed: { readonly list: readonly Verdict[]; readonly count: number },
  applied: AppliedJson | null,
) {
  return {
    kind: 'lines' as const,
    ...head(facts, compared),
    ...totalsJson(compared.totals),
    listed: listed.list.map(verdictJson),
    not_listed: listed.count - listed.list.length,
    applied,
  };
}

export type LinesDocument = ReturnType<typeof linesDocument>;

export function aggregatesDocument(facts: Facts, compared: ComparedAggregates, countMax: number) {
  const differing = compared.groups.filter(({ differs }) => differs.tokens || differs.cost);
  const difference = compared.groups.reduce((total, group) => total + group.difference, 0n);
  return {
    kind: 'aggregates' as const,
    ...head(facts, compared),
    bucket_ms: compared.widthMs,
    groups: compared.groups.length,
    differing: differing.length,
    difference: money(difference),
    listed: differing.slice(0, countMax).map(groupJson),
    not_listed: Math.max(0, differing.length - countMax),
  };
}

export type AggregatesDocument = ReturnType<typeof aggregatesDocument>;

function head({ provider, statement, differs }: Facts, compared: ComparedLines | ComparedAggregates) {
  return {
    provider,
    statement,
    from: new Date(compared.from).toISOString(),
    to: new Date(compared.to).toISOString(),
    statement_lines: compared.statementLines,
    outside: compared.outside,
    differs,
  };
}

function totalsJson({ counts, lostHere, differing, booked, billed, difference, apart, withoutCost, days }: Totals) {
  return {
    matched: counts.matched,
    differing: { all: counts.differing, ...differing },
    missing_here: counts['missing-here'],
    lost_here: lostHere,
    missing_there: counts['missing-there'],
    unresolved: counts.unresolved,
    free: counts.free,
    open: counts.open,
    running: counts.running,
    without_amount: withoutCost,
    booked: money(booked),
    billed: money(billed),
    difference: money(difference),
    apart: money(apart),
    days: days.map((day) => ({
      day: day.day,
      billed: money(day.billed),
      captured: money(day.captured),
      capture_percent: percentCut(day.captured, day.billed),
      alert: day.alert,
    })),
  };
}

function verdictJson(verdict: Verdict) {
  const here = 'here' in verdict ? verdict.here : undefined;
  const there = 'there' in verdict ? verdict.there : undefined;
  const at = here?.startedAt ?? there?.at;
  return {
    kind: verdict.kind,
    what: verdict.kind === 'differing' ? verdict.what : null,
    call: here?.callId ?? null,
    attempt: here?.attempt ?? null,
    id: here?.upstreamRequestId ?? there?.id ?? null,
    model: here?.model ?? there?.model ?? null,
    started_at: at === undefined ? null : new Date(at).toISOString(),
    outcome: here?.outcome ?? null,
    ours: here === undefined ? null : { ...tokensJson(here.tokens), cost: moneyOrNull(here.cost) },
    theirs:
      there === undefined ? null : { ...tokensJson(there.tokens), cost: theirCost(there), lines: [...there.lines] },
    difference: money(verdict.difference),
  };
}

function groupJson({ model, at, until, here, there, differs, difference }: ComparedGroup) {
  return {
    model: model === '' ? null : model,
    from: new Date(at).toISOString(),
    to: new Date(until).toISOString(),
    what: differs.tokens && differs.cost ? 'both' : differs.cost ? 'cost' : 'tokens',
    ours: {
      requests: String(here.requests ?? 0n),
      ...tokensJson(here.tokens),
      cost: moneyOrNull(here.cost),
      without_cost: here.withoutCost,
    },
    theirs: {
      requests: there.requests === undefined ? null : String(there.requests),
      ...tokensJson(there.tokens),
      cost: moneyOrNull(there.cost),
    },
    difference: money(difference),
  };
}

/** In digits, because sums of tokens have no bound. */
function tokensJson({ input, cachedInput, cacheWrite, output }: TokenCounts) {
  const digits = (count: bigint | undefined) => count?.toString() ?? null;
  return {
    input_tokens: digits(input),
    cached_input_tokens: digits(cachedInput),
    cache_write_tokens: digits(cacheWrite),
    output_tokens: digits(output),
  };
}

/** Exact to the pico-dollar, as the statement has it. */
function theirCost({ cost }: StatementSum): string | null {
  if (cost === undefined) return null;
  const size = (cost < 0n ? -cost : cost).toString().padStart(13, '0');
  const fraction = size.slice(-12).replace(/0+$/, '');
  return `${cost < 0n ? '-' : ''}${size.slice(0, -12)}${fraction === '' ? '' : `.${fraction}`}`;
}

function moneyOrNull(amount: bigint | undefined) {
  return amount === undefined ? null : money(amount);
}

function money(amount: bigint) {
  return { nano_usd: amount.toString(), usd: usdText(nano(amount)) };
}

/** Hundredths of a percent, cut and not rounded; null where nothing was billed. */
function percentCut(part: bigint, all: bigint): string | null {
  if (all === 0n) return null;
  const digits = ((part * 10_000n) / all).toString().padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
