/**
 * The real exchange, routing, policies and money on a virtual clock: hundreds
 * of setups drawn from seeds, in which what must always hold is checked at
 * every step, and the scenarios that have a name and a figure each.
 *
 *     npm run simulate -- [--seeds 500] [--seed-base 1] [--scenario all|name,…] [--quick] [--json]
 *     npm run simulate -- --sabotage [--only name,…] [--json]
 *
 * With neither --seeds nor --scenario it does both. It ends with 1 when
 * something does not hold, and with 2 when it was called wrongly.
 */

import { availableParallelism } from 'node:os';
import { scriptOptions } from '../test/support/script-options.ts';
import type { Job } from './job.ts';
import { lines, summaryOf } from './report.ts';
import { isCaught, OURS, type SabotageResult, sabotageLine, trySabotage } from './sabotage.ts';
import { SCENARIOS } from './scenarios/all.ts';
import { runJobs } from './workers.ts';

const USAGE_ERROR = 2;
const SEEDS = 500;
const QUICK_SEEDS = 60;
/** Every so many seeds, one is run a second time. */
const TWICE_EVERY = 10;

const flags = scriptOptions(import.meta.url, {
  seeds: { type: 'string' },
  'seed-base': { type: 'string', default: '1' },
  scenario: { type: 'string' },
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  sabotage: { type: 'boolean', default: false },
  only: { type: 'string' },
  processes: { type: 'string' },
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
const base = whole('seed-base', flags['seed-base']);
const processes = flags.processes === undefined ? availableParallelism() : whole('processes', flags.processes);
process.exit(flags.sabotage ? await proveSabotages() : await simulate());

async function simulate(): Promise<number> {
  const startedMs = performance.now();
  const results = await runJobs(jobsAsked(), {
    processes,
    onResult: (result) => {
      const text = lines(result);
      if (result.job.kind === 'scenario' || text[0]?.startsWith('FAIL')) console.error(text.join('\n'));
    },
  });
  const summary = summaryOf(results);
  const tookMs = Math.round(performance.now() - startedMs);
  if (flags.json) console.log(JSON.stringify({ ...summary, base, tookMs, results }, undefined, 2));
  const { run, calls, attempts, twice } = summary.seeds;
  const say = flags.json ? console.error : console.log;
  if (run > 0) say(`${run} seeds from ${base}: ${calls} calls, ${attempts} attempts; ${twice} of them run twice`);
  for (const { what, problems } of summary.red) say(`FAIL  ${what}: ${problems.join('; ')}`);
  say(`${summary.passed} passed, ${summary.failed} failed in ${(tookMs / 1_000).toFixed(1)} s`);
  return summary.failed > 0 || summary.passed === 0 ? 1 : 0;
}

/** Each deliberate fault of the product must turn a seed or a scenario red. */
async function proveSabotages(): Promise<number> {
  const wanted = flags.only?.split(',');
  const unknown = wanted?.filter((name) => !OURS.some((sabotage) => sabotage.name === name)) ?? [];
  if (unknown.length > 0) usage(`--only ${flags.only}: there are ${OURS.map(({ name }) => name).join(', ')}`);
  const results: SabotageResult[] = [];
  for (const sabotage of OURS) {
    if (wanted !== undefined && !wanted.includes(sabotage.name)) continue;
    const result = await trySabotage(sabotage, { base, processes });
    results.push(result);
    console.error(sabotageLine(result));
  }
  const passed = results.filter(isCaught).length;
  const failed = results.length - passed;
  if (flags.json) console.log(JSON.stringify({ passed, failed, sabotages: results }, undefined, 2));
  (flags.json ? console.error : console.log)(`${passed} passed, ${failed} failed`);
  return failed > 0 || passed === 0 ? 1 : 0;
}

function jobsAsked(): Job[] {
  const both = flags.seeds === undefined && flags.scenario === undefined;
  const names = flags.scenario === undefined ? (both ? 'all' : '') : flags.scenario;
  const asked = names.split(',').filter((name) => name !== '');
  const known = SCENARIOS.map(({ name }) => name);
  const unknown = asked.filter((name) => name !== 'all' && !known.includes(name));
  if (unknown.length > 0) usage(`--scenario ${flags.scenario}: there are ${known.join(', ')}, and all`);
  const scenarios = asked.includes('all') ? known : asked;
  const count =
    flags.seeds === undefined ? (both ? (flags.quick ? QUICK_SEEDS : SEEDS) : 0) : whole('seeds', flags.seeds);
  return [
    // The long ones first, so that no process is left alone with one in the end.
    ...scenarios.map((name): Job => ({ kind: 'scenario', name, seed: base, quick: flags.quick })),
    ...Array.from({ length: count }, (_, index): Job => {
      return { kind: 'seed', seed: base + index, twice: index % TWICE_EVERY === 0 };
    }),
  ];
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) usage(`--${name} ${text}: it is a whole number`);
  return value;
}

function usage(what: string): never {
  console.error(what);
  process.exit(USAGE_ERROR);
}
