import type { AttemptView } from '../protocol/call-view.ts';
import type { ChargePolicy } from './hold.ts';

type Attempt = Pick<AttemptView, 'attempt' | 'outcome' | 'chargeNanoUsd' | 'costNanoUsd'>;

/**
 * What the customer pays for an attempt of a call whose process is gone, in
 * nano-USD. One that another attempt came after has failed, also where its end
 * was not written any more: under `winner_only` it costs the customer nothing.
 *
 * @param of all attempts of its call
 * @returns `undefined` while nobody can say
 */
export function owedFor(attempt: Attempt, of: readonly Attempt[], policy: ChargePolicy): bigint | undefined {
  const { outcome, chargeNanoUsd, costNanoUsd } = attempt;
  const superseded = of.some((other) => other.attempt > attempt.attempt);
  if (superseded && policy === 'winner_only') return chargeNanoUsd ?? 0n;
  if (outcome === undefined) return undefined;
  return chargeNanoUsd ?? (outcome === 'interrupted' ? costNanoUsd : 0n);
}
