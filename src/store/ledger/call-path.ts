import type { Database } from '../database.ts';

/** The accounts that a call is charged on, with what an attempt counted for there. */
export interface CallPath {
  readonly accounts: readonly bigint[];
  /** The attempt's charge, and what it counted for where that is another amount. */
  readonly charged?: { readonly amount: bigint; readonly counted: readonly bigint[] };
}

/** Where a call was charged; `undefined` when no settled hold of it is known. The attempt itself may have cost nothing. */
export async function pathOfCall(database: Database, callId: string, attempt: number): Promise<CallPath | undefined> {
  const charges = await database
    .selectFrom('transfers')
    .select(['attempt', 'amount', 'debited', 'counted'])
    // Every id of a call's charges begins like this, and '0' comes after '/'.
    .where('id', '>', `charge/${callId}/`)
    .where('id', '<', `charge/${callId}0`)
    .execute();
  const charge = charges.find((row) => row.attempt === attempt) ?? charges[0];
  if (charge !== undefined) {
    const { amount, counted } = charge;
    return { accounts: charge.debited, ...(counted === null ? {} : { charged: { amount, counted } }) };
  }
  const hold = await database
    .selectFrom('holds')
    .select(['accounts', 'amount', 'counted'])
    .where('id', '=', callId)
    .where('state', 'in', ['settled', 'released'])
    .executeTakeFirst();
  if (hold === undefined) return undefined;
  const { accounts, amount, counted } = hold;
  return { accounts, ...(counted === null || amount === 0n ? {} : { charged: { amount, counted } }) };
}

/** What a further amount counts for on each account, in the same proportion, rounded up; `undefined`: the amount itself. */
export function countedOf({ charged }: CallPath, amount: bigint): bigint[] | undefined {
  return charged?.counted.map((counted) => (amount * counted + charged.amount - 1n) / charged.amount);
}
