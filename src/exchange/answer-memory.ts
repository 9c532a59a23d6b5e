import type { Clock } from '../kernel/clock.ts';
import type { PlannedTarget } from '../routing/target.ts';
import type { AdmittedCall } from './call.ts';

/** Longer than a store takes that is there; a client that has its answer is not kept waiting for one that is not. */
const KEEP_MS_MAX = 250;

/** Keeps answers that a client may refer to later. */
export interface AnswerMemory {
  /**
   * @param bytes as the client gets them: a whole answer, or what ends a stream
   * @returns `undefined` where there is nothing to keep; otherwise durable when it resolves
   */
  keep(call: AdmittedCall, target: PlannedTarget, bytes: Buffer): Promise<void> | undefined;
}

/**
 * Waits until an answer is kept, as long as a client may be kept waiting for that.
 *
 * @param failed hears why it is not
 * @returns what the client is to be warned of; `undefined` where the answer is kept
 */
export async function keptSoon(
  clock: Clock,
  keeping: Promise<void>,
  failed: (error: unknown) => void,
): Promise<string | undefined> {
  const late = Promise.withResolvers<string>();
  const timer = clock.after(KEEP_MS_MAX, () => late.resolve('store: it is not certain that this answer is kept'));
  const kept = keeping.then(
    () => undefined,
    (error: unknown) => {
      failed(error);
      return 'store: this answer could not be kept';
    },
  );
  try {
    return await Promise.race([kept, late.promise]);
  } finally {
    timer.cancel();
  }
}
