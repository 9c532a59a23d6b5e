import { type NanoUsd, nano } from '../../kernel/amounts.ts';
import { costRoundedUp, type LedgerLine, type StatementSum, TOKEN_KINDS, type TokenCounts } from './lines.ts';

/** What one attempt, or one line of a statement that belongs to none, turns out to be. */
export type Verdict =
  | { readonly kind: 'matched'; readonly here: LedgerLine; readonly there: StatementSum; readonly difference: NanoUsd }
  | {
      readonly kind: 'differing';
      readonly what: 'tokens' | 'cost' | 'both';
      readonly here: LedgerLine;
      readonly there: StatementSum;
      readonly difference: NanoUsd;
    }
  /** The provider has not finished billing it. */
  | { readonly kind: 'open'; readonly here?: LedgerLine; readonly there: StatementSum; readonly difference: NanoUsd }
  /** Billed, and no attempt of ours. */
  | { readonly kind: 'missing-here'; readonly there: StatementSum; readonly difference: NanoUsd }
  /** Ours, with a cost, and not billed. */
  | { readonly kind: 'missing-there'; readonly here: LedgerLine; readonly difference: NanoUsd }
  /** Ours, with a cost that nobody knows, and not billed. */
  | { readonly kind: 'unresolved'; readonly here: LedgerLine; readonly difference: NanoUsd }
  /** Ours, free as far as we know, and not billed: as it should be. */
  | { readonly kind: 'free'; readonly here: LedgerLine; readonly difference: NanoUsd }
  /** Ours, under way. */
  | { readonly kind: 'running'; readonly here: LedgerLine; readonly difference: NanoUsd };

const NONE = nano(0n);

/**
 * Compares what we have of one attempt with what the provider says of it.
 * `difference` is what the provider bills above what we have booked, an unknown
 * cost booking nothing.
 *
 * @param here absent: no attempt of ours has the statement's ids
 * @param there absent: the statement says nothing of the attempt
 */
export function verdictOf(here: LedgerLine | undefined, there: StatementSum | undefined): Verdict | undefined {
  if (here === undefined) {
    if (there === undefined) return undefined;
    const difference = billed(there) ?? NONE;
    return { kind: there.open ? 'open' : 'missing-here', there, difference };
  }
  // What is under way has no line yet that could be compared.
  if (here.outcome === undefined) return { kind: 'running', here, difference: NONE };
  if (there === undefined) return unbilled(here);
  if (there.open) return { kind: 'open', here, there, difference: NONE };
  const tokens = TOKEN_KINDS.some((kind) => tokensDiffer(here.tokens, there.tokens, kind));
  const theirs = billed(there);
  const cost = theirs !== undefined && theirs !== here.cost;
  const difference = nano(theirs === undefined ? 0n : theirs - (here.cost ?? 0n));
  if (!tokens && !cost) return { kind: 'matched', here, there, difference };
  return { kind: 'differing', what: tokens && cost ? 'both' : cost ? 'cost' : 'tokens', here, there, difference };
}

function unbilled(here: LedgerLine): Verdict {
  if (here.cost === undefined)
    return { kind: here.outcome === 'failed' ? 'free' : 'unresolved', here, difference: NONE };
  return { kind: here.cost === 0n ? 'free' : 'missing-there', here, difference: nano(-here.cost) };
}

/** A count that the statement gives and we lack differs, unless it is 0; one that it does not give is not compared. */
function tokensDiffer(here: TokenCounts, there: TokenCounts, kind: keyof TokenCounts): boolean {
  const theirs = there[kind];
  return theirs !== undefined && theirs !== (here[kind] ?? 0n);
}

function billed({ cost }: StatementSum): NanoUsd | undefined {
  return cost === undefined ? undefined : costRoundedUp(cost);
}

/** What to book so that nothing differs any more. */
export interface Correction {
  readonly callId: string;
  readonly attempt: number;
  readonly tokens: TokenCounts;
  readonly cost: NanoUsd;
}

/**
 * The correction that makes an attempt agree with the statement. `undefined`
 * where none is needed, or none can be: a line that is not finished or not
 * ours, or one without an amount.
 *
 * @param complete whether the statement holds everything of its period, so that what it does not hold was not billed
 */
export function correctionOf(verdict: Verdict, complete: boolean): Correction | undefined {
  if (verdict.kind === 'differing') {
    const cost = billed(verdict.there);
    // A refund above all that was billed is for a person to look at: nobody's attempt costs less than nothing.
    if (cost === undefined || cost < 0n) return undefined;
    const { callId, attempt } = verdict.here;
    return { callId, attempt, tokens: { ...verdict.here.tokens, ...verdict.there.tokens }, cost };
  }
  if (!complete || (verdict.kind !== 'missing-there' && verdict.kind !== 'unresolved')) return undefined;
  const { callId, attempt } = verdict.here;
  return { callId, attempt, tokens: { input: 0n, cachedInput: 0n, cacheWrite: 0n, output: 0n }, cost: NONE };
}
