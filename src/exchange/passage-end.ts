import type { GatewayError } from '../kernel/errors.ts';
import type { PassageEnd } from '../routing/weather.ts';
import type { AttemptResult } from './attempt-words.ts';

/** Upstream statuses that speak of our credential or account there. */
const CREDENTIAL_STATUSES: ReadonlySet<number | undefined> = new Set([401, 402, 403]);

/** What an attempt's result says of its target's health. */
export function passageEndOf(result: AttemptResult, status: number | undefined): PassageEnd {
  if (result.kind === 'answer' || result.kind === 'stream') return { kind: 'ok' };
  if (result.kind === 'failed' && result.impatient === true) return { kind: 'neutral' };
  return endOfFailure(result.error, status, result.kind === 'failed' && result.exhausted === true);
}

/** Whether the same target may do better in a moment: it broke or was busy, and did not refuse. */
export function isPassing(error: GatewayError, status: number | undefined, exhausted: boolean): boolean {
  const { kind } = endOfFailure(error, status, exhausted);
  return kind === 'failed' || (kind === 'throttled' && !exhausted);
}

function endOfFailure(error: GatewayError, status: number | undefined, exhausted: boolean): PassageEnd {
  if (error.code === 'rate_limited' || exhausted) {
    return { kind: 'throttled', retryAfterMs: error.retryAfterMs, exhausted };
  }
  if (CREDENTIAL_STATUSES.has(status)) return { kind: 'credential' };
  switch (error.code) {
    case 'upstream_error':
    case 'upstream_timeout':
    case 'stream_truncated':
      // A page of HTML with 404 speaks of an address, which is no weather.
      return { kind: status === 404 ? 'neutral' : 'failed' };
    default:
      return { kind: 'neutral' };
  }
}
