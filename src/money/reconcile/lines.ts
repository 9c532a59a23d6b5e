import { type NanoUsd, nanoRoundedUp, type PicoUsd, pico } from '../../kernel/amounts.ts';

/** Tokens by what both sides count. Unknown is `undefined`, never 0. */
export interface TokenCounts {
  /** Cached and written ones included. */
  readonly input?: bigint;
  /** Of the input. */
  readonly cachedInput?: bigint;
  /** Of the input. */
  readonly cacheWrite?: bigint;
  readonly output?: bigint;
}

export const TOKEN_KINDS = ['input', 'cachedInput', 'cacheWrite', 'output'] as const satisfies (keyof TokenCounts)[];

/** One line of a provider's statement: what it says it was asked and is owed. */
export interface StatementLine {
  /** The line of the file it stands on, counting from 1. */
  readonly line: number;
  /** The provider's own id of the request, which its answer carried. */
  readonly requestId?: string;
  /** What we sent as `x-client-request-id`: the call's id, a dash, the attempt's number. */
  readonly clientRequestId?: string;
  readonly model?: string;
  /** Milliseconds since the epoch. */
  readonly at?: number;
  /** Of an aggregated line: the first instant after it. */
  readonly until?: number;
  readonly tokens: TokenCounts;
  /** Of an aggregated line: how many requests it sums up. */
  readonly requests?: bigint;
  /** Below 0 for a credit note. */
  readonly cost?: PicoUsd;
  /** The provider has not finished it: it can still grow. */
  readonly open: boolean;
}

/** One attempt as the ledger has it. */
export interface LedgerLine {
  readonly callId: string;
  readonly attempt: number;
  readonly model: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Absent while it runs. */
  readonly outcome?: string;
  readonly upstreamRequestId?: string;
  readonly tokens: TokenCounts;
  readonly cost?: NanoUsd;
}

/** All that a statement says of one attempt: one line as a rule, several where it bills in parts or twice. */
export interface StatementSum {
  readonly lines: readonly number[];
  readonly tokens: TokenCounts;
  readonly cost?: PicoUsd;
  readonly open: boolean;
  readonly at?: number;
  readonly model?: string;
  readonly id?: string;
}

const LINES_TOLD_MAX = 5;

/** What is known is added; what one line does not say is not taken for 0 unless another says it. */
export function summed(one: StatementSum, other: StatementSum): StatementSum {
  const tokens: { -readonly [Kind in keyof TokenCounts]: bigint } = {};
  for (const kind of TOKEN_KINDS) {
    const sum = added(one.tokens[kind], other.tokens[kind]);
    if (sum !== undefined) tokens[kind] = sum;
  }
  const cost = added(one.cost, other.cost);
  return {
    ...one,
    lines: [...one.lines, ...other.lines].slice(0, LINES_TOLD_MAX),
    tokens,
    ...(cost === undefined ? {} : { cost: pico(cost) }),
    open: one.open || other.open,
  };
}

export function sumOfLine({
  line,
  tokens,
  cost,
  open,
  at,
  model,
  requestId,
  clientRequestId,
}: StatementLine): StatementSum {
  const id = clientRequestId ?? requestId;
  return {
    lines: [line],
    tokens,
    open,
    ...(cost === undefined ? {} : { cost }),
    ...(at === undefined ? {} : { at }),
    ...(model === undefined ? {} : { model }),
    ...(id === undefined ? {} : { id }),
  };
}

function added(one: bigint | undefined, other: bigint | undefined): bigint | undefined {
  return one === undefined && other === undefined ? undefined : (one ?? 0n) + (other ?? 0n);
}

/** As the ledger rounds each attempt: up. A credit note's size is rounded down, which is up as well. */
export function costRoundedUp(cost: PicoUsd): NanoUsd {
  if (cost >= 0n) return nanoRoundedUp(cost);
  return -(-cost / 1_000n) as NanoUsd;
}
