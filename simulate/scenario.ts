import type { SimulationSetup } from '../src/forecast/setup.ts';
import type { SimulationReport } from '../src/forecast/simulation-report.ts';
import type { Figure } from './figure.ts';

/** A kind of weather with a name, and what must come of it. */
export interface Scenario {
  readonly name: string;
  /** What is shown, in one line. */
  readonly says: string;
  /** Runs whatever simulations it needs. */
  run(stage: Stage): Promise<readonly Figure[]>;
}

export interface Stage {
  readonly seed: number;
  /** Fewer calls, the same gates. */
  readonly quick: boolean;
  /** Runs one simulation; what it violates counts against the scenario. */
  simulate(setup: SimulationSetup): Promise<SimulationReport>;
}

export const START_AT = Date.UTC(2026, 0, 1);
