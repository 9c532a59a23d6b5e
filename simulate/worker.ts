import { runSimulation } from '../src/forecast/engine.ts';
import type { SimulationReport } from '../src/forecast/simulation-report.ts';
import { errorMessage } from '../src/kernel/errors.ts';
import type { Figure } from './figure.ts';
import type { Job, JobResult } from './job.ts';
import { randomSetup } from './random-setup.ts';
import { scenarioOf } from './scenarios/all.ts';

/** A process of its own: it runs one job after the other, as they come. */

const PROBLEMS_TOLD = 5;

process.on('message', (job: Job) => {
  run(job)
    .then((result) => process.send?.(result))
    .catch((error: unknown) => process.send?.(failed(job, error)));
});

async function run(job: Job): Promise<JobResult> {
  const startedMs = performance.now();
  const { reports, figures } = job.kind === 'seed' ? await runSeed(job.seed) : await runScenario(job);
  const problems = reports.flatMap(({ violations }) => violations);
  const traceHash = reports.map((report) => report.traceHash).join(' ');
  if (job.kind === 'seed' && job.twice) {
    const again = await runSeed(job.seed);
    const hash = again.reports.map((report) => report.traceHash).join(' ');
    if (hash !== traceHash) problems.unshift(`the same seed left two traces: ${traceHash} and ${hash}`);
  }
  return {
    job,
    calls: sum(reports, ({ totals }) => totals.calls),
    attempts: sum(reports, ({ totals }) => totals.attempts),
    tookMs: Math.round(performance.now() - startedMs),
    figures,
    problems: problems.slice(0, PROBLEMS_TOLD),
    traceHash,
  };
}

interface Ran {
  readonly reports: readonly SimulationReport[];
  readonly figures: readonly Figure[];
}

async function runSeed(seed: number): Promise<Ran> {
  return { reports: [await runSimulation(randomSetup(seed))], figures: [] };
}

async function runScenario({ name, seed, quick }: Job & { readonly kind: 'scenario' }): Promise<Ran> {
  const reports: SimulationReport[] = [];
  const figures = await scenarioOf(name).run({
    seed,
    quick,
    async simulate(setup) {
      const report = await runSimulation(setup);
      reports.push(report);
      return report;
    },
  });
  return { reports, figures };
}

function failed(job: Job, error: unknown): JobResult {
  const problems = [`it could not be run: ${errorMessage(error)}`];
  return { job, calls: 0, attempts: 0, tookMs: 0, figures: [], problems, traceHash: '' };
}

function sum(reports: readonly SimulationReport[], count: (report: SimulationReport) => number): number {
  return reports.reduce((all, report) => all + count(report), 0);
}
