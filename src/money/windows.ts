import type { AccountRef, Budget, BudgetPeriod } from './budget.ts';

/** Milliseconds since the epoch; the end is the first instant after it. Lifetime starts at 0 and has no end. */
export interface Window {
  readonly start: number;
  readonly end: number | undefined;
}

const LIFETIME: Window = { start: 0, end: undefined };
const HOUR_MS = 3_600_000;

/**
 * The window of the calendar of `timeZone` that an instant is in. Each instant
 * is in exactly one, and each begins where the one before ends: a day lasts 23,
 * 24 or 25 hours, and an hour that the clocks cut through is two windows.
 *
 * @param timeZone an IANA name
 * @param at milliseconds since the epoch
 * @throws {RangeError} when there is no such zone
 */
export function windowAt(period: BudgetPeriod, timeZone: string, at: number): Window {
  if (period === 'lifetime') return LIFETIME;
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
  if (period === 'hour') return hourOf(local);
  let first = firstDay(period, local.toPlainDate());
  // Clocks that go back over midnight show the end of a day again after the next one has begun.
  for (;;) {
    const next = first.add(STEP[period]);
    const window = { start: midnight(first, timeZone), end: midnight(next, timeZone) };
    if (at < window.end) return window;
    first = next;
  }
}

const STEP = { month: { months: 1 }, week: { weeks: 1 }, day: { days: 1 } } as const;

function firstDay(period: 'month' | 'week' | 'day', date: Temporal.PlainDate): Temporal.PlainDate {
  if (period === 'month') return date.with({ day: 1 });
  return period === 'week' ? date.subtract({ days: date.dayOfWeek - 1 }) : date;
}

/** The day's first instant, which need not be at 00:00. */
function midnight(date: Temporal.PlainDate, timeZone: string): number {
  return date.toZonedDateTime(timeZone).epochMilliseconds;
}

/** From a full hour of the local clock, or from where the clocks changed in it, to the next of either. */
function hourOf(local: Temporal.ZonedDateTime): Window {
  const { minute, second, millisecond, epochMilliseconds: at } = local;
  const full = at - ((minute * 60 + second) * 1_000 + millisecond);
  const change = local.getTimeZoneTransition('next')?.epochMilliseconds;
  const start = local.subtract({ milliseconds: at - full });
  const changed =
    start.offsetNanoseconds === local.offsetNanoseconds
      ? undefined
      : local.add({ milliseconds: 1 }).getTimeZoneTransition('previous')?.epochMilliseconds;
  const end = full + HOUR_MS;
  return { start: changed ?? full, end: change !== undefined && change < end ? change : end };
}

/** Zones times periods that are in use at once; beyond it, all are looked up anew. */
const WINDOWS_MAX = 4_096;

/** The windows that instants have been in lately: a call asks for the same few again and again. */
export class Windows {
  readonly #latest = new Map<string, Window>();

  /** The same as {@link windowAt}, in a fraction of a microsecond where the last instant was in the same window. */
  at(period: BudgetPeriod, timeZone: string, at: number): Window {
    if (period === 'lifetime') return LIFETIME;
    const key = `${period} ${timeZone}`;
    const known = this.#latest.get(key);
    if (known !== undefined && known.start <= at && at < (known.end ?? at + 1)) return known;
    const window = windowAt(period, timeZone, at);
    if (this.#latest.size >= WINDOWS_MAX) this.#latest.clear();
    this.#latest.set(key, window);
    return window;
  }

  /** The account of a budget for whoever spends at an instant. @param subject the end user or the task, for a budget of each */
  accountOf(budget: Budget, subject: string, at: number): AccountRef {
    const { start, end } = this.at(budget.period, budget.timeZone, at);
    return { budget, subject, windowStart: start, ...(end === undefined ? {} : { windowEnd: end }) };
  }
}
