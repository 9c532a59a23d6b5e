import { type NanoUsd, nano } from '../../kernel/amounts.ts';
import type { Verdict } from './compare.ts';
import { costRoundedUp, type StatementSum } from './lines.ts';

export const COUNTED = [
  'matched',
  'differing',
  'missing-here',
  'missing-there',
  'unresolved',
  'free',
  'open',
  'running',
] as const satisfies Verdict['kind'][];

/** Below this much of what a provider bills, in thousandths, a day's capture is an alert. */
export const CAPTURE_ALERT_PER_MILLE = 995n;
/** A call's id and an attempt's number, as they are sent to providers. */
const OUR_ID = /^call_[0-9a-z]{26}-\d{1,2}$/;
const DAYS_MAX = 3_700;
const UNKNOWN_DAY = 'unknown';

/** What the provider billed on a day, and how much of that we have. */
export interface DayCapture {
  /** UTC, `2026-11-21`; `unknown` for lines that name no time. */
  readonly day: string;
  readonly billed: NanoUsd;
  /** The smaller of the two amounts, line by line: booking one line too high makes good for no other. */
  readonly captured: NanoUsd;
  readonly alert: boolean;
}

export interface Totals {
  readonly counts: Readonly<Record<Verdict['kind'], number>>;
  /** Of the lines that are missing here, those that bear an id as we send it: an attempt that was lost, not a stranger. */
  readonly lostHere: number;
  readonly differing: { readonly tokens: number; readonly cost: number; readonly both: number };
  /** What we have booked, and what the provider bills, of everything compared. */
  readonly booked: NanoUsd;
  readonly billed: NanoUsd;
  /** billed − booked. */
  readonly difference: NanoUsd;
  /** The sum of the differences' sizes: what cancels out above does not here. */
  readonly apart: NanoUsd;
  /** Lines of the statement without an amount: of these, only tokens were compared. */
  readonly withoutCost: number;
  readonly days: readonly DayCapture[];
}

/** Adds verdicts up. Holds a sum for each day and nothing of the lines. */
export class Tally {
  readonly #counts: Record<Verdict['kind'], number> = {
    matched: 0,
    differing: 0,
    'missing-here': 0,
    'missing-there': 0,
    unresolved: 0,
    free: 0,
    open: 0,
    running: 0,
  };
  readonly #differing = { tokens: 0, cost: 0, both: 0 };
  readonly #days = new Map<string, { billed: bigint; captured: bigint }>();
  #booked = 0n;
  #billed = 0n;
  #apart = 0n;
  #withoutCost = 0;
  #lostHere = 0;

  add(verdict: Verdict): void {
    this.#counts[verdict.kind]++;
    if (verdict.kind === 'differing') this.#differing[verdict.what]++;
    if (verdict.kind === 'missing-here' && OUR_ID.test(verdict.there.id ?? '')) this.#lostHere++;
    if (verdict.kind === 'open' || verdict.kind === 'running') return;
    const booked = ('here' in verdict ? verdict.here.cost : undefined) ?? 0n;
    const { difference } = verdict;
    this.#booked += booked;
    this.#billed += booked + difference;
    this.#apart += difference < 0n ? -difference : difference;
    if (!('there' in verdict)) return;
    const { there } = verdict;
    if (there.cost === undefined) {
      this.#withoutCost++;
      return;
    }
    this.#addDay(there, booked, 'here' in verdict ? verdict.here.startedAt : undefined);
  }

  #addDay(there: StatementSum, booked: bigint, startedAt: number | undefined): void {
    const theirs = there.cost === undefined || there.cost < 0n ? 0n : costRoundedUp(there.cost);
    const at = there.at ?? startedAt;
    const named = at === undefined ? UNKNOWN_DAY : new Date(at).toISOString().slice(0, 10);
    const day = this.#days.has(named) || this.#days.size < DAYS_MAX ? named : UNKNOWN_DAY;
    const sum = this.#days.get(day) ?? { billed: 0n, captured: 0n };
    sum.billed += theirs;
    sum.captured += booked < theirs ? booked : theirs;
    this.#days.set(day, sum);
  }

  get totals(): Totals {
    return {
      counts: { ...this.#counts },
      lostHere: this.#lostHere,
      differing: { ...this.#differing },
      booked: nano(this.#booked),
      billed: nano(this.#billed),
      difference: nano(this.#billed - this.#booked),
      apart: nano(this.#apart),
      withoutCost: this.#withoutCost,
      days: [...this.#days]
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([day, { billed, captured }]) => ({
          day,
          billed: nano(billed),
          captured: nano(captured),
          alert: captured * 1_000n < billed * CAPTURE_ALERT_PER_MILLE,
        })),
    };
  }
}

/** Whether anything is left to book or to explain. What still runs, on either side, is neither. */
export function hasDifference({ counts }: Totals): boolean {
  return counts.differing + counts['missing-here'] + counts['missing-there'] + counts.unresolved > 0;
}
