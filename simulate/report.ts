import type { JobResult } from './job.ts';

/** What a run amounts to. */
export interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly seeds: { readonly run: number; readonly calls: number; readonly attempts: number; readonly twice: number };
  /** Those that do not hold: a seed as a number, a scenario by its name. */
  readonly red: readonly { readonly what: string; readonly problems: readonly string[] }[];
}

export function summaryOf(results: readonly JobResult[]): Summary {
  const seeds = results.filter(({ job }) => job.kind === 'seed');
  const red = results.filter((result) => !holds(result));
  return {
    passed: results.length - red.length,
    failed: red.length,
    seeds: {
      run: seeds.length,
      calls: seeds.reduce((sum, { calls }) => sum + calls, 0),
      attempts: seeds.reduce((sum, { attempts }) => sum + attempts, 0),
      twice: seeds.filter(({ job }) => job.kind === 'seed' && job.twice).length,
    },
    red: red.map((result) => ({ what: nameOf(result), problems: problemsOf(result) })),
  };
}

export function holds({ problems, figures }: JobResult): boolean {
  return problems.length === 0 && figures.every((figure) => figure.holds);
}

/** A scenario with its figures, or a seed that does not hold, as lines for people. */
export function lines(result: JobResult): string[] {
  const { calls, attempts, tookMs, figures, problems } = result;
  const verdict = holds(result) ? 'pass' : 'FAIL';
  const head = `${verdict}  ${nameOf(result)}: ${calls} calls, ${attempts} attempts (${tookMs} ms)`;
  const width = Math.max(0, ...figures.map(({ what }) => what.length));
  return [
    head,
    ...figures.map(({ what, shown, gate, holds: held }) =>
      `      ${held ? ' ' : '!'} ${what.padEnd(width)}  ${shown}${gate === undefined ? '' : `  (${gate})`}`.trimEnd(),
    ),
    ...problems.map((problem) => `      ! ${problem}`),
  ];
}

function nameOf({ job }: JobResult): string {
  return job.kind === 'seed' ? `seed ${job.seed}` : job.name;
}

function problemsOf({ problems, figures }: JobResult): string[] {
  const missed = figures
    .filter((figure) => !figure.holds)
    .map(({ what, shown, gate }) => `${what}: ${shown}, must be ${gate}`);
  return [...missed, ...problems];
}
