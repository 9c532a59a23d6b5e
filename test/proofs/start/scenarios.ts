import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Checks } from '../parts/checks.ts';
import { curl, readCall, slowStream } from './calls.ts';
import { comesTrue, type Ended, holdPort, newcomerEnv, release, run, textOf } from './machine.ts';
import { Neighbours, QUIET_MAX, quietMoment } from './neighbours.ts';
import { type Block, DataDir, Terminal } from './terminal.ts';
import { median, type Timed } from './times.ts';
import { Yardstick } from './yardstick.ts';

/** Where a newcomer stands: a checkout whose packages are installed, and a port. */
export interface Place {
  readonly checkout: string;
  readonly scratch: string;
  readonly port: number;
  readonly env: NodeJS.ProcessEnv;
  readonly checks: Checks;
}

export interface Started {
  readonly terminal: Terminal;
  readonly block: Block;
  /** From spawn until the block was there, and until the printed curl line had its answer. */
  readonly blockMs: number;
  readonly servedMs: number;
  readonly callId: string;
}

/** Where `npm start` listens unless told. */
export const NEWCOMERS_PORT = 5339;
const GATE_NEW_MS = 4_000;
const GATE_EXISTING_MS = 1_500;
/** The engine's own start where those times are promised. A slower machine has as much more for all of it. */
const ENGINE_MS = 300;
const STOP_MS = 5_000;
/** Other work on the machine is waited for this long before each start that is measured. */
const QUIET_WAIT_MS = 20_000;
/** Measurements for each one that counts, at most. */
const TRIES_MAX = 3;
const REFUSAL_MS = 20_000;

export function placeEnv(port: number): NodeJS.ProcessEnv {
  // The port that the README names needs no variable.
  return { ...newcomerEnv(), ...(port === NEWCOMERS_PORT ? {} : { LEEWARD_PORT: String(port) }) };
}

/** Starts, takes the curl line out of what was printed, and runs it. */
export async function startAndCall(place: Place, what: string, command: string, ...args: string[]): Promise<Started> {
  const terminal = new Terminal(command, args, { cwd: place.checkout, env: place.env });
  const block = await terminal.block();
  const blockMs = performance.now() - terminal.startedMs;
  const { status, content, callId, output } = await curl(block.curl);
  const servedMs = performance.now() - terminal.startedMs;
  const well = status === 200 && content.length > 0;
  place.checks.that(
    `${what}: the printed curl line is answered`,
    well,
    well ? `${status} ${JSON.stringify(content.slice(0, 40))} after ${Math.round(servedMs)} ms` : `${status} ${output}`,
  );
  return { terminal, block, blockMs, servedMs, callId };
}

/** Ctrl-C, and everything that must be true after it. @returns how long it took, in milliseconds */
export async function interrupt(place: Place, what: string, terminal: Terminal, dataDir: DataDir): Promise<number> {
  const pressedMs = performance.now();
  terminal.signal('SIGINT');
  const gone = await terminal.gone(STOP_MS);
  const tookMs = performance.now() - pressedMs;
  const left = [...terminal.survivors().map((pid) => `process ${pid}`), ...dataDir.signsOfLife];
  place.checks.that(
    `${what}: Ctrl-C ends it, without orphan and lock`,
    gone !== undefined && left.length === 0,
    left.length > 0 ? `left: ${left.join(', ')}` : `${Math.round(tookMs)} ms, ended with ${await terminal.ended}`,
  );
  await terminal.close();
  return tookMs;
}

/**
 * The starts that the times are promised for: `node bin/leeward.mjs dev`, on a
 * new store and on the same again. One that neighbours on the processors have
 * disturbed is told, and measured again while there is patience left.
 */
