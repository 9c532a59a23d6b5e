/**
 * Proof of the first minute, as a newcomer has it: a clean clone, the machine's
 * own Node, `npm ci`, `npm start`, and the curl line exactly as it is printed.
 * Then everything that happens to such a process: Ctrl-C, a second start, kill
 * -9 of the server and of npm, a port or a directory that is taken; and how
 * long each takes, until the first call is served.
 *
 *     npm run proof:start -- [--quick] [--json] [--sabotage]
 *
 * `--quick` restarts less and takes no picture of the page. `--sabotage` proves
 * the proof: each deliberate fault of the clone has to turn it red.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { scriptOptions } from '../support/script-options.ts';
import { Checks, conclude } from './parts/checks.ts';
import { found, newcomerEnv, ROOT, run, runWell, vacantPort } from './start/machine.ts';
import { liveThrough } from './start/newcomer.ts';
import { provePage } from './start/page.ts';
import { proveSabotages } from './start/sabotage.ts';
import { foreignPort, measureStarts, NEWCOMERS_PORT, type Place, placeEnv } from './start/scenarios.ts';
import { median, type Timed, timesTable } from './start/times.ts';

const flags = scriptOptions(import.meta.url, {
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  sabotage: { type: 'boolean', default: false },
});
const INSTALL_MS = 600_000;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
const scratch = mkdtempSync(join(tmpdir(), 'leeward-start-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

const checks = new Checks();
const checkout = join(scratch, 'leeward');
// A port of our own for all but `npm start`: others on this machine may be trying out Leeward, too.
const place = placeOn(await vacantPort(0));

await tellNode();
const times = await install();
try {
  if (flags.sabotage) await proveSabotages(place);
  else await prove();
} catch (error) {
  checks.that('the proof comes to its end', false, String(error));
}
process.exitCode = conclude(checks, { times }, flags.json);

async function prove(): Promise<void> {
  times.push(...(await measureStarts(place, flags.quick ? 1 : 2, flags.quick ? 3 : 6)));
  times.push(...(await liveThrough(await newcomersPlace())));
  await foreignPort(place);
  if (flags.quick) checks.skip('the page', 'left out by --quick');
  else await provePage(place);
  for (const { what, ms, gateMs } of times) {
    if (gateMs === undefined) continue;
    checks.that(what, median(ms) <= gateMs, `${Math.round(median(ms))} ms, at most ${gateMs}`);
  }
  if (!flags.json) console.log(`\n${timesTable(times)}\nload average at the end ${loadavg()[0]?.toFixed(1)}\n`);
}

function placeOn(port: number): Place {
  return { checkout, scratch, port, env: placeEnv(port), checks };
}

/** With the port that the README names, while nobody else has it. */
async function newcomersPlace(): Promise<Place> {
  const port = await vacantPort(NEWCOMERS_PORT);
  if (port !== NEWCOMERS_PORT)
    console.error(`note: port ${NEWCOMERS_PORT} is taken; LEEWARD_PORT=${port} stands in for it`);
  return placeOn(port);
}

async function tellNode(): Promise<void> {
  const node = found('node');
  if (node === undefined) throw new Error('this machine has no Node of its own, which a newcomer needs for npm');
  const { stdout } = await run(node, ['--version'], { cwd: scratch });
  const major = Number(/^v(\d+)/.exec(stdout)?.[1]);
  const which = major >= 26 ? 'new enough already: the packaged one is not needed here' : 'older than Leeward needs';
  console.error(`note: the machine’s own Node is ${stdout.trim()} (${node}), ${which}`);
}

/** A clone of what is committed, and its packages. */
async function install(): Promise<Timed[]> {
  const env = newcomerEnv();
  await runWell('git', ['clone', '--quiet', '--no-hardlinks', ROOT, checkout], { cwd: scratch, env });
  const commit = await runWell('git', ['log', '-1', '--format=%h %s'], { cwd: checkout, env });
  console.error(`note: clone of ${commit.stdout.trim()}`);
  const { tookMs } = await runWell('npm', ['ci'], { cwd: checkout, env, withinMs: INSTALL_MS });
  const { stdout } = await runWell('du', ['-sk', 'node_modules'], { cwd: checkout, env });
  const megabytes = Math.round(Number.parseInt(stdout, 10) / 1_024);
  checks.that('npm ci in a clean clone', true, `${(tookMs / 1_000).toFixed(1)} s, ${megabytes} MB of node_modules`);
  return [{ what: 'npm ci', ms: [tookMs] }];
}
