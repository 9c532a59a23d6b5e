/**
 * The real gateway between real sockets, for as long as it is told: two
 * simulated providers at fault, all policies on, at 70 % of what it can do. It
 * must end as it began.
 *
 *     npm run soak -- [--minutes 20] [--share 0.7] [--json]
 *
 * It ends with 1 when something grows, is lost or is left.
 */

import { readdirSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { scriptOptions } from '../test/support/script-options.ts';
import { type Gauge, gaugeOf } from './soak/gauge.ts';
import { DESCRIPTORS_MORE_MAX, type Figure, holdsAll, judge, lines } from './soak/judge.ts';
import { Load } from './soak/load.ts';
import { SoakPlace } from './soak/place.ts';

const USAGE_ERROR = 2;
const LANES = 32;
const CAPACITY_MS = 5_000;
/** Caches and code are warm after this part of the time. */
const WARM_UP_PART = 0.2;
const LOOKS = 12;
/** Connections to providers are kept for a while after their last call. */
const SETTLE_MS_MAX = 90_000;

const flags = scriptOptions(import.meta.url, {
  minutes: { type: 'string', default: '20' },
  share: { type: 'string', default: '0.7' },
  json: { type: 'boolean', default: false },
});

const minutes = Number(flags.minutes);
const share = Number(flags.share);
if (!(minutes > 0) || !(share > 0 && share <= 1)) {
  console.error('--minutes is a number above 0, --share one above 0 and up to 1');
  process.exit(USAGE_ERROR);
}
if (process.platform !== 'linux') {
  console.error('npm run soak counts descriptors in /proc, so it needs Linux.');
  process.exit(USAGE_ERROR);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
process.exit(await soak());

async function soak(): Promise<number> {
  const busy = loadavg();
  await using place = await SoakPlace.start();
  const load = new Load(place.url, place.key);
  const idle = descriptors(place.gateway.pid);
  const capacity = await capacityOf(place);
  const rate = capacity * share;
  console.error(`${Math.round(capacity)} calls a second at most; ${Math.round(rate)} for ${minutes} min`);
  const [before = 0] = busy;
  if (before > availableParallelism() / 2)
    console.error(`others keep this machine busy (load ${before.toFixed(1)}): figures of time say little`);
  const durationMs = minutes * 60_000;
  const startedMs = performance.now();
  const stop = load.steady(rate);
  await pause(durationMs * WARM_UP_PART);
  const looks: { atMs: number; gauge: Gauge; descriptors: number }[] = [];
  const gauges: Gauge[] = [];
  for (let look = 0; look < LOOKS && !place.gateway.dead; look++) {
    const mark = place.gateway.mark;
    await pause((durationMs * (1 - WARM_UP_PART)) / LOOKS);
    gauges.push(...place.gateway.since(mark).flatMap((line) => gaugeOf(line) ?? []));
    const gauge = await collected(place);
    looks.push({ atMs: performance.now() - startedMs, gauge, descriptors: descriptors(place.gateway.pid) });
    console.error(
      `${Math.round((performance.now() - startedMs) / 1_000)} s: ${load.calls} calls, heap ${mib(gauge.heapUsed)} MiB, resident ${mib(gauge.rss)} MiB, ${looks.at(-1)?.descriptors} descriptors`,
    );
  }
  const tookMs = performance.now() - startedMs;
  const made = load.calls;
  await stop();
  const rest = await settled(place, idle);
  const figures: Figure[] = judge({
    minutes,
    looks,
    gauges,
    idle,
    rest,
    died: place.gateway.dead,
    seen: load.seen,
    lost: load.lost,
    refusals: load.refusals,
    callsPerSecond: (made * 1_000) / tookMs,
    asked: rate,
  });
  if (flags.json)
    console.log(JSON.stringify({ minutes, capacity, rate, calls: made, figures, seen: load.seen }, undefined, 2));
  else console.log(lines(figures).join('\n'));
  return holdsAll(figures) ? 0 : 1;
}

/** Answers a second when as many are asked for as there can be, after a while of it. */
async function capacityOf({ url, key }: SoakPlace): Promise<number> {
  const warmUp = new Load(url, key);
  await warmUp.flatOut(LANES, CAPACITY_MS);
  const measured = new Load(url, key);
  await measured.flatOut(LANES, CAPACITY_MS);
  for (const load of [warmUp, measured]) load.close();
  return (measured.seen.answered * 1_000) / CAPACITY_MS;
}

/** Has the gateway collect its garbage and say what is left. */
async function collected(place: SoakPlace): Promise<Gauge> {
  const mark = place.gateway.mark;
  place.gateway.signal('SIGUSR2');
  for (let tries = 0; tries < 200; tries++) {
    await pause(25);
    const found = place.gateway
      .since(mark)
      .map(gaugeOf)
      .find((gauge) => gauge?.collected === true);
    if (found !== undefined) return found;
  }
  throw new Error('the gateway does not say how it is');
}

/** Descriptors once they are as few as before, or after a while. */
async function settled({ gateway }: SoakPlace, idle: number): Promise<number> {
  const endMs = performance.now() + SETTLE_MS_MAX;
  while (!gateway.dead && descriptors(gateway.pid) > idle + DESCRIPTORS_MORE_MAX && performance.now() < endMs) {
    await pause(1_000);
  }
  return gateway.dead ? Number.NaN : descriptors(gateway.pid);
}

function descriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

function mib(bytes: number): number {
  return Math.round(bytes / 1_048_576);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
