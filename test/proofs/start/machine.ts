import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

export interface Ended {
  /** The exit code, or the signal that killed it. */
  readonly end: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
  readonly tookMs: number;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly withinMs?: number;
}

/** The environment of a newcomer's shell: nothing of npm, of this checkout, of Leeward, and no provider's key. */
export function newcomerEnv(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(?:npm_|INIT_CWD$|NODE$|NODE_OPTIONS$|LEEWARD_)/.test(name) && !/_API_KEY$|^OPENAI_/.test(name),
  );
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((part) => !/node_modules|node-gyp-bin/.test(part));
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter) };
}

/** Runs a command to its end; kills it after `withinMs`, two minutes unless told. */
export function run(command: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? newcomerEnv(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const late = setTimeout(() => child.kill('SIGKILL'), options.withinMs ?? 120_000);
    child.once('error', (error) => {
      clearTimeout(late);
      reject(error);
    });
    child.once('close', (code, signal) => {
      clearTimeout(late);
      resolve({ end: signal ?? code ?? 1, stdout, stderr, tookMs: performance.now() - startedMs });
    });
  });
}

/** @throws what it printed, when it does not end with 0 */
export async function runWell(command: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  const ended = await run(command, args, options);
  if (ended.end !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${ended.end}: ${textOf(ended)}`);
  return ended;
}

export function textOf({ stdout, stderr }: Ended): string {
  return `${stdout}${stderr}`;
}

/** The first of these programs on a newcomer's path. */
export function found(...names: readonly string[]): string | undefined {
  const folders = (newcomerEnv()['PATH'] ?? '').split(delimiter);
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there, or not for us: either way it is none to run.
    return false;
  }
}

/** Holds a loopback port until the answer is closed. @param port 0 for any */
export function holdPort(port: number): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

export async function release(server: Server): Promise<number> {
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** The wanted port, or another one when somebody has it. */
export async function vacantPort(wanted: number): Promise<number> {
  const held = await holdPort(wanted).catch(() => holdPort(0));
  return release(held);
}

export async function comesTrue(condition: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> {
  const endMs = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > endMs) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}
