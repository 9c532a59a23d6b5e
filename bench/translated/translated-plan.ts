import type { FramesPlan, LatencyPlan } from '../phase-plans.ts';

/** Measured apart, and void apart. */
export const TRANSLATED_PARTS = ['calls', 'frames', 'latency'] as const;
export type TranslatedPart = (typeof TRANSLATED_PARTS)[number];

/** How much a run does to find out what a translation costs. */
export interface TranslatedPlan {
  /** A part of no rounds is left out. */
  readonly rounds: Readonly<Record<TranslatedPart, number>>;
  /** How often a round of a part and a client's lanes that a busy machine disturbed is measured again. */
  readonly repeatsMax: number;
  readonly connections: number;
  /** Of all lanes at once, before the first round. */
  readonly coldSeconds: number;
  readonly seconds: number;
  readonly frames: FramesPlan;
  readonly latency: LatencyPlan;
}

export const TRANSLATED_FULL: TranslatedPlan = {
  rounds: { calls: 5, frames: 5, latency: 3 },
  repeatsMax: 5,
  connections: 64,
  coldSeconds: 24,
  seconds: 3,
  frames: { streams: 500, intervalMs: 50, rampMs: 800, settleMs: 700, measureMs: 3_000 },
  latency: { callsPerSecond: 500, seconds: 3, sendLagUsMax: 500 },
};

/** Ends within half a minute on a machine that does nothing else: sixteen lanes, each twice. */
export const TRANSLATED_QUICK: TranslatedPlan = {
  ...TRANSLATED_FULL,
  rounds: { calls: 1, frames: 1, latency: 0 },
  repeatsMax: 1,
  coldSeconds: 1.5,
  seconds: 0.2,
  frames: { streams: 100, intervalMs: 25, rampMs: 100, settleMs: 50, measureMs: 300 },
  latency: { callsPerSecond: 500, seconds: 0.6, sendLagUsMax: 500 },
};
