import type { Checks } from '../parts/checks.ts';
import { type Account, booksOf } from './books.ts';
import { House, type MadeKey } from './house.ts';
import { bySize, type Figures, type Ground, type Part } from './part.ts';

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

/** In 2027: after everything else that a clock could be, and within what a store makes room for. */
const BOUNDARIES: readonly Boundary[] = [
  // 28 March 2027 has 23 hours in Berlin: from 23:00Z to 22:00Z.
  {
    name: 'a day of 23 hours',
    per: 'day',
    zone: 'Europe/Berlin',
    at: '2027-03-28T22:00Z',
    before: '2027-03-27T23:00Z',
  },
  // 31 October 2027 has 25: from 22:00Z to 23:00Z.
  {
    name: 'a day of 25 hours',
    per: 'day',
    zone: 'Europe/Berlin',
    at: '2027-10-31T23:00Z',
    before: '2027-10-30T22:00Z',
  },
  // India is at +05:30 all the year.
  {
    name: 'the end of February',
    per: 'month',
    zone: 'Asia/Kolkata',
    at: '2027-02-28T18:30Z',
    before: '2027-01-31T18:30Z',
  },
  { name: 'the end of a year', per: 'month', zone: 'UTC', at: '2027-01-01T00:00Z', before: '2026-12-01T00:00Z' },
  // Monday 8 March 2027, New York at -05:00.
  { name: 'a Monday', per: 'week', zone: 'America/New_York', at: '2027-03-08T05:00Z', before: '2027-03-01T05:00Z' },
  // Hours of a zone at +05:45 begin at a quarter past.
  {
    name: 'an hour that begins at a quarter past',
    per: 'hour',
    zone: 'Asia/Kathmandu',
    at: '2027-05-05T10:15Z',
    before: '2027-05-05T09:15Z',
  },
];

/** The clock stands so long before the boundary when the gateway is up. */
const LEAD_MS = 4_000;
/** How long before it the last call of the window begins, which ends well after it. */
const LAST_MOMENT_MS = 40;
const EVENT_MS = 60;
const TOKENS = 16;
/** By hand: the prompt is free there, and 16 tokens of output at $0.60 a million are 9,600 nano-USD. */
const CALL_NANO = 9_600n;

/** Money is counted in the window that its call began in, to the last millisecond. */
export const m11: Part = {
  title: 'at the boundary of two windows a call is charged to the one that it began in',
  kind: 'own',
  async prove(ground, checks, size) {
    const boundaries = bySize(size, {
      full: BOUNDARIES,
      quick: BOUNDARIES.slice(0, 3),
      sabotaged: BOUNDARIES.slice(0, 1),
    });
    const missed: number[] = [];
    for (const boundary of boundaries) missed.push(await cross(boundary, ground, checks));
    const figures: Figures = { 'M11: boundaries': boundaries.length };
    figures['M11: the last call of a window began before its end, ms'] = missed.map(Math.round).join(', ');
    return figures;
  },
};

async function cross(boundary: Boundary, ground: Ground, checks: Checks): Promise<number> {
  const store = await ground.stores.place(ground.store.kind);
  const at = Date.parse(boundary.at);
  const aheadMs = at - Date.now() - LEAD_MS;
  await using house = await House.start({
    ...ground,
    store,
    hooks: ['--import', './test/proofs/money/clock-hook.ts'],
    env: { LEEWARD_PROOF_AHEAD_MS: String(aheadMs) },
  });
  const key = await house.makeKey('m11');
  // Enough for one call in each window: what was spent in one must not be missing in the other.
  const hard = '0.0000100';
  const { per, zone } = boundary;
  await house.addBudgets({ m11: { scope: { key: key.id }, per, time_zone: zone, hard } });
  await house.provider.faults([{ fault: { kind: 'slow-stream', intervalMs: EVENT_MS } }]);
  const untilMs = at - (Date.now() + aheadMs) - LAST_MOMENT_MS;
  if (untilMs < 0) throw new Error(`M11: the gateway was up ${-untilMs} ms too late for ${boundary.name}`);
  await new Promise((resolve) => setTimeout(resolve, untilMs));
  const beganMs = at - (Date.now() + aheadMs);
  const early = spend(house, key);
  await new Promise((resolve) => setTimeout(resolve, LAST_MOMENT_MS + 60));
  const late = await spend(house, key);
  const more = await spend(house, key);
  const statuses = [(await early).status, late.status, more.status].join(', ');
  const name = `M11, ${boundary.name} (${per}, ${zone})`;
  checks.that(`${name}: one call fits into each window, and no third`, statuses === '200, 200, 402', statuses);
  checks.that(`${name}: the first began ahead of the boundary`, beganMs > 0, `${beganMs} ms`);
  const { accounts, holds } = await booksOf(house, { restart: false });
  checkWindows(name, boundary, accounts, checks);
  checks.that(`${name}: no hold is left`, holds.length === 0);
  return beganMs;
}

function spend(house: House, { key }: MadeKey) {
  const messages = [{ role: 'user', content: 'Which bell is that?' }];
  const body = { model: 'flat/sim-small', max_tokens: TOKENS, stream: true, messages };
  return house.callers.call({ key, body });
}

function checkWindows(name: string, boundary: Boundary, accounts: readonly Account[], checks: Checks): void {
  const windows = accounts.map(
    ({ windowStart, settled, held }) => `${new Date(windowStart).toISOString()} ${settled} ${held}`,
  );
  const wanted = [boundary.before, boundary.at].map((start) => `${new Date(start).toISOString()} ${CALL_NANO} 0`);
  checks.that(
    `${name}: each window has its own call, also where it ended later`,
    JSON.stringify(windows) === JSON.stringify(wanted),
    `${windows.join('; ')}, by hand ${wanted.join('; ')}`,
  );
}
