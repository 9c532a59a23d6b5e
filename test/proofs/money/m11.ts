import { idTimeMs } from '../../../src/kernel/ids.ts';
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
    const chosen = bySize(size, { full: BOUNDARIES, quick: BOUNDARIES.slice(1), sabotaged: BOUNDARIES.slice(1, 2) });
    using clock = new HouseClock();
    clock.set(Date.parse('2026-12-30T12:00Z'));
    await using house = await House.start({ ...ground, ...clock.options });
    await house.provider.faults([{ fault: { kind: 'slow-stream', intervalMs: EVENT_MS } }]);
    const crossed: Crossed[] = [];
    for (const boundary of chosen) crossed.push(await cross(house, clock, boundary));
    const { accounts, holds } = await booksOf(house, { restart: false });
    for (const one of crossed) {
      const name = nameOf(one.boundary);
      checks.that(
        `${name}: one call fits into each window, and no third`,
        one.statuses === '200, 200, 402',
        one.statuses,
      );
      checks.that(`${name}: the first came ahead of the boundary`, one.aheadMs > 0, `${one.aheadMs} ms`);
      checkWindows(
        one.boundary,
        accounts.filter(({ budget }) => budget === one.budget),
        checks,
      );
    }
    checks.that('M11: no hold is left', holds.length === 0, `${holds.length}`);
    return {
      'M11: boundaries': crossed.length,
      'M11: came ahead by, ms': crossed.map(({ aheadMs }) => aheadMs).join(', '),
    };
  },
};

interface Crossed {
  readonly boundary: Boundary;
  readonly budget: string;
  readonly statuses: string;
  /** By the gateway's own clock, how long before the boundary the first call came. */
  readonly aheadMs: number;
}

/** A machine that is busy lets the moment pass: then it is tried again, with a key of its own. */
async function cross(house: House, clock: HouseClock, boundary: Boundary): Promise<Crossed> {
  for (let patience = 4; ; patience--) {
    const crossed = await crossOnce(house, clock, boundary);
    if (crossed.aheadMs > 0 || patience === 0) return crossed;
  }
}

async function crossOnce(house: House, clock: HouseClock, boundary: Boundary): Promise<Crossed> {
  const at = Date.parse(boundary.at);
  const { per, zone: time_zone } = boundary;
  const key = await house.makeKey(`m11 ${boundary.name}`);
  const scope = { kind: 'key', id: key.id };
  const made = await house.admin('/admin/budgets', { scope, per, time_zone, hard_usd: CAP });
  await clock.step(house, at - LEAD_MS);
  await clock.until(at - LAST_MOMENT_MS);
  const first = spend(house, key);
  await clock.until(at + LAST_MOMENT_MS);
  const second = await spend(house, key);
  const third = await spend(house, key);
  const early = await first;
  const statuses = [early.status, second.status, third.status].join(', ');
  return { boundary, budget: String(made['id']), statuses, aheadMs: at - (idTimeMs(early.callId) ?? at) };
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
