import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import manifest from '../../package.json' with { type: 'json' };

import { familyMicros, TICK_MICROS } from './cpu-clock.ts';

const ROOT = new URL('../..', import.meta.url).pathname;

interface CpuTimes {
  readonly total: number;
  readonly idle: number;
  readonly steal: number;
}

/** How the whole machine spent a span. */
export class MachineSpan {
  readonly #before = cpuTimes();

  /** @returns the share of the machine's CPU time that the hypervisor took, and the CPU time that anything at all used */
  ended(): { readonly steal: number; readonly busyMicros: number; readonly totalMicros: number } {
    const after = cpuTimes();
    const total = Math.max(1, after.total - this.#before.total);
    return {
      steal: (after.steal - this.#before.steal) / total,
      busyMicros: (total - (after.idle - this.#before.idle)) * TICK_MICROS,
      totalMicros: total * TICK_MICROS,
    };
  }
}

/** What programs use of the machine over a span that neither this one nor any of those that it started is. */
export class StrangersSpan {
  readonly #machine = new MachineSpan();
  readonly #before = familyMicros();

  percent(): number {
    const { busyMicros, totalMicros } = this.#machine.ended();
    const ours = familyMicros() - this.#before;
    return (Math.max(0, busyMicros - ours) / totalMicros) * 100;
  }
}

function cpuTimes(): CpuTimes {
  const [line = ''] = readFileSync('/proc/stat', 'latin1').split('\n');
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0, steal = 0] = line
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return { total: user + nice + system + idle + wait + irq + soft + steal, idle: idle + wait, steal };
}

/** Where and when a run was made. */
export function machineFacts() {
  return {
    measuredAt: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    load: loadavg().map((value) => Math.round(value * 100) / 100),
    node: process.version,
    undici: installedVersion('undici'),
    nginx: versionOf('/usr/sbin/nginx', ['-v']),
    leeward: `${manifest.version} at ${commit()}`,
  };
}

export type MachineFacts = ReturnType<typeof machineFacts>;

/** What stands in `node_modules`, which is what runs. */
function installedVersion(name: string): string {
  const text = readFileSync(new URL(`../../node_modules/${name}/package.json`, import.meta.url), 'utf8');
  return /"version": "([^"]+)"/.exec(text)?.[1] ?? 'unknown';
}

function commit(): string {
  try {
    const short = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim();
    const changed = execFileSync('git', ['status', '--porcelain', '--', 'src'], { cwd: ROOT, encoding: 'utf8' });
    return changed === '' ? short : `${short} with changes`;
  } catch {
    // A copy without its history still has a version.
    return 'an unknown commit';
  }
}

function versionOf(program: string, args: readonly string[]): string {
  const said = execFileSync('sh', ['-c', `${program} ${args.join(' ')} 2>&1`], { encoding: 'utf8' });
  return said.trim().replace(/^nginx version: /, '');
}