export async function measureStarts(place: Place, newStores: number, restarts: number): Promise<Timed[]> {
  const fresh: number[] = [];
  const again: number[] = [];
  const stops: number[] = [];
  const engine = new Yardstick(place.checkout, place.scratch);
  const start = async (what: string, path: string): Promise<{ servedMs: number; quiet: boolean }> => {
    const args = ['bin/leeward.mjs', 'dev', '--data', path];
    await quietMoment(QUIET_WAIT_MS);
    await engine.measure();
    const neighbours = new Neighbours();
    const { terminal, servedMs } = await startAndCall(place, what, 'node', ...args);
    const others = neighbours.share(terminal.group);
    stops.push(await interrupt(place, what, terminal, new DataDir(path)));
    const told = `${Math.round(servedMs)} ms beside others on ${Math.round(others * 100)} % of the processors`;
    if (others > QUIET_MAX) console.error(`note: ${told}`);
    return { servedMs, quiet: others <= QUIET_MAX };
  };
  const measure = async (what: string, count: number, into: number[], path: () => string) => {
    const disturbed: number[] = [];
    for (let n = 0; into.length < count && n < count * TRIES_MAX; n++) {
      const { servedMs, quiet } = await start(what, path());
      (quiet ? into : disturbed).push(servedMs);
    }
    // No quiet to be had: better these than none.
    if (into.length === 0) into.push(...disturbed);
  };
  const newPath = () => mkdtempSync(join(place.scratch, 'data-'));
  await measure('node bin/leeward.mjs dev, new store', newStores, fresh, newPath);
  const kept = newPath();
  // Fills the compile cache and the store, as a newcomer's first start has done by the second one.
  await start('node bin/leeward.mjs dev, the store of the next ones', kept);
  await measure('node bin/leeward.mjs dev, existing store', restarts, again, () => kept);
  const slowness = Math.max(1, median(engine.ms) / ENGINE_MS);
  const gate = (ms: number) => Math.round(ms * slowness);
  return [
    { what: 'the engine alone, existing store', ms: engine.ms },
    { what: 'node bin/leeward.mjs dev → first call served, new store', ms: fresh, gateMs: gate(GATE_NEW_MS) },
    { what: 'node bin/leeward.mjs dev → first call served, existing store', ms: again, gateMs: gate(GATE_EXISTING_MS) },
    { what: 'Ctrl-C → everything gone', ms: stops, gateMs: STOP_MS },
  ];
}

/** kill -9 of the server while it streams: the next start knows everything. */
export async function killServer(place: Place, running: Started, dataDir: DataDir): Promise<Started> {
  const { checks } = place;
  const { callId, rest } = await slowStream(running.block);
  process.kill(dataDir.serverPid, 'SIGKILL');
  const ending = await rest;
  checks.that('kill -9 of the server: the stream is torn, never finished', ending === 'torn', ending);
  const gone = await running.terminal.gone(STOP_MS);
  checks.that('kill -9 of the server: npm ends with it', gone !== undefined, `${running.terminal.survivors()}`);
  await running.terminal.close();
  const next = await startAndCall(place, 'npm start after kill -9 of the server', 'npm', 'start');
  await checkCalls(place, next, [running.callId]);
  let outcome: string | null | undefined;
  const ended = await comesTrue(async () => {
    const call = await readCall(next.block, callId);
    const attempt = call?.attempts[0];
    outcome = attempt?.outcome;
    // A stream that ran for a while has told how far it was; what the provider counted nobody heard.
    const unclaimed = call?.usage === null || attempt?.usage_source === 'estimated';
    return call?.state === 'ended' && outcome === 'interrupted' && unclaimed;
  }, 5_000);
  checks.that(
    'kill -9 of the server: the torn call is there as interrupted, its usage unknown or estimated',
    ended,
    `${outcome}`,
  );
  return next;
}

/** kill -9 of npm itself: nobody can tell the server, which must notice. */
export async function killNpm(place: Place, running: Started, dataDir: DataDir): Promise<Started> {
  running.terminal.killTyped();
  const gone = await running.terminal.gone(STOP_MS);
  const left = [...running.terminal.survivors().map((pid) => `process ${pid}`), ...dataDir.signsOfLife];
  place.checks.that(
    'kill -9 of npm: the server goes away by itself',
    gone !== undefined && left.length === 0,
    gone === undefined ? left.join(', ') : `${Math.round(gone)} ms`,
  );
  await running.terminal.close();
  const next = await startAndCall(place, 'npm start after kill -9 of npm', 'npm', 'start');
  await checkCalls(place, next, [running.callId]);
  return next;
}

