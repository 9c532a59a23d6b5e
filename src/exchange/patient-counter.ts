import type { Clock } from '../kernel/clock.ts';
import { roughTokens } from '../kernel/rough-tokens.ts';
import type { TokenCounter } from './token-counter.ts';

/** A counter that estimates by length what is not counted within `waitMs`. */
export function patientCounter(tokens: TokenCounter, clock: Clock, waitMs: number): TokenCounter {
  return {
    exactly: (texts) => tokens.exactly(texts),
    async count(texts) {
      const late = Promise.withResolvers<readonly number[]>();
      const patience = clock.after(waitMs, () =>
        late.resolve(texts.map((text) => roughTokens(Buffer.byteLength(text)))),
      );
      try {
        return await Promise.race([tokens.count(texts), late.promise]);
      } finally {
        patience.cancel();
      }
    },
  };
}
