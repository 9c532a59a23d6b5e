import type { CoolDownPolicy } from '../../protocol/policy.ts';

/** The longest that a provider can close a target for, whatever it asks. */
const ASKED_MS_MAX = 3_600_000;

/** What a 429 closes, and for how long. */
export interface CoolDown {
  /** `target`: this model of it. `credential`: all models that the credential is for. */
  readonly scope: 'target' | 'credential';
  readonly forMs: number;
  /** The provider named the time. */
  readonly asked: boolean;
  readonly reason: string;
}

/**
 * What becomes of a target that throttles us.
 *
 * - It names a time (`Retry-After`): the target is closed for that long, an hour
 *   at most. Whether a call waits for it is for the call to decide.
 * - It names none, or says that a quota or a spend limit is used up
 *   (`insufficient_quota`, `enforced_spend_limit_reached`): the credential is
 *   closed for `unaskedMs`, because such limits are an account's. This is a
 *   guess; an answer in the meantime ends it.
 * - It names no time at all to speak of (0, or what is no number): nothing.
 *
 * A 429 never counts for a breaker: whoever throttles is well.
 *
 * @param retryAfterMs as parsed, in ms
 */
export function coolDownOf(
  { unaskedMs }: CoolDownPolicy,
  retryAfterMs: number | undefined,
  exhausted: boolean,
): CoolDown | undefined {
  const askedMs = retryAfterMs === undefined ? undefined : Math.min(retryAfterMs, ASKED_MS_MAX);
  if (exhausted) {
    const forMs = Math.max(unaskedMs, askedMs ?? 0);
    return { scope: 'credential', forMs, asked: false, reason: 'quota or spend limit used up' };
  }
  if (askedMs === undefined) {
    return { scope: 'credential', forMs: unaskedMs, asked: false, reason: '429 without Retry-After' };
  }
  if (!(askedMs > 0)) return undefined;
  return { scope: 'target', forMs: askedMs, asked: true, reason: `Retry-After ${inSeconds(askedMs)}` };
}

function inSeconds(ms: number): string {
  return ms < 1_000 ? `${Math.ceil(ms)} ms` : `${Math.ceil(ms / 1_000)} s`;
}
