import { GatewayError } from '../../kernel/errors.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const DAYS = 7;
/** One statement looks at no more than this: the embedded store has one session, and everybody waits for it. */
const DAYS_MAX = 93;
/** Hours are few where attempts are many. */
const USAGE_DAYS_MAX = 1_100;

export interface AskedRange {
  /** Milliseconds since the epoch. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** What the two are called in the question. */
  readonly names: readonly [string, string];
}

/**
 * The stretch of time that a question is about.
 *
 * @returns its first instant, and the one after its last
 * @throws `invalid_request` for one that ends before it begins, or is too long
 */
export function rangeOf(
  { from: asked, to, names }: AskedRange,
  nowAt: number,
  daysMax: number = DAYS_MAX,
): [from: number, to: number] {
  // What begins in this very millisecond is still part of it.
  const end = to ?? nowAt + 1;
  const from = asked ?? end - DAYS * DAY_MS;
  const [first, second] = names;
  if (from >= end) {
    throw new GatewayError('invalid_request', { message: `${first} must be before ${second}.`, param: first });
  }
  if (end - from <= daysMax * DAY_MS) return [from, end];
  throw new GatewayError('invalid_request', {
    message: `${first} and ${second} are more than ${daysMax} days apart. Ask for shorter stretches, one after the other.`,
    param: first,
  });
}

/** A range of usage, which is kept by the hour: the hours that hold any of what was asked for, whole. */
export function usageRangeOf(asked: AskedRange, nowAt: number): [from: number, to: number] {
  const [from, to] = rangeOf(asked, nowAt, USAGE_DAYS_MAX);
  return [Math.floor(from / HOUR_MS) * HOUR_MS, Math.ceil(to / HOUR_MS) * HOUR_MS];
}
