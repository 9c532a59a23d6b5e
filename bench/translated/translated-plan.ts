import type { Plan } from '../plan.ts';

/** Measured apart, and void apart. */
export const TRANSLATED_PARTS = ['calls', 'frames', 'latency'] as const;
export type TranslatedPart = (typeof TRANSLATED_PARTS)[number];

/** How much a run does to find out what a translation costs. */
export interface TranslatedPlan {
  /** A part of no rounds is left out. */
  readonly rounds: Readonly<Record<TranslatedPart, number>>;
  /** How often a round of a part and a client that a busy machine disturbed is measured again. */
  readonly repeatsMax: number;
  readonly connections: number;
  /** Of all lanes at once, before the first round. */
  readonly coldSeconds: number;
  readonly seconds: number;
  readonly frames: Plan['frames'];
  readonly latency: Plan['latency'];
}

export const TRANSLATED_FULL: TranslatedPlan = {
  rounds: { calls: 5, frames: 5, latency: 3 },
  repeatsMax: 5,
  connections: 64,
  coldSeconds: 12,
  seconds: 3,
  frames: { streams: 500, intervalMs: 50, rampMs: 800, settleMs: 700, measureMs: 3_000 },
  latency: { callsPerSecond: 500, seconds: 3, sendLagUsMax: 500 },
};

/** Ends within eight seconds on a machine that does nothing else. */
export const TRANSLATED_QUICK: TranslatedPlan = {
  ...TRANSLATED_FULL,
  rounds: { calls: 1, frames: 1, latency: 0 },
  repeatsMax: 1,
  coldSeconds: 0.6,
  seconds: 0.3,
  frames: { streams: 150, intervalMs: 25, rampMs: 150, settleMs: 50, measureMs: 400 },
  latency: { callsPerSecond: 500, seconds: 0.6, sendLagUsMax: 500 },
};
