import { CompiledQuery } from 'kysely';
import type { Database } from '../database.ts';
import { ADD_USAGE, usageArrays } from './usage-statements.ts';
import type { UsageSums } from './usage-sums.ts';

/** Adds sums to the hours, in the transaction that what they sum up belongs to. */
export async function addUsage(transaction: Database, sums: UsageSums): Promise<void> {
  if (!sums.empty) await transaction.executeQuery(CompiledQuery.raw(ADD_USAGE, usageArrays(sums.rows())));
}
