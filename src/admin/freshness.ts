import type { Clock } from '../kernel/clock.ts';
import type { AdminParts } from './admin-parts.ts';

/** A list waits this long for the journal to be in the store, and says how far it is then. */
const FLUSH_MS = 1_000;

type FreshnessParts = Pick<AdminParts, 'journal' | 'clock' | 'warn'>;

/**
 * Asks the journal into the store before a list is read from there, so that a
 * call that has just ended, or still runs, is in it.
 *
 * @returns the instant up to which the store knows everything
 */
export async function freshen({ journal, clock, warn }: FreshnessParts): Promise<number> {
  await new Promise<void>((resolve) => {
    const timer = clock.after(FLUSH_MS, resolve);
    journal
      .flush()
      // The answer says how old it is: that is better than none.
      .catch((error: unknown) => warn(error, 'the journal could not be brought into the store for a list'))
      .finally(() => {
        timer.cancel();
        resolve();
      });
  });
  return replayedUntil(journal, clock);
}

/** @returns milliseconds since the epoch */
export function replayedUntil(journal: FreshnessParts['journal'], clock: Clock): number {
  return clock.now() - journal.lag().oldestMs;
}
