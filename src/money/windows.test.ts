import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Budget } from './budget.ts';
import { Windows, windowAt } from './windows.ts';

const at = (text: string) => Temporal.Instant.from(text).epochMilliseconds;
const shown = ({ start, end }: { start: number; end: number | undefined }) => [
  new Date(start).toISOString(),
  end === undefined ? undefined : new Date(end).toISOString(),
];
const hours = ({ start, end }: { start: number; end: number | undefined }) => ((end ?? 0) - start) / 3_600_000;

test('the last millisecond of a window is in it, and the next one is in the next', () => {
  expect(shown(windowAt('month', 'UTC', at('2026-11-30T23:59:59.999Z')))).toEqual([
    '2026-11-01T00:00:00.000Z',
    '2026-12-01T00:00:00.000Z',
  ]);
  expect(shown(windowAt('month', 'UTC', at('2026-12-01T00:00:00Z')))[0]).toBe('2026-12-01T00:00:00.000Z');
  expect(shown(windowAt('hour', 'UTC', at('2026-11-30T22:59:59.999Z')))[0]).toBe('2026-11-30T22:00:00.000Z');
});

test('a lifetime is one window without end', () => {
  expect(windowAt('lifetime', 'Europe/Berlin', at('2026-11-21T12:00:00Z'))).toEqual({ start: 0, end: undefined });
});

test('windows are those of the zone: a month in Auckland begins while it is the last day elsewhere', () => {
  expect(shown(windowAt('month', 'Pacific/Auckland', at('2026-10-31T11:00:00Z')))).toEqual([
    '2026-10-31T11:00:00.000Z',
    '2026-11-30T11:00:00.000Z',
  ]);
});

test('February has the days it has', () => {
  expect(hours(windowAt('month', 'UTC', at('2028-02-29T23:59:59.999Z')))).toBe(29 * 24);
  expect(hours(windowAt('month', 'UTC', at('2026-02-28T23:59:59.999Z')))).toBe(28 * 24);
});

test('a week begins on Monday, also across the end of a year', () => {
  expect(shown(windowAt('week', 'UTC', at('2027-01-01T00:00:00Z')))).toEqual([
    '2026-12-28T00:00:00.000Z',
    '2027-01-04T00:00:00.000Z',
  ]);
  expect(shown(windowAt('week', 'UTC', at('2026-11-23T00:00:00Z')))[0]).toBe('2026-11-23T00:00:00.000Z');
});

test('the day on which the clocks change has 23 or 25 hours', () => {
  expect(hours(windowAt('day', 'Europe/Berlin', at('2026-03-29T12:00:00Z')))).toBe(23);
  expect(hours(windowAt('day', 'Europe/Berlin', at('2026-10-25T12:00:00Z')))).toBe(25);
  expect(hours(windowAt('week', 'Europe/Berlin', at('2026-10-25T12:00:00Z')))).toBe(7 * 24 + 1);
});

test('an hour that comes twice is two windows', () => {
  const first = windowAt('hour', 'Europe/Berlin', at('2026-10-25T00:30:00Z'));
  const second = windowAt('hour', 'Europe/Berlin', at('2026-10-25T01:30:00Z'));
  expect(shown(first)).toEqual(['2026-10-25T00:00:00.000Z', '2026-10-25T01:00:00.000Z']);
  expect(shown(second)).toEqual(['2026-10-25T01:00:00.000Z', '2026-10-25T02:00:00.000Z']);
});

test('hours are full ones of a clock that stands at half', () => {
  expect(shown(windowAt('hour', 'Asia/Kolkata', at('2026-11-21T12:15:00Z')))).toEqual([
    '2026-11-21T11:30:00.000Z',
    '2026-11-21T12:30:00.000Z',
  ]);
});

test('clocks that change by half an hour cut an hour in two', () => {
  // Lord Howe goes from +11 back to +10:30 at 02:00 on the 5th of April 2026, which is 15:00 UTC.
  const halves = ['2026-04-04T14:59:59.999Z', '2026-04-04T15:00:00Z'].map((text) =>
    shown(windowAt('hour', 'Australia/Lord_Howe', at(text))),
  );
  expect(halves).toEqual([
    ['2026-04-04T14:00:00.000Z', '2026-04-04T15:00:00.000Z'],
    ['2026-04-04T15:00:00.000Z', '2026-04-04T15:30:00.000Z'],
  ]);
});

