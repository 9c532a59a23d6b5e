import type { HeaderLookup } from '../protocol/upstream.ts';

const WAIT_MS_MAX = 3_600_000;
/** A longer text is no number and no date. */
const TEXT_CHARS_MAX = 64;
const NUMBER = /^-?\d{1,15}(\.\d{1,9})?$/;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
/** The three forms of RFC 9110, 5.6.7: the one of today, the one of RFC 850, and that of C's asctime. */
const DATE_FORMS = [
  /^[a-z]{3}, (?<day>\d{2}) (?<month>[a-z]{3}) (?<year>\d{4}) (?<time>\d\d:\d\d:\d\d) gmt$/i,
  /^[a-z]{6,9}, (?<day>\d{2})-(?<month>[a-z]{3})-(?<year>\d{2}) (?<time>\d\d:\d\d:\d\d) gmt$/i,
  /^[a-z]{3} (?<month>[a-z]{3}) (?<day>[ \d]\d) (?<time>\d\d:\d\d:\d\d) (?<year>\d{4})$/i,
];

/**
 * How long a provider asks us to wait: `retry-after-ms`, or `Retry-After` in
 * seconds or as an HTTP date. Negative is 0, an hour is the most, garbage is
 * `undefined`.
 *
 * @param nowMs milliseconds since the epoch
 */
export function retryAfterMs(header: HeaderLookup, nowMs: number): number | undefined {
  const exact = textOf(header('retry-after-ms'));
  if (exact !== undefined && NUMBER.test(exact)) return clamp(Number(exact));
  const text = textOf(header('retry-after'));
  if (text === undefined) return undefined;
  if (NUMBER.test(text)) return clamp(Number(text) * 1_000);
  const dateMs = httpDateMs(text, nowMs);
  return dateMs === undefined ? undefined : clamp(dateMs - nowMs);
}

function textOf(value: string | undefined): string | undefined {
  return value === undefined || value.length > TEXT_CHARS_MAX ? undefined : value.trim();
}

/** Strict, because `Date.parse` makes a date of much that is none, and takes the third form for local time. */
function httpDateMs(text: string, nowMs: number): number | undefined {
  for (const form of DATE_FORMS) {
    const parts = form.exec(text)?.groups;
    if (parts === undefined) continue;
    const month = MONTHS.indexOf((parts['month'] ?? '').toLowerCase());
    const [hours = 0, minutes = 0, seconds = 0] = (parts['time'] ?? '').split(':').map(Number);
    const day = Number(parts['day']);
    if (month < 0 || day < 1 || day > 31 || hours > 23 || minutes > 59 || seconds > 60) return undefined;
    return Date.UTC(fullYear(parts['year'] ?? '', nowMs), month, day, hours, minutes, seconds);
  }
  return undefined;
}

/** Two digits are of the century in which they lie less than fifty years ahead. */
function fullYear(digits: string, nowMs: number): number {
  if (digits.length === 4) return Number(digits);
  const thisYear = new Date(nowMs).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + Number(digits);
  return year > thisYear + 50 ? year - 100 : year;
}

function clamp(ms: number): number {
  return Math.min(Math.max(Math.ceil(ms), 0), WAIT_MS_MAX);
}
