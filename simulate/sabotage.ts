import { errorMessage } from '../src/kernel/errors.ts';
import { SABOTAGES, type Sabotage } from '../test/support/sabotage/list.ts';
import type { Job } from './job.ts';
import { holds, lines } from './report.ts';
import { SCENARIOS } from './scenarios/all.ts';
import { runJobs } from './workers.ts';

/** What became of the simulations with one deliberate fault in the product. */
export interface SabotageResult {
  readonly sabotage: string;
  /** What turned red first. */
  readonly caughtBy: string | null;
  /** Why it could not be tried. */
  readonly problem: string | null;
  readonly tookMs: number;
}

/** The sabotages that the simulations promise to notice. */
export const OURS: readonly Sabotage[] = SABOTAGES.filter(({ caughtBy }) => caughtBy.includes('simulate'));

const SEEDS = 60;
/** What a sabotage is about is tried first; everything else follows, so that a wrong guess costs time and no verdict. */
const FIRST: Readonly<Record<string, string>> = {
  'retry-without-a-budget': 'thundering-herd',
  'let-clients-multiply-an-outage': 'total-outage',
  'take-any-run-for-an-outage': 'flapping',
  'call-nobody-slow': 'slow-provider',
  'never-learn-the-limit': 'capacity-step',
  'hedge-everything': 'hedging',
  'wait-in-step': 'thundering-herd',
};

export async function trySabotage(
  { name }: Sabotage,
  { base, processes }: { readonly base: number; readonly processes: number },
): Promise<SabotageResult> {
  const startedMs = performance.now();
  const seeds = Array.from({ length: SEEDS }, (_, index): Job => ({ kind: 'seed', seed: base + index, twice: true }));
  const scenarios = SCENARIOS.map((scenario): Job => {
    return { kind: 'scenario', name: scenario.name, seed: base, quick: true };
  });
  const first = scenarios.filter((job) => job.kind === 'scenario' && job.name === FIRST[name]);
  const rest = scenarios.filter((job) => !first.includes(job));
  let caughtBy: string | null = null;
  let problem: string | null = null;
  try {
    await runJobs([...first, ...seeds, ...rest], {
      processes,
      sabotage: name,
      enough: (result) => !holds(result),
      onResult: (result) => {
        if (!holds(result))
          caughtBy ??=
            lines(result)
              .find((line) => line.includes('!'))
              ?.trim() ?? '';
      },
    });
  } catch (error) {
    // A gateway that cannot even be loaded proves nothing.
    problem = errorMessage(error);
  }
  return { sabotage: name, caughtBy, problem, tookMs: Math.round(performance.now() - startedMs) };
}

export function isCaught({ caughtBy, problem }: SabotageResult): boolean {
  return caughtBy !== null && problem === null;
}

/** As one line for people. */
export function sabotageLine({ sabotage, caughtBy, problem, tookMs }: SabotageResult): string {
  if (problem !== null) return `fail  ${sabotage}: ${problem}`;
  if (caughtBy === null) return `fail  ${sabotage}: everything stays green (${tookMs} ms)`;
  return `pass  ${sabotage}: ${caughtBy.slice(0, 160)} (${tookMs} ms)`;
}
