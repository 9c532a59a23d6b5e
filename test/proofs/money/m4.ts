import { comesTrue, pause } from '../../../faults/harness/waiting.ts';
import { type Random, seededRandom } from '../../../src/kernel/random.ts';
import type { Checks } from '../parts/checks.ts';
import { HouseClock } from './clocked-house.ts';
import { House, type MadeKey } from './house.ts';
import { type Injection, Tracer } from './killer.ts';
import { Load, type Seen } from './m4-load.ts';
import { checkAfter, checkBefore, type Reckoning } from './m4-reckoning.ts';
import { cutLongStreams, letHoldsExpire, reopened } from './m4-scenes.ts';
import { bySize, type Figures, type Ground, type Part } from './part.ts';
import { reconcile } from './reconciling.ts';

const CLIENTS = 32;
/** Every so many lives the gateway is also killed while it opens its store. */
const KILL_OPENING_EVERY = 5;
/** A life that the n-th system call was to end, and did not. */
const LATE_MS = 4_000;
const RECOVERED_MS = 20_000;
const STILL_MS = 1_500;
/** The budget above the capped keys. */
const FAMILY = 'file.m4-family';

interface Lives {
  readonly seen: Seen;
  readonly kills: Record<string, number>;
}

/** The gateway is killed under load, again and again, at any moment and at any write; its books are then the provider's. */
export const m4: Part = {
  title: 'kill -9 at any moment: one line for each attempt, and after reconciliation no difference',
  kind: 'own',
  async prove(ground, checks, size) {
    const rounds = size.rounds ?? bySize(size, { full: 100, quick: 10, sabotaged: 1 });
    using clock = new HouseClock();
    await using house = await House.start({ ...ground, ...clock.options });
    const keys = await makeKeys(house);
    await house.provider.faults([
      { match: { model: 'sim-large', probability: 0.4 }, fault: { kind: 'status', code: 500 } },
      { match: { model: 'sim-large', probability: 0.2 }, fault: { kind: 'reset' } },
      { match: { model: 'sim-small', probability: 0.05 }, fault: { kind: 'no-usage' } },
    ]);
    const lives = await live(house, keys, rounds, ground);
    await cutLongStreams(house, [...keys.capped.slice(0, 1), ...keys.uncapped], checks);
    const reckoning = await settleUp(
      house,
      keys,
      { lives, clock: ground.store.kind === 'server' ? clock : undefined },
      checks,
    );
    checkLoad(lives, rounds, reckoning, checks);
    return figuresOf(rounds, lives, reckoning);
  },
};

interface Keys {
  readonly capped: readonly MadeKey[];
  readonly uncapped: readonly MadeKey[];
}

async function makeKeys(house: House): Promise<Keys> {
  const family = await house.makeKey('m4 family');
  const rich = await house.makeKey('m4 rich', { parent: family.id });
  const poor = await house.makeKey('m4 poor', { parent: family.id });
  await house.addBudgets({
    'm4-family': { scope: { key: family.id }, per: 'month', hard: '200' },
    'm4-rich': { scope: { key: rich.id }, per: 'lifetime', hard: '100' },
    // Runs out on the way, whatever is killed.
    'm4-poor': { scope: { key: poor.id }, per: 'lifetime', hard: '0.004' },
  });
  return { capped: [rich, poor], uncapped: [await house.makeKey('m4 free')] };
}

async function live(house: House, { capped, uncapped }: Keys, rounds: number, { store }: Ground): Promise<Lives> {
  const random = seededRandom(4);
  const seen: Seen = { told: [], troubles: [] };
  const kills: Record<string, number> = {};
  for (let round = 0; round <= rounds; round++) {
    if (round > 0) await house.startGateway();
    const last = round === rounds;
    const keys = [...capped, ...uncapped];
    const load = new Load(house, {
      keys,
      clients: CLIENTS / 2 + Math.floor((random.float() * CLIENTS) / 2),
      seed: round,
    });
    const how = last ? 'in peace' : await killUnder(load, house, round, random, store.kind);
    kills[how] = (kills[how] ?? 0) + 1;
    if (last) await pause(500);
    const { told, troubles } = await load.stop();
    seen.told.push(...told);
    seen.troubles.push(...troubles);
    if (!last && round % KILL_OPENING_EVERY === 1) {
      await house.killWhileOpening(100 + random.float() * 700);
      kills['while opening'] = (kills['while opening'] ?? 0) + 1;
    }
  }
  return { seen, kills };
}

