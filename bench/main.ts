/**
 * What a call, a frame and an open stream cost in Leeward, with everything on,
 * beside nginx, a bare Node proxy and the nearest gateway in TypeScript, on
 * one machine in one run; what a hold costs in its ledger,
 * and what caps cost a call, on both engines.
 *
 *     npm run bench -- [--quick] [--only calls,frames] [--rounds 5] [--seconds 4] [--json]
 *                      [--peers nginx,portkey] [--no-gates] [--write docs/benchmarks.md]
 *     npm run bench -- --sabotage [--quick]
 *
 * It ends with 1 when something is wrong, a round stays void, or a gate is
 * missed; with 2 when it cannot be run here.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { errorMessage } from '../src/kernel/errors.ts';
import { page } from './page.ts';
import { FULL, PARTS, type PartName, PHASES, type Plan, QUICK } from './plan.ts';
import { report } from './report.ts';
import { runBench } from './run.ts';
import { proveSabotages } from './sabotage/prove.ts';
import type { SubjectName } from './subjects/subject.ts';

const USAGE_ERROR = 2;

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    repeats: { type: 'string' },
    json: { type: 'boolean', default: false },
    'no-gates': { type: 'boolean', default: false },
    peers: { type: 'string', default: 'nginx,bare node,portkey' },
    write: { type: 'string' },
    sabotage: { type: 'boolean', default: false },
  },
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
if (process.platform !== 'linux') {
  console.error('npm run bench reads CPU time and memory in /proc, so it needs Linux.');
  process.exit(USAGE_ERROR);
}
process.exitCode = flags.sabotage ? await proveSabotages({ json: flags.json, quick: flags.quick }) : await main();

async function main(): Promise<number> {
  const parts = partsAsked(flags.only);
  const plan = planAsked();
  const tell = (line: string) => console.error(line);
  try {
    const result = await runBench({
      plan,
      phases: PHASES.filter((phase) => parts.includes(phase)),
      holds: parts.includes('holds'),
      capped: parts.includes('capped'),
      peers: peersAsked(flags.peers),
      gates: !flags['no-gates'],
      tell,
    });
    if (flags.json) console.log(JSON.stringify(result, undefined, 2));
    else console.log(report(result));
    if (flags.write !== undefined) writeFileSync(flags.write, page(result, process.argv.slice(2)));
    return result.red.length === 0 ? 0 : 1;
  } catch (error) {
    console.error(`not measured: ${errorMessage(error)}`);
    return USAGE_ERROR;
  }
}

function partsAsked(text: string | undefined): readonly PartName[] {
  if (text === undefined) return PARTS;
  const asked = text.split(',').map((name) => name.trim());
  const unknown = asked.filter((name) => !PARTS.some((part) => part === name));
  if (unknown.length > 0) {
    console.error(`--only ${text}: there are ${PARTS.join(', ')}`);
    process.exit(USAGE_ERROR);
  }
  return PARTS.filter((part) => asked.includes(part));
}

function peersAsked(text: string): readonly SubjectName[] {
  const asked = text.split(',').map((name) => name.trim());
  const known = (['nginx', 'bare node', 'portkey'] as const).filter((name) => asked.includes(name));
  if (text !== '' && known.length < asked.length) {
    console.error(`--peers ${text}: there are nginx, bare node, portkey`);
    process.exit(USAGE_ERROR);
  }
  return known;
}

function planAsked(): Plan {
  const plan = flags.quick ? QUICK : FULL;
  const rounds = numberAsked('rounds', flags.rounds);
  const seconds = numberAsked('seconds', flags.seconds);
  const repeatsMax = numberAsked('repeats', flags.repeats);
  return {
    ...plan,
    ...(rounds === undefined
      ? {}
      : { rounds: { ...plan.rounds, calls: rounds, latency: rounds, frames: rounds, prompts: rounds } }),
    ...(repeatsMax === undefined ? {} : { repeatsMax }),
    ...(seconds === undefined
      ? {}
      : {
          calls: { ...plan.calls, seconds },
          latency: { ...plan.latency, seconds },
          frames: { ...plan.frames, measureMs: seconds * 1_000 },
          holds: { ...plan.holds, seconds },
        }),
    capped: {
      ...plan.capped,
      ...(rounds === undefined ? {} : { rounds }),
      ...(repeatsMax === undefined ? {} : { repeatsMax }),
      ...(seconds === undefined ? {} : { seconds, latency: { ...plan.capped.latency, seconds } }),
    },
  };
}

function numberAsked(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,4}$/.test(text)) return Number(text);
  console.error(`--${name} ${text}: write a whole number`);
  process.exit(USAGE_ERROR);
}