/** What a second gateway says, and another program's port. */
export async function refusals(place: Place, running: Started, dataDir: DataDir): Promise<void> {
  const { checks, checkout, scratch, env, port } = place;
  const options = { cwd: checkout, env, withinMs: REFUSAL_MS };
  const same = await run('npm', ['start'], options);
  const holder = new RegExp(`\\b${dataDir.serverPid}\\b`);
  checks.that('a second npm start says who holds the directory', refused(same, holder), said(same));
  const elsewhere = ['bin/leeward.mjs', 'dev', '--data', mkdtempSync(join(scratch, 'data-'))];
  const samePort = await run('node', elsewhere, options);
  const portTaken = new RegExp(`127\\.0\\.0\\.1:${port}\\b.*--port`);
  checks.that('a second gateway on the same port says that it is taken', refused(samePort, portTaken), said(samePort));
  const { status } = await curl(running.block.curl);
  checks.that('the first gateway goes on meanwhile', status === 200, `${status}`);
}

export async function foreignPort(place: Place): Promise<void> {
  const held = await holdPort(place.port);
  const data = new DataDir(mkdtempSync(join(place.scratch, 'data-')));
  const args = ['bin/leeward.mjs', 'dev', '--data', data.path];
  const ended = await run('node', args, { cwd: place.checkout, env: place.env, withinMs: REFUSAL_MS });
  await release(held);
  const well = refused(ended, /another program listens there.*--port/) && data.signsOfLife.length === 0;
  place.checks.that('a port that another program has is named, with the way out', well, said(ended));
}

/** The commands that the README and the block name are typed as they stand. */
export async function readmeCommands(place: Place, { block }: Started): Promise<void> {
  const { checks, checkout, env, port } = place;
  const readme = readFileSync(join(checkout, 'README.md'), 'utf8');
  const first = /```console\n\$ (.*)\n/.exec(readme)?.[1];
  checks.that('the README begins with what was done here', first === 'npm ci && npm start', first);
  const exported = /^export OPENAI_BASE_URL=.*$/m.exec(readme)?.[0]?.replace(`:${NEWCOMERS_PORT}`, `:${port}`);
  const models = 'curl -sS "$OPENAI_BASE_URL/models" -H "Authorization: Bearer $OPENAI_API_KEY"';
  const listed = await run('bash', ['-c', `${exported}\n${models}`], { cwd: checkout, env });
  checks.that(
    'the README’s variables for an SDK reach the gateway',
    listed.stdout.includes('sim/sim-small'),
    said(listed),
  );
  // Not init, which the block names too: it would configure the gateway that is being looked at.
  const next = ['keys create --name my-app', 'demo', 'doctor', '--help'];
  for (const command of next) {
    const ended = await run('bash', ['-c', `npm run leeward -- ${command}`], { cwd: checkout, env });
    const plain = !/\n\s+at /.test(textOf(ended)) && textOf(ended).trim() !== '';
    const well = plain && ended.end === 0;
    checks.that(`npm run leeward -- ${command}`, well, said(ended));
    const key = /lw_\w{20,}/.exec(ended.stdout)?.[0];
    if (!command.startsWith('keys')) continue;
    const { status } = await curl(block.curl.replace(block.key, key ?? 'no key was printed'));
    checks.that('the key that was made opens the gateway', status === 200, `${status}`);
  }
}

export async function checkCalls({ checks }: Place, { block }: Started, callIds: readonly string[]): Promise<void> {
  const missing: string[] = [];
  for (const callId of callIds) {
    const there = await comesTrue(async () => (await readCall(block, callId))?.status === 200, 5_000);
    if (!there) missing.push(callId);
  }
  checks.none('the calls of earlier starts are there', missing, callIds.join(', '));
}

function refused(ended: Ended, saying: RegExp): boolean {
  const text = textOf(ended);
  return typeof ended.end === 'number' && ended.end !== 0 && saying.test(text) && !/\n\s+at .*\.ts:\d+/.test(text);
}

function said(ended: Ended): string {
  const lines = textOf(ended)
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('>') && !line.startsWith('npm '));
  return `ended with ${ended.end}: ${lines.slice(0, 3).join(' / ').slice(0, 260)}`;
}