test('a day that begins at one o’clock, and one that the calendar leaves out', () => {
  // São Paulo went from 00:00 to 01:00 on the 4th of November 2018; Apia had no 30th of December 2011.
  expect(shown(windowAt('day', 'America/Sao_Paulo', at('2018-11-04T12:00:00Z')))[0]).toBe('2018-11-04T03:00:00.000Z');
  const apia = windowAt('day', 'Pacific/Apia', at('2011-12-30T09:59:59.999Z'));
  expect(apia.end).toBe(at('2011-12-30T10:00:00Z'));
  expect(windowAt('day', 'Pacific/Apia', at('2011-12-30T10:00:00Z')).start).toBe(apia.end);
});

const zones = [
  ...['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Asia/Kathmandu', 'Australia/Lord_Howe'],
  ...[
    'Pacific/Apia',
    'Pacific/Chatham',
    'America/Sao_Paulo',
    'America/St_Johns',
    'America/Havana',
    'Africa/Casablanca',
  ],
];
const instants = fc.integer({ min: Date.UTC(1995, 0, 1), max: Date.UTC(2045, 0, 1) });

test('each instant is in exactly one window, and windows touch', () => {
  const periods = fc.constantFrom('month', 'week', 'day', 'hour');
  fc.assert(
    fc.property(periods, fc.constantFrom(...zones), instants, (period, zone, instant) => {
      const { start, end } = windowAt(period, zone, instant);
      if (end === undefined) return false;
      const same = [start, end - 1, start + Math.floor((end - start) / 2)].map((inside) =>
        windowAt(period, zone, inside),
      );
      return (
        start <= instant &&
        instant < end &&
        same.every((window) => window.start === start && window.end === end) &&
        windowAt(period, zone, end).start === end &&
        windowAt(period, zone, start - 1).end === start
      );
    }),
    { numRuns: 500 },
  );
});

test('windows touch at every change of the clocks, where it is hardest', () => {
  for (const zone of zones) {
    let change = Temporal.Instant.from('1995-01-01T00:00Z').toZonedDateTimeISO(zone).getTimeZoneTransition('next');
    while (change !== null && change.year < 2030) {
      for (const period of ['day', 'hour', 'week', 'month'] as const) {
        for (const aroundMs of [-3_600_000, -1, 0, 1, 1_799_999, 3_599_999, 3_600_000]) {
          const instant = change.epochMilliseconds + aroundMs;
          const { start, end = 0 } = windowAt(period, zone, instant);
          const facts = { zone, period, instant, start, end };
          expect(start <= instant && instant < end, JSON.stringify(facts)).toBe(true);
          expect(windowAt(period, zone, end).start, JSON.stringify(facts)).toBe(end);
          expect(windowAt(period, zone, start - 1).end, JSON.stringify(facts)).toBe(start);
        }
      }
      change = change.getTimeZoneTransition('next');
    }
  }
});

const budget: Budget = {
  id: 'bud_1',
  organisation: 'org_1',
  scope: { kind: 'project', id: 'proj_1' },
  period: 'day',
  timeZone: 'Europe/Berlin',
  credit: false,
};

test('what is remembered of windows answers as if it were not, also for an instant of the past', () => {
  const windows = new Windows();
  fc.assert(
    fc.property(fc.constantFrom(...zones), instants, (timeZone, instant) => {
      expect(windows.at('day', timeZone, instant)).toEqual(windowAt('day', timeZone, instant));
    }),
  );
  const account = windows.accountOf(budget, 'ann', at('2026-11-21T12:00:00Z'));
  expect(account).toEqual({
    budget,
    subject: 'ann',
    windowStart: at('2026-11-20T23:00:00Z'),
    windowEnd: at('2026-11-21T23:00:00Z'),
  });
  expect(windows.accountOf({ ...budget, period: 'lifetime' }, '', 5)).not.toHaveProperty('windowEnd');
});

test('the same window once more costs less than a microsecond', () => {
  const windows = new Windows();
  const instant = at('2026-11-21T12:00:00Z');
  const rounds = 200_000;
  let leastMs = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 5; attempt++) {
    const beganMs = performance.now();
    for (let index = 0; index < rounds; index++) windows.at('day', 'Europe/Berlin', instant + (index % 1_000));
    leastMs = Math.min(leastMs, performance.now() - beganMs);
  }
  expect(leastMs / rounds).toBeLessThan(0.001);
});
