import type { SimulationSetup } from './setup.ts';
import type { SimulationReport } from './simulation-report.ts';

/**
 * Runs the real exchange, routing, policies and money on a virtual clock
 * against simulated providers, and checks at every step what must always hold.
 *
 * @throws the signal's reason when it is aborted
 */
export async function runSimulation(setup: SimulationSetup): Promise<SimulationReport> {
  throw new Error(`the engine cannot run seed ${setup.seed} yet`);
}
