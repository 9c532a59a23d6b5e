import { CAPPED_FULL, CAPPED_QUICK, type CappedPlan } from './capped/capped-plan.ts';
import type { PatiencePlan } from './harness/patience.ts';
import { HOLDS_FULL, HOLDS_QUICK, type HoldsPlan } from './holds/holds-plan.ts';
import type { PromptKilobytes } from './load/wire.ts';
import type { FramesPlan, LatencyPlan } from './phase-plans.ts';
import { TRANSLATED_FULL, TRANSLATED_QUICK, type TranslatedPlan } from './translated/translated-plan.ts';

export const PHASES = ['calls', 'latency', 'frames', 'memory', 'prompts'] as const;
export type PhaseName = (typeof PHASES)[number];

/** What a run can be asked for: the phases, in which programs are compared, the ledger, which is measured by itself, what caps cost a call, and what a translation does. */
export const PARTS = [...PHASES, 'holds', 'capped', 'translated'] as const;
export type PartName = (typeof PARTS)[number];

/** How much of everything one run does. */
export interface Plan {
  readonly rounds: Readonly<Record<PhaseName, number>>;
  /** How often a round that is void is measured again before the run gives up on it. */
  readonly repeatsMax: number;
  /** After so long, nothing void is measured again. */
  readonly repeatWithinMs: number;
  /** How long quiet moments are waited for. */
  readonly patience: PatiencePlan;
  readonly calls: {
    readonly connections: number;
    /** Once, before the first round. */
    readonly coldSeconds: number;
    /** Before each round. */
    readonly warmUpSeconds: number;
    readonly seconds: number;
  };
  readonly latency: LatencyPlan;
  /** Before the first round, of each of the streams that warm up. */
  readonly coldFrames: number;
  readonly frames: FramesPlan;
  readonly memory: {
    readonly streams: number;
    readonly rampMs: number;
    readonly holdMs: number;
    readonly afterMs: number;
    /** Whether all subjects are looked at or Leeward alone. */
    readonly everybody: boolean;
  };
  readonly prompts: { readonly connections: number; readonly calls: Readonly<Record<PromptKilobytes, number>> };
  readonly holds: HoldsPlan;
  readonly capped: CappedPlan;
  readonly translated: TranslatedPlan;
}

export const FULL: Plan = {
  rounds: { calls: 5, latency: 5, frames: 5, memory: 1, prompts: 5 },
  repeatsMax: 5,
  repeatWithinMs: 1_800_000,
  patience: { eachMs: 15_000, allMs: 600_000 },
  calls: { connections: 64, coldSeconds: 36, warmUpSeconds: 1, seconds: 4 },
  latency: { callsPerSecond: 500, seconds: 4, sendLagUsMax: 500 },
  coldFrames: 400,
  frames: { streams: 500, intervalMs: 50, rampMs: 800, settleMs: 700, measureMs: 4_000 },
  memory: { streams: 5_000, rampMs: 4_000, holdMs: 3_000, afterMs: 10_000, everybody: true },
  prompts: { connections: 4, calls: { 10: 2_000, 100: 600, 400: 200 } },
  holds: HOLDS_FULL,
  capped: CAPPED_FULL,
  translated: TRANSLATED_FULL,
};

/** Its phases end within a minute on a machine that does nothing else. Ratios of this little are for noticing, not for quoting. */
export const QUICK: Plan = {
  rounds: { calls: 1, latency: 1, frames: 1, memory: 1, prompts: 1 },
  repeatsMax: 1,
  repeatWithinMs: 20_000,
  patience: { eachMs: 500, allMs: 1_500 },
  calls: { connections: 64, coldSeconds: 1.5, warmUpSeconds: 0.3, seconds: 1 },
  latency: { callsPerSecond: 500, seconds: 0.6, sendLagUsMax: 500 },
  coldFrames: 40,
  frames: { streams: 500, intervalMs: 50, rampMs: 400, settleMs: 200, measureMs: 800 },
  memory: { streams: 5_000, rampMs: 1_500, holdMs: 500, afterMs: 500, everybody: false },
  prompts: { connections: 4, calls: { 10: 200, 100: 100, 400: 50 } },
  holds: HOLDS_QUICK,
  capped: CAPPED_QUICK,
  translated: TRANSLATED_QUICK,
};
