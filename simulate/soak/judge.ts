import type { Gauge } from './gauge.ts';
import type { Seen } from './load.ts';
import { growthPerHour, median } from './slope.ts';

/** One figure of a soak, and whether it is as it must be. */
export interface Figure {
  readonly what: string;
  readonly shown: string;
  readonly gate: string | undefined;
  readonly holds: boolean;
}

export interface Soaked {
  readonly minutes: number;
  /** After the warm-up, garbage collected, evenly spread. */
  readonly looks: readonly { readonly atMs: number; readonly gauge: Gauge; readonly descriptors: number }[];
  /** Each second. */
  readonly gauges: readonly Gauge[];
  /** Descriptors before the first call, and when all was over. */
  readonly idle: number;
  readonly rest: number;
  readonly died: boolean;
  readonly seen: Seen;
  readonly lost: ReadonlyMap<string, number>;
  readonly refusals: ReadonlyMap<string, number>;
  readonly callsPerSecond: number;
  readonly asked: number;
}

const MIB = 1_048_576;
/** In the measured time, beside what the hour allows: what is known of the last calls and code that is compiled late. */
const HEAP_MIB_MAX = 8;
const RESIDENT_MIB_MAX = 48;
const MIB_PER_HOUR_MAX = 16;
/** The store's files and a few connections may be more than before. */
export const DESCRIPTORS_MORE_MAX = 24;
const DELAY_P99_MS_MAX = 100;
const RATE_PART_MIN = 0.9;
const ANSWERED_MIN = 0.99;

export function judge(soaked: Soaked): Figure[] {
  const { looks, gauges, idle, rest } = soaked;
  const first = looks[0];
  const last = looks.at(-1);
  if (first === undefined || last === undefined)
    return [figure('the gateway', 'was never looked at', undefined, false)];
  const hours = (last.atMs - first.atMs) / 3_600_000;
  const heap = grown(
    looks.map(({ atMs, gauge }) => ({ atMs, value: (gauge.heapUsed + gauge.external) / MIB })),
    hours,
  );
  const resident = grown(
    looks.map(({ atMs, gauge }) => ({ atMs, value: gauge.rss / MIB })),
    hours,
  );
  const delays = gauges.map(({ delayP99Ms }) => delayP99Ms).sort((one, other) => one - other);
  const unhandled = gauges.at(-1)?.unhandled ?? 0;
  const open = looks.map(({ descriptors }) => descriptors);
  return [
    figure(
      'heap after a collection',
      heap.text,
      allowed(HEAP_MIB_MAX),
      heap.mib <= HEAP_MIB_MAX + hours * MIB_PER_HOUR_MAX,
    ),
    figure(
      'resident memory',
      resident.text,
      allowed(RESIDENT_MIB_MAX),
      resident.mib <= RESIDENT_MIB_MAX + hours * MIB_PER_HOUR_MAX,
    ),
    figure('descriptors under load', `${Math.min(...open)} to ${Math.max(...open)}`, undefined, true),
    figure(
      'descriptors before and after',
      `${idle} and ${rest}`,
      `at most ${DESCRIPTORS_MORE_MAX} more`,
      rest - idle <= DESCRIPTORS_MORE_MAX,
    ),
    figure(
      'event loop delay, p99 of a second',
      `${median(delays).toFixed(1)} ms, at worst ${(delays.at(-1) ?? 0).toFixed(1)} ms`,
      `at most ${DELAY_P99_MS_MAX} ms as a rule`,
      median(delays) <= DELAY_P99_MS_MAX,
    ),
    figure('uncaught, unhandled, warnings', String(unhandled), 'none', unhandled === 0),
    figure('the process', soaked.died ? 'died' : 'lives', 'lives', !soaked.died),
    ...callFigures(soaked),
  ];
}

function callFigures({ seen, lost, refusals, callsPerSecond, asked }: Soaked): Figure[] {
  const calls = Object.values(seen).reduce((sum, count) => sum + count, 0);
  const answered = seen.answered / Math.max(1, calls - seen.left);
  const why = listed(lost);
  return [
    figure(
      'calls a second',
      `${callsPerSecond.toFixed(0)} of ${asked.toFixed(0)}`,
      'at least 90 %',
      callsPerSecond >= asked * RATE_PART_MIN,
    ),
    figure(
      'calls answered',
      `${(answered * 100).toFixed(2)} % (${seen.broken} streams broke, ${seen.refused} refused: ${listed(refusals) || 'none'}; ${seen.left} left)`,
      `at least ${ANSWERED_MIN * 100} %`,
      answered >= ANSWERED_MIN,
    ),
    figure('calls lost', why === '' ? '0' : why, 'none', seen.lost === 0),
  ];
}

export function holdsAll(figures: readonly Figure[]): boolean {
  return figures.length > 0 && figures.every(({ holds }) => holds);
}

export function lines(figures: readonly Figure[]): string[] {
  const width = Math.max(...figures.map(({ what }) => what.length));
  return figures.map(
    ({ what, shown, gate, holds }) =>
      `${holds ? 'pass' : 'FAIL'}  ${what.padEnd(width)}  ${shown}${gate === undefined ? '' : `  (${gate})`}`,
  );
}

/** By the slope over all points, which no single one moves. */
function grown(points: readonly { readonly atMs: number; readonly value: number }[], hours: number) {
  const perHour = growthPerHour(points);
  const values = points.map(({ value }) => value).sort((one, other) => one - other);
  const mib = perHour * hours;
  return { mib, text: `${median(values).toFixed(0)} MiB, ${perHour.toFixed(1)} MiB/h, ${mib.toFixed(1)} MiB in all` };
}

function allowed(mib: number): string {
  return `at most ${mib} MiB and ${MIB_PER_HOUR_MAX} MiB/h`;
}

function figure(what: string, shown: string, gate: string | undefined, holds: boolean): Figure {
  return { what, shown, gate, holds };
}

function listed(reasons: ReadonlyMap<string, number>): string {
  return [...reasons].map(([what, count]) => `${count} x ${what}`).join(', ');
}
