import type { HeaderLookup } from '../protocol/upstream.ts';

const WAIT_MS_MAX = 3_600_000;

/**
 * How long a provider asks us to wait: `retry-after-ms`, or `Retry-After` in
 * seconds or as an HTTP date. Negative is 0, an hour is the most, garbage is
 * `undefined`.
 */
export function retryAfterMs(header: HeaderLookup, nowMs: number): number | undefined {
  const exact = header('retry-after-ms');
  if (exact !== undefined && /^-?\d+(\.\d+)?$/.test(exact.trim())) return clamp(Number(exact));
  const text = header('retry-after')?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^-?\d+(\.\d+)?$/.test(text)) return clamp(Number(text) * 1_000);
  const dateMs = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(dateMs) ? undefined : clamp(dateMs - nowMs);
}

function clamp(ms: number): number {
  return Math.min(Math.max(Math.ceil(ms), 0), WAIT_MS_MAX);
}
