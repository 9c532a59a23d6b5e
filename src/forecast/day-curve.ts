/** One point of something that changes over the day. */
export interface CurvePoint {
  /** Milliseconds since midnight. */
  readonly atMs: number;
  readonly value: number;
}

/** How a curve goes from one point to the next: along half a wave, straight on, or not at all until the next one. */
export type Between = 'smooth' | 'linear' | 'steps';

const DAY_MS = 86_400_000;

/**
 * The value at a time of the day. The day is a circle: after the last point
 * comes the first one of the next day, so that one point alone is a constant.
 *
 * @param points in the order of the day, at least one
 */
export function valueAt(points: readonly CurvePoint[], timeMs: number, between: Between = 'smooth'): number {
  const at = ((timeMs % DAY_MS) + DAY_MS) % DAY_MS;
  const index = points.findLastIndex(({ atMs }) => atMs <= at);
  const before = points.at(index);
  const after = points[(index + 1) % points.length];
  if (before === undefined || after === undefined) throw new Error('a curve needs at least one point');
  if (before === after || between === 'steps') return before.value;
  const lengthMs = (after.atMs - before.atMs + DAY_MS) % DAY_MS;
  const passedMs = (at - before.atMs + DAY_MS) % DAY_MS;
  const share = passedMs / lengthMs;
  const eased = between === 'linear' ? share : (1 - Math.cos(Math.PI * share)) / 2;
  return before.value + (after.value - before.value) * eased;
}

/** The mean between two times of the day, by the minute. */
export function meanOf(points: readonly CurvePoint[], fromMs: number, toMs: number, between: Between): number {
  const steps = Math.max(1, Math.ceil((toMs - fromMs) / 60_000));
  let sum = 0;
  for (let step = 0; step < steps; step++) {
    sum += valueAt(points, fromMs + ((step + 0.5) / steps) * (toMs - fromMs), between);
  }
  return sum / steps;
}
