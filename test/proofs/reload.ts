/**
 * Proof that the configuration can be changed while calls run. A served gateway
 * under a load of calls and streams has its file replaced again and again: by
 * good ones that lead the same names elsewhere, by ones that replace a provider
 * and its sockets, and by wrong ones. No call may fail, each must have run under
 * one version from its plan to its last attempt, and a wrong file must change
 * nothing but say where it is wrong. Then ten thousand keys and a thousand
 * routes must come into force within a second, and cost a call nothing.
 *
 *     npm run proof:reload -- [--reloads 200] [--quick] [--json] [--sabotage]
 *
 * `--quick` is 40 reloads. `--sabotage` proves the proof: each deliberate fault
 * of the product has to turn it red.
 */

import { makeKey } from '../../src/access/key-format.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import { SABOTAGES } from '../support/sabotage/list.ts';
import { scriptOptions } from '../support/script-options.ts';
import { Checks, conclude } from './parts/checks.ts';
import { checkRecords } from './reload/books.ts';
import { badFile, type Ground, goodFile, type Meaning, sizedFile } from './reload/files.ts';
import { House, type Reloaded } from './reload/house.ts';
import { callMany, Load } from './reload/load.ts';
import { startUpstreams } from './reload/upstreams.ts';

const flags = scriptOptions(import.meta.url, {
  reloads: { type: 'string', default: '200' },
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  sabotage: { type: 'boolean', default: false },
});

interface Size {
  readonly reloads: number;
  /** Pairs of rounds that the cost of a call is compared in; as many again where neighbours made them too uneven. */
  readonly rounds: number;
  readonly callsPerRound: number;
  /** Calls until nothing is compiled any more. */
  readonly warmUpCalls: number;
  /** What a call may cost with the large file, against the small one. */
  readonly cpuRatioMax: number;
}
const FULL: Size = {
  reloads: Number(flags.reloads),
  rounds: 7,
  callsPerRound: 12_000,
  warmUpCalls: 20_000,
  cpuRatioMax: 1.05,
};
/** A few rounds beside whatever else a machine does tell a scan of all keys (many times the cost), not 5 %. */
const QUICK: Size = { reloads: 40, rounds: 4, callsPerRound: 3_000, warmUpCalls: 12_000, cpuRatioMax: 1.3 };
/** Enough reloads that a provider made anew at each of them shows by its sockets, however slow the machine. */
const SABOTAGED: Size = { reloads: 40, rounds: 1, callsPerRound: 600, warmUpCalls: 0, cpuRatioMax: 1.3 };
const CLIENTS = 8;
const KEYS = 10_000;
const ROUTES = 1_000;
const RELOAD_MS_MAX = 1_000;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

type Figures = Record<string, string | number>;

const checks = new Checks();
const figures = await (flags.sabotage ? proveSabotages() : prove(checks, flags.quick ? QUICK : FULL)).catch(
  (error: unknown): Figures => {
    checks.that('the proof comes to its end', false, String(error));
    return {};
  },
);
if (!flags.json) for (const [name, figure] of Object.entries(figures)) console.log(`${name.padEnd(34)} ${figure}`);
process.exitCode = conclude(checks, figures, flags.json);

async function prove(into: Checks, size: Size, sabotage?: string): Promise<Figures> {
  await using upstreams = await startUpstreams();
  const ground: Ground = { ...upstreams, key: makeKey(seededRandom(7)) };
  await using house = await House.start(goodFile(0, ground).text, sabotage);
  const reloading = await proveReloads(into, size, { house, ground, connections: upstreams.steadyConnections });
  const sized = await proveSize(into, size, { house, ground });
  return { ...reloading, ...sized };
}

interface Place {
  readonly house: House;
  readonly ground: Ground;
}