/** @returns at what it was killed */
async function killUnder(load: Load, house: House, round: number, random: Random, kind: string): Promise<string> {
  const injection = injectionOf(round, random, kind);
  if (injection === undefined) {
    await pause(200 + random.float() * 900);
    load.expectDeath();
    await house.kill();
    return 'at any moment';
  }
  await pause(100);
  load.expectDeath();
  const tracer = await Tracer.attach([house.gateway.pid], injection);
  const dead = await Promise.race([house.gateway.died.then(() => true), pause(LATE_MS).then(() => false)]);
  if (!dead) await house.kill();
  await tracer.detach();
  return dead ? `at the n-th ${injection.calls}` : 'at any moment';
}

/** In turns: by the clock, at the n-th sync, at the n-th write of the journal. A server's syncs are its own. */
function injectionOf(round: number, random: Random, kind: string): Injection | undefined {
  const killAt = 1 + Math.floor(random.float() * 40);
  if (round % 3 === 0) return undefined;
  const calls = round % 3 === 1 && kind === 'embedded' ? 'fsync,fdatasync' : 'pwrite64';
  return { calls, what: { killAt } };
}

/** One more life without load: what the killed ones left behind is recovered, told to the user, and reconciled. */
async function settleUp(
  house: House,
  keys: Keys,
  { lives: { seen }, clock }: { readonly lives: Lives; readonly clock: HouseClock | undefined },
  checks: Checks,
): Promise<Reckoning> {
  checks.none('M4: every call was answered, or cut by a kill', seen.troubles, `${seen.told.length} calls`);
  await house.stop();
  await house.startGateway();
  const recovered = await comesTrue(() => isRecovered(house), RECOVERED_MS);
  checks.that('M4: soon no line is left running, and recovery has done what it can', recovered);
  const bill = await house.provider.bill();
  const before = { lines: await house.lines(), books: await reopened(house) };
  const capped = new Set(keys.capped.map(({ id }) => id));
  const uncounted = await house.provider.withoutUsage();
  checkBefore({ bill, ...before, told: seen.told, capped, uncounted }, checks);
  // On one of the stores time resolves what is unknown, on the other the reconciliation finds it held.
  if (clock !== undefined) await letHoldsExpire(house, clock, FAMILY, checks);
  await house.startGateway();
  const runs = [await reconcile(house, { apply: true }), await reconcile(house, { apply: true })];
  const last = await reconcile(house, { apply: false });
  checks.that('M4: reconciled, a comparison finds no difference and ends with 0', last.code === 0, last.said);
  const after = { lines: await house.lines(), books: await reopened(house) };
  const reckoning = { bill, ...after, told: seen.told, capped };
  checkAfter(reckoning, checks);
  checks.that(
    'M4: the bill is reconciled, and once more',
    runs.every(({ code }) => code === 0),
    `${runs.map(({ code }) => code)}`,
  );
  return { ...reckoning, before: before.lines };
}

/** No line runs, and what is held does not get less any more: recovery goes through it hold by hold. */
async function isRecovered(house: House): Promise<boolean> {
  const before = await house.accountsOf(FAMILY);
  await pause(STILL_MS);
  const after = await house.accountsOf(FAMILY);
  const lines = await house.lines();
  return lines.every(({ outcome }) => outcome !== undefined) && before[0]?.held === after[0]?.held;
}

/** A load that never met the hard cases would prove nothing. */
function checkLoad({ seen, kills }: Lives, rounds: number, { bill, before = [] }: Reckoning, checks: Checks): void {
  const cases: Record<string, boolean> = {
    'upstream calls': bill.length >= rounds * 10,
    'interrupted attempts': before.some(({ outcome }) => outcome === 'interrupted'),
    'second attempts': seen.told.some(({ attempts }) => attempts === 2),
    'refusals with 402': rounds < 5 || seen.told.some(({ status }) => status === 402),
    'kills at a system call': Object.keys(kills).some((how) => how.startsWith('at the n-th')),
  };
  const missing = Object.entries(cases).filter(([, met]) => !met);
  checks.none(
    'M4: the load met every case it is there for',
    missing.map(([name]) => `too few ${name}`),
  );
}

function figuresOf(rounds: number, { seen, kills }: Lives, { bill, before = [], lines }: Reckoning): Figures {
  const of = (outcome: string) => before.filter((line) => line.outcome === outcome).length;
  return {
    'M4: kills': `${rounds}: ${Object.entries(kills)
      .map(([how, count]) => `${count} ${how}`)
      .join(', ')}`,
    'M4: calls, upstream, lines': `${seen.told.length}, ${bill.length}, ${lines.length}`,
    'M4: ok, failed, interrupted lines': `${of('ok')}, ${of('failed')}, ${of('interrupted')}`,
  };
}
