/**
 * What a call, a frame and an open stream cost in Leeward, with everything on,
 * beside nginx, a bare Node proxy and the nearest gateway in TypeScript, on
 * one machine in one run; what a hold costs in its ledger, what caps cost a
 * call, on both engines, and what it costs to say a call in another dialect.
 *
 *     npm run bench -- [--quick] [--only calls,frames] [--rounds 5] [--seconds 4] [--json]
 *                      [--peers nginx,portkey] [--no-gates] [--write docs/benchmarks.md]
 *     npm run bench -- --sabotage [--quick] [--only translated]
 *
 * It ends with 1 when something is wrong, a round stays void, or a gate is
 * missed; with 2 when it cannot be run here.
 */
import { writeFileSync } from 'node:fs';
import { errorMessage } from '../src/kernel/errors.ts';
import { type Asked, readCommandLine, USAGE, UsageError } from './command-line.ts';
import { page } from './page.ts';
import { PHASES } from './plan.ts';
import { report } from './report.ts';
import { runBench } from './run.ts';
import { proveSabotages } from './sabotage/prove.ts';

const NOT_RUN = 2;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const asked = readCommandLine(process.argv.slice(2));
    if (asked.task === 'help') {
      console.log(USAGE);
      return 0;
    }
    if (process.platform !== 'linux') {
      console.error('npm run bench reads CPU time and memory in /proc, so it needs Linux.');
      return NOT_RUN;
    }
    return asked.task === 'sabotage' ? await proveSabotages(asked) : await measure(asked);
  } catch (error) {
    const hint = error instanceof UsageError ? '\nnpm run bench -- --help tells what there is.' : '';
    console.error(`not measured: ${errorMessage(error)}${hint}`);
    return NOT_RUN;
  }
}

async function measure({ plan, parts, peers, gates, json, write }: Asked): Promise<number> {
  const result = await runBench({
    plan,
    phases: PHASES.filter((phase) => parts.includes(phase)),
    holds: parts.includes('holds'),
    capped: parts.includes('capped'),
    translated: parts.includes('translated'),
    peers,
    gates,
    tell: (line) => console.error(line),
  });
  if (json) console.log(JSON.stringify(result, undefined, 2));
  else console.log(report(result));
  if (write !== undefined) writeFileSync(write, page(result, process.argv.slice(2)));
  return result.red.length === 0 ? 0 : 1;
}
