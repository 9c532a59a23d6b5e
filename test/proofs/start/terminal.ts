import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { comesTrue } from './machine.ts';

/** What the gateway tells whoever started it, as it stands in the terminal. */
export interface Block {
  /** The whole command line. */
  readonly curl: string;
  readonly key: string;
  readonly api: string;
  readonly claim: string;
}

const BLOCK_MS = 30_000;
const KILL_MS = 5_000;
const open = new Set<Terminal>();

// However the proof ends, nothing that it started outlives it.
process.on('exit', () => {
  for (const terminal of open) terminal.signal('SIGKILL');
});

/** For a scenario that was left half way: whatever it had started is killed. */
export async function killOpen(): Promise<void> {
  for (const terminal of [...open]) await terminal.close();
}

/** A command in a process group of its own, as a shell starts it in a terminal, with everything it prints. */
export class Terminal {
  readonly startedMs = performance.now();
  output = '';
  /** How the command that was typed ended. */
  readonly ended: Promise<number | NodeJS.Signals>;
  #over = false;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  /** The process group, which is also the typed command's own number. */
  readonly group: number;

  constructor(command: string, args: readonly string[], options: { cwd: string; env: NodeJS.ProcessEnv }) {
    this.#child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const { pid, stdout, stderr } = this.#child;
    if (pid === undefined) throw new Error(`${command} could not be started`);
    this.group = pid;
    for (const stream of [stdout, stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    }
    this.ended = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        this.#over = true;
        resolve(signal ?? code ?? 1);
      });
    });
    open.add(this);
  }

  /** Waits for the block and reads it, the curl line among it. @throws what was printed instead */
  async block(): Promise<Block> {
    let block: Block | undefined;
    await comesTrue(() => {
      block = blockIn(this.output);
      return block !== undefined || this.#over;
    }, BLOCK_MS);
    if (block === undefined) throw new Error(`no start block came: ${this.output.slice(-2_000)}`);
    return block;
  }

  /** As the terminal does on Ctrl-C (`SIGINT`): to everything in the group. */
  signal(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.group, signal);
    } catch (error) {
      // Nobody is left in the group, which is what every caller wants in the end.
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }

  /** Kills the command that was typed, and nothing below it. */
  killTyped(): void {
    this.#child.kill('SIGKILL');
  }

  /** Processes of the group that still run; one that only waits to be collected does not. */
  survivors(): number[] {
    const lines = execFileSync('ps', ['-eo', 'pid=,pgid=,stat='], { encoding: 'utf8' }).trim().split('\n');
    const processes = lines.map((line) => line.trim().split(/\s+/));
    return processes
      .filter(([, group, state]) => Number(group) === this.group && !state?.startsWith('Z'))
      .map(([pid]) => Number(pid));
  }

  /** @returns how long it took until the whole group was gone, or `undefined` when it was not */
  async gone(withinMs = KILL_MS): Promise<number | undefined> {
    const beganMs = performance.now();
    const gone = await comesTrue(() => this.survivors().length === 0, withinMs);
    if (!gone) return undefined;
    open.delete(this);
    return performance.now() - beganMs;
  }

  /** For a scenario that is through: whatever is left is killed. */
  async close(): Promise<void> {
    this.signal('SIGKILL');
    if ((await this.gone()) === undefined) throw new Error(`processes ${this.survivors()} outlived SIGKILL`);
  }
}

function blockIn(output: string): Block | undefined {
  const curl = /^ *Try it +(curl .*)\n/m.exec(output)?.[1];
  const key = /^ *Key +(lw_\w+)/m.exec(output)?.[1];
  const api = /^ *API +(http:\S+)/m.exec(output)?.[1];
  const claim = /^ *Page +(http:\S+)/m.exec(output)?.[1];
  if (curl === undefined || key === undefined || api === undefined || claim === undefined) return undefined;
  return { curl, key, api, claim };
}

/** What a running gateway leaves in its data directory. */
export class DataDir {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  get serverPid(): number {
    return (JSON.parse(readFileSync(join(this.path, 'server.json'), 'utf8')) as { pid: number }).pid;
  }

  /** Files that say that a gateway runs. */
  get signsOfLife(): string[] {
    return ['server.json', 'lock-owner.json'].filter((name) => existsSync(join(this.path, name)));
  }

  get devKey(): string {
    return readFileSync(join(this.path, 'dev.key'), 'utf8').trim();
  }

  get devKeyMode(): string {
    return (statSync(join(this.path, 'dev.key')).mode & 0o777).toString(8);
  }
}
