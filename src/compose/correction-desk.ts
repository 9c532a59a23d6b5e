import { sql } from 'kysely';
import type { CorrectionBooking, CorrectionDesk } from '../admin/admin-parts.ts';
import { nano } from '../kernel/amounts.ts';
import type { Budget } from '../money/budget.ts';
import { linesRatedBy } from '../money/budget-rates.ts';
import type { ChargePolicy } from '../money/hold.ts';
import type { ChargeLine, Ledger } from '../money/ledger.ts';
import type { Booked, LedgerBooks } from '../money/ledger-books.ts';
import { owedFor } from '../money/owed.ts';
import { callById } from '../store/attempt-queries.ts';
import { type CorrectionOrder, correctAttempt } from '../store/correction-queries.ts';
import type { Database } from '../store/database.ts';

export interface CorrectionDeskParts {
  readonly database: Database;
  readonly ledger: Pick<Ledger, 'settle'>;
  readonly books: Pick<LedgerBooks, 'correct'>;
  policy(): ChargePolicy;
  /** Budgets on which some models count for more, or less. */
  ratedBudgets(): readonly Budget[];
  /** What memory holds of a call is not true any more. */
  forget(callId: string): void;
}

/**
 * Puts attempts right by what a provider's statement says, and then the
 * accounts that were charged for them. Two steps: after a crash between them
 * the same statement does the second one again, because it goes by what the
 * ledger has booked, not by what was changed a moment ago.
 */
export function correctionDesk(parts: CorrectionDeskParts): CorrectionDesk {
  const { database, forget } = parts;
  return {
    async correct(order) {
      const winnerOnly = parts.policy() === 'winner_only';
      const found = await correctAttempt(database, { ...order, winnerOnly });
      if (found.kind === 'unknown' || found.kind === 'running') return found;
      forget(order.callId);
      const { chargeNanoUsd, organisation } = found;
      const ledger = chargeNanoUsd === undefined ? 'none' : await booked(parts, order, organisation, chargeNanoUsd);
      return { kind: found.kind, ledger };
    },
  };
}

async function booked(
  parts: CorrectionDeskParts,
  order: CorrectionOrder,
  organisation: string,
  charge: bigint,
): Promise<CorrectionBooking> {
  const hold = await parts.database
    .selectFrom('holds')
    .select('state')
    .where('id', '=', order.callId)
    .executeTakeFirst();
  if (hold === undefined) return 'none';
  if (hold.state === 'held' || hold.state === 'kept') return settled(parts, order);
  const { statement, callId, attempt, at, createdBy } = order;
  const difference = charge - (await chargedSoFar(parts.database, callId, attempt));
  if (difference === 0n) return 'none';
  const answer = await parts.books.correct({
    id: `correction/${statement}/${callId}/${attempt}`,
    organisation,
    callId,
    attempt,
    amount: nano(difference < 0n ? -difference : difference),
    towards: difference > 0n ? 'more' : 'less',
    at,
    createdBy,
    note: `statement ${statement}`,
  });
  return WORDS[answer];
}

const WORDS: Readonly<Record<Booked, CorrectionBooking>> = {
  booked: 'booked',
  again: 'none',
  short: 'account_short',
  conflict: 'booking_conflict',
};

/** What the ledger has charged for an attempt, with what was put right since. */
async function chargedSoFar(database: Database, callId: string, attempt: number): Promise<bigint> {
  const { rows } = await sql<{ readonly charged: string }>`
    select coalesce(sum(case when cardinality(debited) > 0 then amount else -amount end), 0)::text as charged
    from transfers
    where id = ${`charge/${callId}/${attempt}`}
      or (call_id = ${callId} and attempt = ${attempt} and kind = 'adjustment')`.execute(database);
  return BigInt(rows[0]?.charged ?? 0);
}

/** A hold that was kept because nobody could say what its call cost: now its attempts say so, or one still does not. */
async function settled(
  { database, ledger, policy, ratedBudgets }: CorrectionDeskParts,
  { callId, at }: CorrectionOrder,
): Promise<CorrectionBooking> {
  const call = await callById(database, callId);
  const lines: ChargeLine[] = [];
  for (const view of call?.attempts ?? []) {
    const { attempt, provider, model, usageSource = 'estimated' } = view;
    const amount = owedFor(view, call?.attempts ?? [], policy());
    if (amount === undefined) return 'hold_waits_for_other_attempts';
    lines.push({ attempt, provider, model, amount: nano(amount), usageSource });
  }
  const { first } = await ledger.settle({ holdId: callId, at, lines: linesRatedBy(ratedBudgets(), lines) });
  return first ? 'settled' : 'none';
}
