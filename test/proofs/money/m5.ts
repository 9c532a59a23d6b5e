import { readFileSync } from 'node:fs';
import { comesTrue, pause } from '../../../faults/harness/waiting.ts';
import type { Checks } from '../parts/checks.ts';
import { inDatabase, readBooks } from './books.ts';
import { errorIn, type Told } from './caller.ts';
import { House, type MadeKey } from './house.ts';
import { type Injection, Tracer } from './killer.ts';
import { checkOneLineEach, costProblems } from './lines.ts';
import { statuses } from './m1.ts';
import { bySize, type Figures, type Ground, type Part } from './part.ts';

const CALLS = 24;
const BACK_MS = 60_000;

/** What the disk answers. Positioned writes: others would meet sockets and the log, which are no disk. */
const DISKS: readonly (Injection & { readonly name: string })[] = [
  { name: 'EIO on every sync', calls: 'fsync,fdatasync', what: { error: 'EIO' } },
  { name: 'ENOSPC on every write', calls: 'pwrite64', what: { error: 'ENOSPC' } },
];

/** A disk that fails under the ledger: nobody calls a provider on money that was not set aside for good. */
export const m5: Part = {
  title: 'a disk that fails: 503, and no call goes upstream without a hold that is durable',
  kind: 'own',
  async prove(ground, checks, size) {
    const figures: Figures = {};
    await using house = await House.start(ground);
    const key = await house.makeKey('m5');
    await house.addBudgets({ m5: { scope: { key: key.id }, per: 'lifetime', hard: '5' } });
    const disks = bySize(size, { full: DISKS, quick: DISKS, sabotaged: DISKS.slice(0, 1) });
    for (const disk of disks)
      figures[`M5, ${disk.name}: back after, ms`] = await failing(house, key, disk, ground, checks);
    const lines = await house.settledLines(key);
    const bill = await house.provider.bill();
    await house.stop();
    const { holds, accounts } = await inDatabase(house, readBooks);
    checkOneLineEach(bill, lines, checks, 'M5');
    checks.none('M5: each line costs what was billed', costProblems(bill, lines), `${lines.length} lines`);
    checks.that('M5: no hold is left', holds.length === 0, `${holds.length}`);
    const owed = bill.reduce((sum, line) => sum + BigInt(line.cost_nano_usd), 0n);
    checks.each('M5: what is settled is what was billed', accounts, ({ settled, held }) =>
      settled === owed && held === 0n ? [] : [`${settled} settled, ${held} held, ${owed} billed`],
    );
    return figures;
  },
};

/** @returns how long after the disk was well again the first capped call was answered */
async function failing(
  house: House,
  key: MadeKey,
  disk: (typeof DISKS)[number],
  ground: Ground,
  checks: Checks,
): Promise<number> {
  const name = `M5, ${disk.name}`;
  const before = await callMany(house, key, 4);
  checks.that(
    `${name}: calls are answered before`,
    before.every(({ status }) => status === 200),
    statuses(before),
  );
  const asked = await house.provider.asked();
  const tracer = await Tracer.attach(victims(house, ground), disk);
  const told = await callMany(house, key, CALLS);
  const during = (await house.provider.asked()) - asked;
  await tracer.detach();
  checks.that(
    `${name}: each capped call gets 503`,
    told.length === CALLS && told.every(({ status }) => status === 503),
    statuses(told),
  );
  const codes = new Set(told.filter(({ status }) => status === 503).map((one) => errorIn(one).code));
  checks.that(`${name}: it says budget_unavailable`, codes.has('budget_unavailable'), [...codes].join(', '));
  checks.that(`${name}: no call goes upstream`, during === 0, `${during} of ${told.length}`);
  return comeBack(house, key, name, ground, checks);
}

async function comeBack(house: House, key: MadeKey, name: string, ground: Ground, checks: Checks): Promise<number> {
  // A server that met such a disk is started again by whoever runs it.
  const { server } = ground.stores;
  if (ground.store.kind === 'server' && server !== undefined) {
    await server.stop('immediate');
    await server.start();
  }
  const wellMs = performance.now();
  let last: Told | undefined;
  const back = await comesTrue(async () => {
    [last] = await callMany(house, key, 1);
    if (last?.status !== 200) await pause(100);
    return last?.status === 200;
  }, BACK_MS);
  checks.that(
    `${name}: once the disk is well, calls are answered again`,
    back,
    last === undefined ? '' : statuses([last]),
  );
  return Math.round(performance.now() - wellMs);
}

function callMany(house: House, { key }: MadeKey, count: number): Promise<Told[]> {
  const wishes = Array.from({ length: count }, (_, n) => ({
    key,
    body: { model: 'up/sim-small', max_tokens: 16, messages: [{ role: 'user', content: `Is buoy ${n} lit?` }] },
  }));
  return Promise.all(wishes.map((wish) => house.callers.call(wish)));
}

/** Whoever writes the ledger: the gateway itself, or the server with all its sessions. */
function victims(house: House, { store, stores }: Ground): number[] {
  if (store.kind === 'embedded') return [house.gateway.pid];
  const pid = stores.server?.pid ?? 0;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).map(Number);
  return [pid, ...children];
}
