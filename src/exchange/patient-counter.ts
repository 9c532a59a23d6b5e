import type { Clock } from '../kernel/clock.ts';
import type { TokenCounter } from './token-counter.ts';

/** A token of running text is about four bytes. */
const BYTES_PER_TOKEN = 4;

/** A counter that estimates by length what is not counted within `waitMs`. */
export function patientCounter(tokens: TokenCounter, clock: Clock, waitMs: number): TokenCounter {
  return {
    exactly: (texts) => tokens.exactly(texts),
    async count(texts) {
      const late = Promise.withResolvers<readonly number[]>();
      const patience = clock.after(waitMs, () => late.resolve(texts.map(roughly)));
      try {
        return await Promise.race([tokens.count(texts), late.promise]);
      } finally {
        patience.cancel();
      }
    },
  };
}

function roughly(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
}
