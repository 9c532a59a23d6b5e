import type { Random } from '../kernel/random.ts';
import type { LatencyShape, TokenShape } from './setup.ts';

/** The standard normal quantile of 95 %. */
const Z95 = 1.6448536269514722;

/** A standard normal number, by Box and Muller; always two draws. */
function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.float()));
  return radius * Math.cos(2 * Math.PI * random.float());
}

function logNormal(random: Random, p50: number, p95: number): number {
  return p50 * Math.exp((Math.log(p95 / p50) / Z95) * normal(random));
}

/** Milliseconds; always three draws, whatever the shape. */
export function latencyMs(random: Random, { p50Ms, p95Ms, tailShare = 0, tailTimes = 1 }: LatencyShape): number {
  const plainMs = logNormal(random, p50Ms, p95Ms);
  return random.float() < tailShare ? plainMs * tailTimes : plainMs;
}

/** At least one token. */
export function tokens(random: Random, { p50, p95 }: TokenShape): number {
  return Math.max(1, Math.round(logNormal(random, p50, p95)));
}

/** The time to the next event of a Poisson process. */
export function gapMs(random: Random, ratePerSecond: number): number {
  return (-Math.log(1 - random.float()) * 1_000) / ratePerSecond;
}

/** A generator of its own for each part of a run, so that one part's draws do not move another's. */
export function partSeed(seed: number, part: string): number {
  let mixed = seed >>> 0;
  for (let index = 0; index < part.length; index++) {
    mixed = Math.imul(mixed ^ part.charCodeAt(index), 0x0100_0193) >>> 0;
    mixed = (mixed ^ (mixed >>> 15)) >>> 0;
  }
  return mixed;
}
