/** A measurement at an instant. */
export interface Point {
  readonly atMs: number;
  readonly value: number;
}

/**
 * How much a measured value grows in an hour, by Theil and Sen: the median of
 * the slopes between all pairs, which single peaks do not move.
 */
export function growthPerHour(points: readonly Point[]): number {
  const slopes: number[] = [];
  for (const [index, one] of points.entries()) {
    for (const other of points.slice(index + 1)) slopes.push((other.value - one.value) / (other.atMs - one.atMs));
  }
  slopes.sort((one, other) => one - other);
  return median(slopes) * 3_600_000;
}

/** Of sorted values; of an even number the mean of the two in the middle. */
export function median(sorted: readonly number[]): number {
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? 0;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? upper) + upper) / 2 : upper;
}
