import type { EngineName } from '../../test/support/engines.ts';
import type { LatencyPlan } from '../phase-plans.ts';

/** How much a run does to find out what caps cost. */
export interface CappedPlan {
  /** Where they are here. */
  readonly engines: readonly EngineName[];
  readonly rounds: number;
  /** How often a round that a busy machine disturbed is measured again, over the whole run of an engine. */
  readonly repeatsMax: number;
  /** How often one side of a latency round is measured at most, until nothing disturbed it. */
  readonly triesMax: number;
  readonly connections: number;
  /** For each key before the first round. */
  readonly coldSeconds: number;
  readonly seconds: number;
  readonly latency: LatencyPlan;
}

/** The ledger's store has the sender's cores too, and what is measured takes milliseconds. */
const SEND_LAG_US_MAX = 2_000;

export const CAPPED_FULL: CappedPlan = {
  engines: ['embedded', 'server'],
  rounds: 5,
  repeatsMax: 4,
  triesMax: 3,
  connections: 64,
  coldSeconds: 6,
  seconds: 3,
  latency: { callsPerSecond: 500, seconds: 3, sendLagUsMax: SEND_LAG_US_MAX },
};
export const CAPPED_QUICK: CappedPlan = {
  ...CAPPED_FULL,
  engines: ['embedded'],
  rounds: 1,
  repeatsMax: 1,
  triesMax: 1,
  coldSeconds: 1,
  seconds: 1,
  latency: { callsPerSecond: 500, seconds: 0.6, sendLagUsMax: SEND_LAG_US_MAX },
};
