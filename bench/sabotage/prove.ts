import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { errorMessage } from '../../src/kernel/errors.ts';
import type { PartName } from '../plan.ts';
import type { RunResult } from '../run.ts';
import { BROKEN, type Broken, noticed } from './list.ts';

const RUN_MS_MAX = 120_000;

interface Proof {
  readonly sabotage: string;
  readonly caught: boolean;
  /** What the run said, or why it was not caught. */
  readonly says: string;
  readonly tookMs: number;
}

/**
 * Runs the bench with each deliberate fault, and once without for each kind of
 * run: what is said in both was not said because of the fault.
 *
 * @returns the exit code
 */
export async function proveSabotages({
  json,
  quick,
  parts,
}: {
  readonly json: boolean;
  readonly quick: boolean;
  /** Of the faults, those that are noticed in one of these. */
  readonly parts: readonly PartName[];
}): Promise<number> {
  const controls = new Map<string, RunResult>();
  const proofs: Proof[] = [];
  for (const broken of BROKEN.filter((one) => parts.includes(one.phase) && (one.quick || !quick))) {
    const startedMs = performance.now();
    const says = await prove(broken, controls).catch((error: unknown) => new Error(errorMessage(error)));
    const proof = {
      sabotage: broken.name,
      caught: typeof says === 'string',
      says: says instanceof Error ? `it could not be tried: ${says.message}` : (says ?? 'the run did not notice'),
      tookMs: Math.round(performance.now() - startedMs),
    };
    proofs.push(proof);
    console.error(
      `${proof.caught ? 'pass' : 'FAIL'}  ${proof.sabotage}: ${proof.says.slice(0, 160)} (${proof.tookMs} ms)`,
    );
  }
  const passed = proofs.filter(({ caught }) => caught).length;
  const failed = proofs.length - passed;
  if (json) console.log(JSON.stringify({ passed, failed, proofs }, undefined, 2));
  (json ? console.error : console.log)(`${passed} passed, ${failed} failed`);
  return failed > 0 || passed === 0 ? 1 : 0;
}

async function prove(broken: Broken, controls: Map<string, RunResult>): Promise<string | undefined> {
  const args = argsFor(broken);
  const kind = args.join(' ');
  const control = controls.get(kind) ?? (await run(args, {}));
  controls.set(kind, control);
  return noticed(broken, await run(args, { [broken.variable]: broken.name }), control);
}

function argsFor({ phase, peers, rounds, repeats }: Broken): string[] {
  return [
    '--quick',
    '--json',
    '--repeats',
    String(repeats),
    '--only',
    phase,
    '--peers',
    peers.join(','),
    '--rounds',
    String(rounds),
  ];
}

function run(args: readonly string[], env: Readonly<Record<string, string>>): Promise<RunResult> {
  const hook = env['LEEWARD_BENCH_SABOTAGE'] === undefined ? [] : ['--import', join(import.meta.dirname, 'preload.ts')];
  const main = join(import.meta.dirname, '../main.ts');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...hook, main, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      timeout: RUN_MS_MAX,
    });
    let out = '';
    let told = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (told += chunk));
    child.on('error', reject);
    child.on('exit', (code) => {
      // 0 and 1 are verdicts; anything else is no run.
      if (code !== 0 && code !== 1) reject(new Error(`the run ended with ${code}: ${told.slice(-400)}`));
      else resolve(JSON.parse(out) as RunResult);
    });
  });
}
