import type { Scenario } from '../scenario.ts';
import { brownOut } from './brown-out.ts';
import { capacityStep } from './capacity-step.ts';
import { flapping } from './flapping.ts';
import { hedging } from './hedging.ts';
import { independentOutages } from './independent-outages.ts';
import { overload } from './overload.ts';
import { slowProvider } from './slow-provider.ts';
import { thunderingHerd } from './thundering-herd.ts';
import { totalOutage } from './total-outage.ts';

export const SCENARIOS: readonly Scenario[] = [
  totalOutage,
  brownOut,
  slowProvider,
  flapping,
  thunderingHerd,
  overload,
  capacityStep,
  independentOutages,
  hedging,
];

/** @throws for a name that none has */
export function scenarioOf(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found !== undefined) return found;
  throw new Error(`there is no scenario '${name}': there are ${SCENARIOS.map((scenario) => scenario.name).join(', ')}`);
}