async function proveReloads(
  into: Checks,
  { reloads }: Size,
  { house, ground, connections }: Place & { connections(): number },
): Promise<Figures> {
  const meanings = new Map<string, Meaning>([[house.firstVersion, goodFile(0, ground).meaning]]);
  const load = new Load({ url: house.url, key: ground.key, clients: CLIENTS });
  const mistakes: string[] = [];
  const tookMs: number[] = [];
  let version = house.firstVersion;
  let wrong = 0;
  try {
    for (let n = 1; n <= reloads; n++) {
      const good = goodFile(n, ground);
      const bad = n % 4 === 3 ? badFile(wrong++, good.text) : undefined;
      const told = await house.reload((bad ?? good).text, n % 5 === 0 ? 'watch' : 'signal');
      mistakes.push(...judged(told, version, bad?.at));
      if (bad === undefined) meanings.set(told.version, good.meaning);
      version = bad === undefined ? told.version : version;
      if (n % 5 !== 0) tookMs.push(told.tookMs);
      // Calls are to begin under every version.
      await new Promise((resolve) => setTimeout(resolve, 40 + (n % 7) * 10));
    }
  } finally {
    await load.stop();
  }
  into.none('each reload does what its file says, and a wrong one nothing but say where', mistakes, `${reloads}`);
  into.none('no call fails', load.troubles, `${load.answered.length} calls, ${load.streams} of them streams`);
  into.that('the load met every case', load.answered.length >= reloads * 5 && load.streams >= reloads);
  into.none(
    'each call ran under one version, to its last attempt',
    await checkRecords(house, ground, load.answered, meanings),
  );
  const opened = connections();
  into.that('an unchanged provider keeps its sockets', opened <= CLIENTS * 3, `${opened} connections in all`);
  return {
    reloads,
    'of them wrong': wrong,
    versions: meanings.size,
    calls: load.answered.length,
    'reload, ms (median)': Math.round(median(tookMs)),
  };
}

/** What a reload did that it should not have done. */
function judged(told: Reloaded, before: string, wrongAt: string | undefined): string[] {
  if (wrongAt === undefined) {
    return told.applied && told.version !== before ? [] : [`a good file was not put in force: ${told.problems}`];
  }
  if (told.applied || told.version !== before) return ['a wrong file was put in force'];
  const [firstLine = '', , caret = ''] = told.problems.split('\n');
  if (!firstLine.includes(`leeward.yaml:${wrongAt}`)) return [`the mistake at ${wrongAt} was reported as ${firstLine}`];
  return caret.includes('^') ? [] : ['a report has no caret'];
}

async function proveSize(into: Checks, size: Size, { house, ground }: Place): Promise<Figures> {
  const small = sizedFile(ground, 1, 1);
  const large = sizedFile(ground, KEYS, ROUTES);
  const options = { url: house.url, key: ground.key, clients: CLIENTS };
  const tookMs: number[] = [];
  const ratios: number[] = [];
  const measured = async (text: string): Promise<number> => {
    const { applied, tookMs: took, problems } = await house.reload(text, 'signal');
    if (problems !== '') throw new Error(`the file was not put in force: ${problems}`);
    // Every other round begins with the file that the one before ended with.
    if (text === large && applied) tookMs.push(took);
    // What the reload left behind is collected before anything counts.
    await callMany(options, Math.ceil(size.callsPerRound / 3));
    const before = house.cpuNs();
    await callMany(options, size.callsPerRound);
    return (house.cpuNs() - before) / size.callsPerRound / 1_000;
  };
  await house.reload(small, 'signal');
  await callMany(options, size.warmUpCalls);
  const costs: { small: number; large: number }[] = [];
  const settled = () => costs.length >= size.rounds && median(ratios) <= size.cpuRatioMax;
  for (let round = 0; round < 2 * size.rounds && !settled(); round++) {
    // In turns, so that a machine that slows down favours neither.
    const first = round % 2 === 0;
    const one = await measured(first ? small : large);
    const other = await measured(first ? large : small);
    const cost = first ? { small: one, large: other } : { small: other, large: one };
    costs.push(cost);
    ratios.push(cost.large / cost.small);
  }
  const ratio = median(ratios);
  into.that(
    `${KEYS} keys and ${ROUTES} routes are in force within ${RELOAD_MS_MAX} ms`,
    median(tookMs) <= RELOAD_MS_MAX,
    `${Math.round(median(tookMs))} ms`,
  );
  into.that(
    `a call costs at most ${size.cpuRatioMax} times as much with them`,
    ratio <= size.cpuRatioMax,
    `${ratio.toFixed(3)} (${ratios.map((one) => one.toFixed(2)).join(', ')})`,
  );
  return {
    'large file, bytes': large.length,
    'large file in force after, ms': tookMs.map(Math.round).join(', '),
    'CPU per call, small, us': Math.round(median(costs.map((cost) => cost.small))),
    'CPU per call, large, us': Math.round(median(costs.map((cost) => cost.large))),
  };
}

async function proveSabotages(): Promise<Figures> {
  const noticed: Record<string, string> = {};
  for (const { name } of SABOTAGES.filter(({ caughtBy }) => caughtBy.includes('reload'))) {
    const quiet = new Checks(() => undefined);
    await prove(quiet, SABOTAGED, name).catch((error: unknown) =>
      quiet.that('the proof comes to its end', false, String(error)),
    );
    noticed[name] = quiet.failed.map(({ title, detail }) => `${title} (${detail.slice(0, 120)})`).join('; ');
    checks.that(`${name} turns the proof red`, quiet.failed.length > 0, noticed[name]);
  }
  return {};
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}
