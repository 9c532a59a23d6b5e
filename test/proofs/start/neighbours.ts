import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, platform } from 'node:os';
import { comesTrue } from './machine.ts';

/** A time is measured beside neighbours that take no more than this share of the processors. */
export const QUIET_MAX = 0.15;
const SAMPLE_MS = 400;

/** Milliseconds of all processors since they started: busy ones, and all there were. */
interface Ticks {
  readonly busyMs: number;
  readonly allMs: number;
}

function ticks(): Ticks {
  let busyMs = 0;
  let allMs = 0;
  for (const { times } of cpus()) {
    const all = Object.values(times).reduce((sum, ms) => sum + ms, 0);
    busyMs += all - times.idle;
    allMs += all;
  }
  return { busyMs, allMs };
}

/** Tells, at the end of a measurement, which share of the processors others had taken meanwhile. */
export class Neighbours {
  readonly #before = ticks();
  readonly #ownBefore = process.cpuUsage();

  /** @param group the process group that was measured; all of it must still run */
  share(group: number): number {
    const now = ticks();
    const own = process.cpuUsage(this.#ownBefore);
    const oursMs = (own.user + own.system) / 1_000 + groupMs(group);
    const busyMs = now.busyMs - this.#before.busyMs - oursMs;
    return Math.max(0, busyMs) / Math.max(1, now.allMs - this.#before.allMs);
  }
}

/** Waits until others leave the processors alone; after `withinMs` it goes on all the same. */
export async function quietMoment(withinMs: number): Promise<void> {
  await comesTrue(async () => {
    const before = ticks();
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
    const after = ticks();
    return (after.busyMs - before.busyMs) / Math.max(1, after.allMs - before.allMs) <= QUIET_MAX;
  }, withinMs);
}

/** CPU time of a process group so far, its finished children included. Only Linux tells it finely enough. */
function groupMs(group: number): number {
  const pids = execFileSync('ps', ['-eo', 'pid=,pgid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, pgid]) => Number(pgid) === group)
    .map(([pid]) => pid);
  if (platform() !== 'linux') return Number.POSITIVE_INFINITY;
  let clockTicks = 0;
  for (const pid of pids) {
    // After "pid (name)": state is the first field, utime to cstime are the 12th to the 15th.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    for (const field of fields.slice(11, 15)) clockTicks += Number(field);
  }
  return clockTicks * 10;
}
