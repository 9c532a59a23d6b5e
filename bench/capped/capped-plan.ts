/** How much a run does to find out what caps cost. */
export interface CappedPlan {
  readonly rounds: number;
  /** How often a round that a busy machine disturbed is measured again, over the whole run of an engine. */
  readonly repeatsMax: number;
  readonly connections: number;
  /** For each key before the first round. */
  readonly coldSeconds: number;
  readonly seconds: number;
  readonly latency: { readonly callsPerSecond: number; readonly seconds: number };
}

export const CAPPED_FULL: CappedPlan = {
  rounds: 5,
  repeatsMax: 5,
  connections: 64,
  coldSeconds: 6,
  seconds: 3,
  latency: { callsPerSecond: 500, seconds: 3 },
};
export const CAPPED_QUICK: CappedPlan = {
  ...CAPPED_FULL,
  rounds: 1,
  repeatsMax: 1,
  coldSeconds: 1,
  seconds: 1,
  latency: { callsPerSecond: 500, seconds: 1 },
};
