import type { Random } from '../kernel/random.ts';
import { normal } from './draws.ts';

/** How long something takes, in milliseconds. A lognormal's long right tail is what providers show. */
export type DurationSpread =
  | { readonly kind: 'constant'; readonly ms: number }
  | { readonly kind: 'uniform'; readonly minMs: number; readonly maxMs: number }
  | { readonly kind: 'lognormal'; readonly medianMs: number; readonly sigma: number };

/** When an answer begins and how fast it goes on. */
export interface Latency {
  /** From the request's arrival to the first token. */
  readonly firstToken: DurationSpread;
  /** Between one token and the next. */
  readonly perToken: DurationSpread;
}

/** One draw, in milliseconds. */
export function drawMs(spread: DurationSpread, random: Random): number {
  switch (spread.kind) {
    case 'constant':
      return spread.ms;
    case 'uniform':
      return spread.minMs + random.float() * (spread.maxMs - spread.minMs);
    case 'lognormal':
      return spread.medianMs * Math.exp(spread.sigma * normal(random));
  }
}

/** The sum of `count` draws, in milliseconds. */
export function drawSumMs(spread: DurationSpread, count: number, random: Random): number {
  if (spread.kind === 'constant') return spread.ms * count;
  let totalMs = 0;
  for (let drawn = 0; drawn < count; drawn++) totalMs += drawMs(spread, random);
  return totalMs;
}
