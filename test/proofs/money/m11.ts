import type { Checks } from '../parts/checks.ts';
import { type Account, booksOf } from './books.ts';
import { HouseClock } from './clocked-house.ts';
import { House, type MadeKey } from './house.ts';
import { bySize, type Part } from './part.ts';

/** A boundary between two windows, worked out by hand from the calendar and the zone's rules. */
interface Boundary {
  readonly name: string;
  readonly per: 'hour' | 'day' | 'week' | 'month';
  readonly zone: string;
  /** The first instant of the later window. */
  readonly at: string;
  /** When the window before it began. */
  readonly before: string;
}

/** In the order of time, since the clock goes only forward. */
const BOUNDARIES: readonly Boundary[] = [
  { name: 'the end of a year', per: 'month', zone: 'UTC', at: '2027-01-01T00:00Z', before: '2026-12-01T00:00Z' },
  // India is at +05:30 all the year.
  {
    name: 'the end of February',
    per: 'month',
    zone: 'Asia/Kolkata',
    at: '2027-02-28T18:30Z',
    before: '2027-01-31T18:30Z',
  },
  // Monday 8 March 2027, New York at -05:00.
  { name: 'a Monday', per: 'week', zone: 'America/New_York', at: '2027-03-08T05:00Z', before: '2027-03-01T05:00Z' },
  // 28 March 2027 has 23 hours in Berlin: from 23:00Z to 22:00Z.
  {
    name: 'a day of 23 hours',
    per: 'day',
    zone: 'Europe/Berlin',
    at: '2027-03-28T22:00Z',
    before: '2027-03-27T23:00Z',
  },
  // Hours of a zone at +05:45 begin at a quarter past.
  {
    name: 'an hour that begins at a quarter past',
    per: 'hour',
    zone: 'Asia/Kathmandu',
    at: '2027-05-05T10:15Z',
    before: '2027-05-05T09:15Z',
  },
  // 31 October 2027 has 25: from 22:00Z to 23:00Z.
  {
    name: 'a day of 25 hours',
    per: 'day',
    zone: 'Europe/Berlin',
    at: '2027-10-31T23:00Z',
    before: '2027-10-30T22:00Z',
  },
];

/** The clock is set to so long before a boundary. */
const LEAD_MS = 400;
/** How long before it the last call of the window begins, which ends well after it. */
const LAST_MOMENT_MS = 40;
const EVENT_MS = 60;
const TOKENS = 16;
/** By hand: the prompt is free there, and 16 tokens of output at $0.60 a million are 9,600 nano-USD. */
const CALL_NANO = 9_600n;
/** Enough for one call in each window: what was spent in one must not be missing in the other. */
const CAP = '0.0000100';

/** Money is counted in the window that its call began in, to the last millisecond. */
export const m11: Part = {
  title: 'at the boundary of two windows a call is charged to the one that it began in',
  kind: 'own',
  async prove(ground, checks, size) {
    const chosen = bySize(size, { full: BOUNDARIES, quick: BOUNDARIES, sabotaged: BOUNDARIES.slice(1, 2) });
    using clock = new HouseClock();
    clock.set(Date.parse('2026-12-30T12:00Z'));
    await using house = await House.start({ ...ground, ...clock.options });
    await house.provider.faults([{ fault: { kind: 'slow-stream', intervalMs: EVENT_MS } }]);
    const crossed = await setUp(house, chosen);
    for (const one of crossed) await cross(house, clock, one, checks);
    const { accounts, holds } = await booksOf(house, { restart: false });
    for (const { budget, boundary } of crossed) {
      checkWindows(
        boundary,
        accounts.filter((account) => account.budget.endsWith(budget)),
        checks,
      );
    }
    checks.that('M11: no hold is left', holds.length === 0, `${holds.length}`);
    return { 'M11: boundaries': crossed.length };
  },
};

interface Crossing {
  readonly boundary: Boundary;
  readonly key: MadeKey;
  readonly budget: string;
}

async function setUp(house: House, boundaries: readonly Boundary[]): Promise<Crossing[]> {
  const crossings: Crossing[] = [];
  const budgets: Record<string, unknown> = {};
  for (const [n, boundary] of boundaries.entries()) {
    const key = await house.makeKey(`m11 ${boundary.name}`);
    const { per, zone } = boundary;
    budgets[`m11-${n}`] = { scope: { key: key.id }, per, time_zone: zone, hard: CAP };
    crossings.push({ boundary, key, budget: `m11-${n}` });
  }
  await house.addBudgets(budgets);
  return crossings;
}

async function cross(house: House, clock: HouseClock, { boundary, key }: Crossing, checks: Checks): Promise<void> {
  const at = Date.parse(boundary.at);
  await clock.step(house, at - LEAD_MS);
  await clock.until(at - LAST_MOMENT_MS);
  const beganMs = at - clock.now;
  const early = spend(house, key);
  await clock.until(at + LAST_MOMENT_MS);
  const late = await spend(house, key);
  const more = await spend(house, key);
  const statuses = [(await early).status, late.status, more.status].join(', ');
  const name = nameOf(boundary);
  checks.that(`${name}: one call fits into each window, and no third`, statuses === '200, 200, 402', statuses);
  checks.that(`${name}: the first began ahead of the boundary`, beganMs > 0, `${beganMs} ms`);
}

function nameOf({ name, per, zone }: Boundary): string {
  return `M11, ${name} (${per}, ${zone})`;
}

function spend(house: House, { key }: MadeKey) {
  const messages = [{ role: 'user', content: 'Which bell is that?' }];
  const body = { model: 'flat/sim-small', max_tokens: TOKENS, stream: true, messages };
  return house.callers.call({ key, body });
}

function checkWindows(boundary: Boundary, accounts: readonly Account[], checks: Checks): void {
  const windows = accounts.map(
    ({ windowStart, settled, held }) => `${new Date(windowStart).toISOString()} ${settled} ${held}`,
  );
  const wanted = [boundary.before, boundary.at].map((start) => `${new Date(start).toISOString()} ${CALL_NANO} 0`);
  checks.that(
    `${nameOf(boundary)}: each window has its own call, also where it ended later`,
    JSON.stringify(windows) === JSON.stringify(wanted),
    `${windows.join('; ')}, by hand ${wanted.join('; ')}`,
  );
}
