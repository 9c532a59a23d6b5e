import { type RawBuilder, sql } from 'kysely';
import { systemClock } from '../src/kernel/clock.ts';
import { openStore } from '../src/store/open-store.ts';
import type { RowClaim, SaidInRow } from './measurement.ts';

export interface RowCount {
  /** Calls with a row. */
  readonly calls: number;
  /** Of those, the ones whose row says that they went well, what they used, and what else the claim asks for. */
  readonly metered: number;
}

const silent = { info: () => undefined, warn: console.error, error: console.error };

/**
 * Counts the rows of calls that began in each span, in the store that a stopped
 * gateway left behind: what is there has survived the process.
 */
export async function countRows(dataDir: string, claims: readonly RowClaim[]): Promise<RowCount[]> {
  const store = await openStore({ dataDir, clock: systemClock, log: silent });
  try {
    const counts: RowCount[] = [];
    for (const { fromMs, toMs, said } of claims) {
      const row = await store.database
        .selectFrom('attempts')
        .select([
          sql<bigint>`count(distinct call_id)`.as('calls'),
          sql<bigint>`count(*) filter (where outcome = 'ok' and output_tokens is not null and ${saysThat(said)})`.as(
            'metered',
          ),
        ])
        .where('call_started_at', '>=', new Date(fromMs))
        .where('call_started_at', '<=', new Date(toMs))
        .executeTakeFirstOrThrow();
      counts.push({ calls: Number(row.calls), metered: Number(row.metered) });
    }
    return counts;
  } finally {
    await store.close();
  }
}

function saysThat(said: SaidInRow | undefined): RawBuilder<boolean> {
  if (said === undefined) return sql<boolean>`true`;
  const { dialect, provider, tokens } = said;
  return sql<boolean>`dialect = ${dialect} and provider = ${provider} and usage_source = 'provider'
    and input_tokens = ${tokens.input} and output_tokens = ${tokens.output}`;
}

/** What is wrong with a count; the calls that a load cut off have a row and need not have a usage. */
export function rowProblem(claim: RowClaim, { calls, metered }: RowCount): string | undefined {
  const { answered } = claim;
  if (calls < claim.min || calls > claim.max) {
    const wanted = claim.min === claim.max ? `${claim.min}` : `${claim.min} to ${claim.max}`;
    return `${wanted} calls were made and ${calls} have a row`;
  }
  return metered < answered ? `${answered} calls were answered and ${metered} have a row with their usage` : undefined;
}
