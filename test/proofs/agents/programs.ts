import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runWell } from '../start/machine.ts';
import type { AgentProgram } from './agent.ts';

const INSTALL_MS = 300_000;
const TURN_MS = 120_000;

/** An agent's program in a folder that was named, or on the path. */
export function findProgram({ command }: AgentProgram, folder: string | undefined): string | undefined {
  const folders =
    folder === undefined ? (process.env['PATH'] ?? '').split(delimiter) : [folder, join(folder, 'node_modules/.bin')];
  return folders.map((each) => join(each, command)).find((path) => existsSync(path));
}

/** Installs it into a folder, as its licence lets everybody do for themselves. */
export async function installProgram(agent: AgentProgram, folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  await runWell('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', agent.package], {
    cwd: folder,
    withinMs: INSTALL_MS,
  });
  const program = findProgram(agent, folder);
  if (program === undefined) throw new Error(`${agent.package} was installed and has no program ${agent.command}`);
  return program;
}

/** How a program ended, and what it told: one JSON object a line. */
export interface Ended {
  readonly end: number | NodeJS.Signals;
  readonly told: readonly Record<string, unknown>[];
  /** The end of what else it said, for whoever looks for the reason. */
  readonly said: string;
}

export interface RunOptions {
  readonly cwd: string;
  /** Beside the path, all that it is given. */
  readonly env: Readonly<Record<string, string>>;
}

/** Runs a program without a terminal until it ends, or has taken two minutes. */
export function runToItsEnd(program: string, args: readonly string[], { cwd, env }: RunOptions): Promise<Ended> {
  return untilItEnds(
    spawn(program, args, { cwd, env: { PATH: process.env['PATH'], ...env }, stdio: ['ignore', 'pipe', 'pipe'] }),
  );
}

function untilItEnds(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const late = setTimeout(() => child.kill('SIGKILL'), TURN_MS);
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(late);
      process.off('exit', kill);
      const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
      const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
      resolve({ end: signal ?? code ?? 1, told, said: `${stderr}${lines.at(-1) ?? stdout}`.slice(-2_000) });
    });
  });
}
