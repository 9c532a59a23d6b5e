/** One line of the table of times. */
export interface Timed {
  readonly what: string;
  readonly ms: readonly number[];
  /** The median may not exceed it. */
  readonly gateMs?: number;
}

export function median(ms: readonly number[]): number {
  const sorted = [...ms].sort((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

/** Each measurement, not only the median: on a shared machine the spread is part of the answer. */
export function timesTable(times: readonly Timed[]): string {
  const width = Math.max(...times.map(({ what }) => what.length));
  return times
    .map(({ what, ms, gateMs }) => {
      const gate = gateMs === undefined ? '' : `   (at most ${gateMs})`;
      return `${what.padEnd(width)}  ${String(Math.round(median(ms))).padStart(6)} ms   [${ms.map(Math.round).join(', ')}]${gate}`;
    })
    .join('\n');
}
