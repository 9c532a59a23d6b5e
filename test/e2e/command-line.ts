import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const LAUNCHER = join(resolve(import.meta.dirname, '../..'), 'bin/leeward.mjs');

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Absent: an input that is empty. */
  readonly input?: string;
  /** Called with all of stdout so far, until it returns true: to signal the process, or to close its output. */
  onOut?(out: string, process: RunningCommand): boolean;
}

export interface RunningCommand {
  signal(name: NodeJS.Signals): true;
  /** What a reader does that has seen enough. */
  closeOutput(): true;
}

export interface CommandResult {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  readonly tookMs: number;
}

/** Runs one command line as a process of its own, in a bare environment, to its end. */
export function leeward(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const child = spawn(process.execPath, [LAUNCHER, ...args], {
    cwd: options.cwd ?? tmpdir(),
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', ...options.env },
  });
  const startedMs = performance.now();
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const running: RunningCommand = {
    signal(name) {
      child.kill(name);
      return true;
    },
    closeOutput() {
      child.stdout.destroy();
      return true;
    },
  };
  let acted = false;
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
    if (!acted) acted = options.onOut?.(out, running) ?? true;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  // A command that reads nothing ends before its input does.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  return new Promise((done, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      process.off('exit', kill);
      done({ code, out, err, tookMs: performance.now() - startedMs });
    });
  });
}
