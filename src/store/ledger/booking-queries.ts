import { sql } from 'kysely';
import type { Database } from '../database.ts';

/** What was booked by hand, as opposed to the charges of calls. Amounts in nano-USD, instants in milliseconds since the epoch. */
export interface BookedTransfer {
  readonly id: string;
  readonly kind: 'top_up' | 'refund' | 'adjustment' | 'transfer';
  readonly at: number;
  readonly amount: bigint;
  readonly paid?: bigint;
  /** The budgets that gave and that got; what comes from outside, or goes there, has none. */
  readonly from?: string;
  readonly to?: string;
  readonly note?: string;
  readonly createdBy: string;
}

export interface BookingQuestion {
  readonly kind?: BookedTransfer['kind'];
  readonly budgetId?: string;
  /** Only what was booked before this one, in the order of the answer: the last of the page before. */
  readonly before?: { readonly at: number; readonly id: string };
  readonly limit: number;
}

interface Row {
  readonly id: string;
  readonly kind: BookedTransfer['kind'];
  readonly at: Date;
  readonly amount: bigint;
  readonly paid_nano: bigint | null;
  readonly from_budget: string | null;
  readonly to_budget: string | null;
  readonly note: string | null;
  readonly created_by: string;
}

/** The newest first. An index holds them apart from the charges, which are millions. */
export async function listBookings(database: Database, question: BookingQuestion): Promise<BookedTransfer[]> {
  const { kind = null, budgetId = null, before, limit } = question;
  const { rows } = await sql<Row>`
    select transfers.id, transfers.kind, transfers.at, transfers.amount, transfers.paid_nano, transfers.note,
      transfers.created_by, giving.budget_id as from_budget, getting.budget_id as to_budget
    from transfers
    left join accounts giving on giving.id = transfers.debited[1]
    left join accounts getting on getting.id = transfers.credited[1]
    where transfers.kind <> 'charge'
      and (${kind}::text is null or transfers.kind = ${kind}::text)
      and (${budgetId}::text is null or giving.budget_id = ${budgetId}::text or getting.budget_id = ${budgetId}::text)
      and (${before?.id ?? null}::text is null
        or (transfers.at, transfers.id collate "C")
          < (${before === undefined ? null : new Date(before.at)}::timestamptz, ${before?.id ?? null}::text))
    order by transfers.at desc, transfers.id collate "C" desc
    limit ${limit}`.execute(database);
  return rows.map((row) => ({
    id: row.id,
    kind: row.kind,
    at: row.at.getTime(),
    amount: BigInt(row.amount),
    ...(row.paid_nano === null ? {} : { paid: BigInt(row.paid_nano) }),
    ...(row.from_budget === null ? {} : { from: row.from_budget }),
    ...(row.to_budget === null ? {} : { to: row.to_budget }),
    ...(row.note === null ? {} : { note: row.note }),
    createdBy: row.created_by,
  }));
}
