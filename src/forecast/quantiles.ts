import type { Quantiles } from './simulation-report.ts';

/** @returns `undefined` where there is nothing to be said; sorts what it is given */
export function quantilesOf(values: number[]): Quantiles | undefined {
  if (values.length === 0) return undefined;
  values.sort((one, other) => one - other);
  return { count: values.length, p50: rank(values, 0.5), p95: rank(values, 0.95), p99: rank(values, 0.99) };
}

function rank(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
