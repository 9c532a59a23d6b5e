import type { Clock } from '../kernel/clock.ts';
import { idTimeMs } from '../kernel/ids.ts';
import type { CallView } from '../protocol/call-view.ts';
import { callById } from './attempt-queries.ts';
import type { Database } from './database.ts';
import type { Journal } from './journal/journal.ts';

/** A call that is younger may still be in the journal alone. */
const ON_ITS_WAY_MS = 60_000;

export interface CallPlaces {
  readonly database: Database;
  readonly journal: Pick<Journal, 'flush'>;
  readonly clock: Clock;
}

/**
 * A call as it was recorded. One that the store does not have, and that may be
 * on its way there, is waited for.
 *
 * @param project a call of another project is not found
 * @throws a 503 while the store does not answer
 */
export async function findCall(
  { database, journal, clock }: CallPlaces,
  callId: string,
  project?: string,
): Promise<CallView | undefined> {
  const call = await callById(database, callId, project);
  const instantMs = idTimeMs(callId);
  if (call !== undefined || instantMs === undefined || clock.now() - instantMs > ON_ITS_WAY_MS) return call;
  await journal.flush();
  return callById(database, callId, project);
}
