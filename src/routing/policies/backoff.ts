import type { Random } from '../../kernel/random.ts';
import type { BackoffPolicy } from '../../protocol/policy.ts';

/**
 * How long to wait before the same target is tried again: *full jitter*, a
 * uniform part of `min(maxMs, baseMs × 2^tried)`, so that clients which failed
 * together do not come back together. The AWS Architecture Blog ("Exponential
 * backoff and jitter", 2015) compares it with the other kinds; 8 s is the cap
 * of OpenAI's clients.
 *
 * @param tried how often it has been tried again before: 0 for the first time
 */
export function fullJitterMs({ baseMs, maxMs }: BackoffPolicy, tried: number, random: Random): number {
  return random.float() * Math.min(maxMs, baseMs * 2 ** Math.max(0, tried));
}
