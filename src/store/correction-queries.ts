import { sql } from 'kysely';
import { idTimeMs } from '../kernel/ids.ts';
import type { Usage } from '../protocol/usage.ts';
import { type AttemptSelected, usageOf } from './attempt-queries.ts';
import type { Database } from './database.ts';
import { addUsage } from './rollup/add-usage.ts';
import { type CountedAttempt, countedRow } from './rollup/counted-attempt.ts';
import { UsageSums } from './rollup/usage-sums.ts';

/** The counts that a statement may say otherwise. */
export type CorrectedUsage = Pick<
  Usage,
  'inputTokens' | 'cachedInputTokens' | 'cacheWriteTokens' | 'outputTokens' | 'reasoningTokens'
>;

/** What a provider's statement says of an attempt. */
export interface CorrectionOrder {
  /** Which statement: one of them corrects an attempt once. */
  readonly statement: string;
  readonly callId: string;
  readonly attempt: number;
  /** Counts that are absent stay as they are. */
  readonly usage?: CorrectedUsage;
  readonly costNanoUsd: bigint;
  /** Absent: the charge goes with the cost where it did before, or was not known; otherwise it stays. */
  readonly chargeNanoUsd?: bigint;
  /** Who says so: the provider, unless told otherwise; `reserved` where nobody could, and all that was held is taken. */
  readonly usageSource?: 'provider' | 'reserved';
  /** An attempt that another one came after is not the customer's to pay, whatever it turns out to have cost. */
  readonly winnerOnly?: boolean;
  readonly createdBy: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

interface PutRight {
  readonly organisation: string;
  /** What the customer pays for the attempt from now on; `undefined` where that is not known. */
  readonly chargeNanoUsd: bigint | undefined;
}

/** What became of it. `again`: this statement had corrected the attempt before, and nothing was changed. */
export type Correction =
  | ({ readonly kind: 'corrected' } & PutRight)
  | ({ readonly kind: 'again' } & PutRight)
  | { readonly kind: 'unknown' }
  | { readonly kind: 'running' };

/** A call's instant is taken a moment before or after its id is made. */
const ID_SLACK_MS = 1_000;

/**
 * Puts an attempt right, and with it the hours it was counted in, by the
 * difference: all of it in one transaction, once for each statement.
 */
export async function correctAttempt(database: Database, order: CorrectionOrder): Promise<Correction> {
  const instantMs = idTimeMs(order.callId);
  if (instantMs === undefined) return { kind: 'unknown' };
  return database.transaction().execute(async (transaction) => {
    const row = await transaction
      .selectFrom('attempts')
      .selectAll()
      .where('call_started_at', '>=', new Date(instantMs - ID_SLACK_MS))
      .where('call_started_at', '<=', new Date(instantMs + ID_SLACK_MS))
      .where('call_id', '=', order.callId)
      .where('attempt', '=', order.attempt)
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined) return { kind: 'unknown' };
    const known = countedRow(row);
    if (known === undefined) return { kind: 'running' };
    const unpaid = order.winnerOnly === true && !row.charge_nano_usd && (await isSuperseded(transaction, row));
    const charge = order.chargeNanoUsd ?? (unpaid ? 0n : chargeAfter(row, order.costNanoUsd));
    if (!(await remember(transaction, order, row, charge))) {
      return { kind: 'again', organisation: row.organisation, chargeNanoUsd: row.charge_nano_usd ?? undefined };
    }
    await change(transaction, row, order, charge);
    await recount(transaction, known, order, charge);
    return { kind: 'corrected', organisation: row.organisation, chargeNanoUsd: charge };
  });
}

async function isSuperseded(transaction: Database, row: AttemptSelected): Promise<boolean> {
  const later = await transaction
    .selectFrom('attempts')
    .select('attempt')
    .where('call_started_at', '=', row.call_started_at)
    .where('call_id', '=', row.call_id)
    .where('attempt', '>', row.attempt)
    .limit(1)
    .executeTakeFirst();
  return later !== undefined;
}

function chargeAfter({ charge_nano_usd: charge, cost_nano_usd: cost }: AttemptSelected, corrected: bigint): bigint {
  return charge === null || charge === cost ? corrected : charge;
}

async function remember(
  transaction: Database,
  order: CorrectionOrder,
  row: AttemptSelected,
  charge: bigint,
): Promise<boolean> {
  const { statement, callId, attempt, usage, costNanoUsd, createdBy, at } = order;
  const source = order.usageSource === 'reserved' ? 'reserved' : 'reconciled';
  const { rows } = await sql`
    insert into corrections (statement, call_id, attempt, call_started_at, organisation, project, source, old_usage,
      new_usage, old_usage_source, old_cost_nano_usd, new_cost_nano_usd, old_charge_nano_usd, new_charge_nano_usd,
      created_by, at)
    values (${statement}, ${callId}, ${attempt}, ${row.call_started_at}, ${row.organisation}, ${row.project},
      ${source}, ${json(usageOf(row))}::jsonb, ${json(usage)}::jsonb, ${row.usage_source}, ${row.cost_nano_usd},
      ${costNanoUsd}, ${row.charge_nano_usd}, ${charge}, ${createdBy}, ${new Date(at)})
    on conflict do nothing
    returning statement`.execute(transaction);
  return rows.length > 0;
}

async function change(
  transaction: Database,
  row: AttemptSelected,
  { usage = {}, costNanoUsd, usageSource = 'provider' }: CorrectionOrder,
  charge: bigint,
): Promise<void> {
  const count = (tokens: number | undefined) => (tokens === undefined ? undefined : BigInt(tokens));
  await transaction
    .updateTable('attempts')
    .set({
      input_tokens: count(usage.inputTokens) ?? row.input_tokens,
      cached_input_tokens: count(usage.cachedInputTokens) ?? row.cached_input_tokens,
      cache_write_tokens: count(usage.cacheWriteTokens) ?? row.cache_write_tokens,
      output_tokens: count(usage.outputTokens) ?? row.output_tokens,
      reasoning_tokens: count(usage.reasoningTokens) ?? row.reasoning_tokens,
      usage_source: usageSource,
      cost_nano_usd: costNanoUsd,
      charge_nano_usd: charge,
    })
    .where('call_started_at', '=', row.call_started_at)
    .where('call_id', '=', row.call_id)
    .where('attempt', '=', row.attempt)
    .execute();
}

async function recount(
  transaction: Database,
  known: CountedAttempt,
  { usage, costNanoUsd, usageSource = 'provider' }: CorrectionOrder,
  charge: bigint,
): Promise<void> {
  const sums = new UsageSums();
  const { end } = known;
  sums.add(known, -1);
  sums.add({
    ...known,
    end: {
      ...end,
      usage: { ...end.usage, ...usage },
      usageSource,
      costNanoUsd: costNanoUsd.toString(),
      chargeNanoUsd: charge.toString(),
    },
  });
  await addUsage(transaction, sums);
}

function json(value: object | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
