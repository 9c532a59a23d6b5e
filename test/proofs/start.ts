/**
 * Proof of the first minute, as a newcomer has it: a clean clone, the machine's
 * own Node, `npm ci`, `npm start`, and the curl line exactly as it is printed.
 * Then everything that happens to such a process: Ctrl-C, a second start, kill
 * -9 of the server and of npm, a port or a directory that is taken; and how
 * long each takes, until the first call is served.
 *
 *     npm run proof:start -- [--quick] [--json] [--in DIR]
 *
 * `--quick` restarts less and takes no picture of the page. `--in` uses a
 * checkout whose packages are installed, in place of a clone; its `.leeward`
 * must not exist.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Checks, conclude } from './parts/checks.ts';
import { found, newcomerEnv, ROOT, run, runWell, vacantPort } from './start/machine.ts';
import { provePage } from './start/page.ts';
import {
  checkCalls,
  foreignPort,
  interrupt,
  killNpm,
  killServer,
  measureStarts,
  type Place,
  placeEnv,
  readmeCommands,
  refusals,
  startAndCall,
} from './start/scenarios.ts';
import { DataDir } from './start/terminal.ts';
import { median, type Timed, timesTable } from './start/times.ts';

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    in: { type: 'string' },
  },
});
const INSTALL_MS = 600_000;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
const scratch = mkdtempSync(join(tmpdir(), 'leeward-start-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

const checks = new Checks();
const port = await vacantPort(5339);
if (port !== 5339) console.error(`note: port 5339 is taken on this machine; LEEWARD_PORT=${port} stands in for it`);
const checkout = flags.in === undefined ? join(scratch, 'leeward') : resolve(flags.in);
const place: Place = { checkout, scratch, port, env: placeEnv(port), checks };

await tellNode();
const times: Timed[] = flags.in === undefined ? await install() : [];
if (existsSync(join(checkout, '.leeward'))) throw new Error(`${checkout}/.leeward exists: this needs a new store`);
times.push(...(await measureStarts(place, flags.quick ? 1 : 2, flags.quick ? 3 : 6)));
times.push(...(await newcomer()));
await foreignPort(place);
if (flags.quick) checks.skip('the page', 'left out by --quick');
else await provePage(place);
for (const { what, ms, gateMs } of times) {
  if (gateMs !== undefined) checks.that(what, median(ms) <= gateMs, `${Math.round(median(ms))} ms, at most ${gateMs}`);
}
if (!flags.json) console.log(`\n${timesTable(times)}\nload average at the end ${loadavg()[0]?.toFixed(1)}\n`);
process.exitCode = conclude(checks, { times }, flags.json);

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

/** `npm start` in the checkout, and everything that can happen to it there. */
async function newcomer(): Promise<Timed[]> {
  const data = new DataDir(join(checkout, '.leeward'));
  const first = await startAndCall(place, 'first npm start', 'npm', 'start');
  const key = data.devKey;
  const stopMs = await interrupt(place, 'npm start', first.terminal, data);
  const second = await startAndCall(place, 'second npm start', 'npm', 'start');
  checks.that('the second start prints the same key', second.block.key === first.block.key);
  await checkCalls(place, second, [first.callId]);
  await refusals(place, second, data);
  await readmeCommands(place, second);
  const third = await killServer(place, second, data);
  const fourth = await killNpm(place, third, data);
  await checkCalls(place, fourth, [first.callId, second.callId, third.callId]);
  const kept = data.devKey === key && data.devKeyMode === '600';
  checks.that('dev.key is the same through all of it, for its owner alone', kept, `mode ${data.devKeyMode}`);
  const lastStopMs = await interrupt(place, 'the last npm start', fourth.terminal, data);
  const restarts = [second, third, fourth];
  return [
    { what: 'npm start → block, new store', ms: [first.blockMs] },
    { what: 'npm start → first call served, new store', ms: [first.servedMs] },
    { what: 'npm start → block, existing store', ms: restarts.map(({ blockMs }) => blockMs) },
    { what: 'npm start → first call served, existing store', ms: restarts.map(({ servedMs }) => servedMs) },
    { what: 'Ctrl-C on npm start → everything gone', ms: [stopMs, lastStopMs] },
  ];
}
