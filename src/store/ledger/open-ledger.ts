import type { Clock } from '../../kernel/clock.ts';
import type { StoreLog } from '../log.ts';
import type { Store } from '../store.ts';
import { GroupedLedger } from './grouped-ledger.ts';

/**
 * The ledger of a store, on a session of its own where there are several.
 *
 * @param holder names this run of the process: a start recovers the holds of those that are gone
 */
export function openLedger(store: Store, { holder, clock, log }: { holder: string; clock: Clock; log: StoreLog }) {
  return new GroupedLedger({ connection: store.connection('ledger'), holder, clock, log });
}
