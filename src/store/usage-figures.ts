import { sql } from 'kysely';

export interface UsageFigures {
  /** Each call once, in the group of its last attempt. */
  readonly calls: number;
  readonly attempts: number;
  /** Attempts that failed, broke off, or were interrupted. */
  readonly errors: number;
  /** Sums of what is known; `undefined` when nothing is. */
  readonly inputTokens: number | undefined;
  readonly cachedInputTokens: number | undefined;
  readonly cacheWriteTokens: number | undefined;
  readonly outputTokens: number | undefined;
  readonly reasoningTokens: number | undefined;
  /** What the providers take. */
  readonly costNanoUsd: bigint | undefined;
  /** What the customers pay. */
  readonly chargeNanoUsd: bigint | undefined;
  /** What applications reported besides. */
  readonly reportedNanoUsd: bigint | undefined;
  /** Calls that the cost is without. One whose last attempt failed outright costs nothing that is known of. */
  readonly callsWithoutCost: number;
  /** Attempts that the cost is without, likewise. */
  readonly unpricedAttempts: number;
  /** Attempts whose usage we counted ourselves. */
  readonly estimatedAttempts: number;
  /** Attempts of calls whose charge exceeded their hold. */
  readonly overruns: number;
  /** Mean milliseconds of an attempt, and to its first token, of those where it is known. */
  readonly meanMs: number | undefined;
  readonly meanFirstTokenMs: number | undefined;
}

/** Rows of `usage_hours` added up, as `FiguresRow` has them; `spent` and `tried` are numbers, to order by. */
export const SUMS = sql`
  coalesce(sum(calls), 0)::text as calls, coalesce(sum(attempts), 0)::text as attempts,
  coalesce(sum(errors), 0)::text as errors, sum(input_tokens)::text as input_tokens,
  sum(cached_input_tokens)::text as cached_input_tokens, sum(cache_write_tokens)::text as cache_write_tokens,
  sum(output_tokens)::text as output_tokens, sum(reasoning_tokens)::text as reasoning_tokens,
  sum(attempts) as tried,
  coalesce(sum(cost_nano_usd) + sum(reported_nano_usd), sum(cost_nano_usd), sum(reported_nano_usd)) as spent,
  sum(cost_nano_usd)::text as cost_text, sum(charge_nano_usd)::text as charge,
  sum(reported_nano_usd)::text as reported, coalesce(sum(calls_without_cost), 0)::text as calls_without_cost,
  coalesce(sum(unpriced), 0)::text as unpriced, coalesce(sum(estimated), 0)::text as estimated,
  coalesce(sum(overruns), 0)::text as overruns,
  (sum(total_ms)::float8 / nullif(sum(timed), 0)) as mean_ms,
  (sum(first_token_ms)::float8 / nullif(sum(first_tokens), 0)) as mean_first_token_ms`;

/** Sums as text, because the sum of bigints is a numeric. */
export interface FiguresRow {
  readonly calls: string;
  readonly attempts: string;
  readonly errors: string;
  readonly input_tokens: string | null;
  readonly cached_input_tokens: string | null;
  readonly cache_write_tokens: string | null;
  readonly output_tokens: string | null;
  readonly reasoning_tokens: string | null;
  readonly cost_text: string | null;
  readonly charge: string | null;
  readonly reported: string | null;
  readonly calls_without_cost: string;
  readonly unpriced: string;
  readonly estimated: string;
  readonly overruns: string;
  readonly mean_ms: number | null;
  readonly mean_first_token_ms: number | null;
}

/** @param none what a sum over nothing at all is; absent: unknown */
export function figuresOf(row: FiguresRow, none?: string): UsageFigures {
  return {
    calls: Number(row.calls),
    attempts: Number(row.attempts),
    errors: Number(row.errors),
    inputTokens: tokens(row.input_tokens ?? none),
    cachedInputTokens: tokens(row.cached_input_tokens ?? none),
    cacheWriteTokens: tokens(row.cache_write_tokens ?? none),
    outputTokens: tokens(row.output_tokens ?? none),
    reasoningTokens: tokens(row.reasoning_tokens ?? none),
    costNanoUsd: amount(row.cost_text ?? none),
    chargeNanoUsd: amount(row.charge ?? none),
    reportedNanoUsd: amount(row.reported ?? none),
    callsWithoutCost: Number(row.calls_without_cost),
    unpricedAttempts: Number(row.unpriced),
    estimatedAttempts: Number(row.estimated),
    overruns: Number(row.overruns),
    meanMs: row.mean_ms ?? undefined,
    meanFirstTokenMs: row.mean_first_token_ms ?? undefined,
  };
}

/** Below 2^53 for nine thousand calls of 10^12 tokens. */
function tokens(sum: string | undefined): number | undefined {
  return sum === undefined ? undefined : Number(sum);
}

function amount(digits: string | undefined): bigint | undefined {
  return digits === undefined ? undefined : BigInt(digits);
}
