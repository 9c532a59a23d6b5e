import { nano, pico } from '../../kernel/amounts.ts';
import type { LedgerLine, StatementSum, TokenCounts } from '../../money/reconcile/lines.ts';

/** One side of an attempt, or both, as it lies in memory and in files until its other side is found. */
export interface SpilledLine {
  readonly here?: LedgerLine;
  readonly there?: StatementSum;
  /** What a line of the statement says we sent. */
  readonly client?: string;
}

type PackedTokens = readonly [string | null, string | null, string | null, string | null];

/**
 * A line as one JSON list. Members stand at fixed places, big integers as
 * digits: a replacer and a reviver for every member took three times as long.
 */
export function lineText({ here, there, client }: SpilledLine): string {
  return JSON.stringify([
    here && [
      here.callId,
      here.attempt,
      here.model,
      here.startedAt,
      here.outcome,
      here.upstreamRequestId,
      packedTokens(here.tokens),
      here.cost?.toString(),
    ],
    there && [
      there.lines,
      packedTokens(there.tokens),
      there.cost?.toString(),
      there.open,
      there.at,
      there.model,
      there.id,
    ],
    client,
  ]);
}

type PackedHere = [string, number, string, number, string | null, string | null, PackedTokens, string | null];
type PackedThere = [number[], PackedTokens, string | null, boolean, number | null, string | null, string | null];

/** Reads what {@link lineText} wrote, and nothing else. */
export function lineOf(text: string): SpilledLine {
  const [here, there, client] = JSON.parse(text) as [PackedHere | null, PackedThere | null, string | null];
  return {
    ...(here && { here: unpackedHere(here) }),
    ...(there && { there: unpackedThere(there) }),
    ...(client === null ? {} : { client }),
  };
}

function unpackedHere([
  callId,
  attempt,
  model,
  startedAt,
  outcome,
  upstreamRequestId,
  counts,
  cost,
]: PackedHere): LedgerLine {
  return {
    callId,
    attempt,
    model,
    startedAt,
    tokens: unpackedTokens(counts),
    ...(outcome === null ? {} : { outcome }),
    ...(upstreamRequestId === null ? {} : { upstreamRequestId }),
    ...(cost === null ? {} : { cost: nano(BigInt(cost)) }),
  };
}

function unpackedThere([lines, counts, cost, open, at, model, id]: PackedThere): StatementSum {
  return {
    lines,
    tokens: unpackedTokens(counts),
    open,
    ...(cost === null ? {} : { cost: pico(BigInt(cost)) }),
    ...(at === null ? {} : { at }),
    ...(model === null ? {} : { model }),
    ...(id === null ? {} : { id }),
  };
}

function packedTokens({ input, cachedInput, cacheWrite, output }: TokenCounts): PackedTokens {
  const digits = (count: bigint | undefined) => count?.toString() ?? null;
  return [digits(input), digits(cachedInput), digits(cacheWrite), digits(output)];
}

function unpackedTokens([input, cachedInput, cacheWrite, output]: PackedTokens): TokenCounts {
  return {
    ...(input === null ? {} : { input: BigInt(input) }),
    ...(cachedInput === null ? {} : { cachedInput: BigInt(cachedInput) }),
    ...(cacheWrite === null ? {} : { cacheWrite: BigInt(cacheWrite) }),
    ...(output === null ? {} : { output: BigInt(output) }),
  };
}
