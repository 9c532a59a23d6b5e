import { type ChildProcess, spawn } from 'node:child_process';
import { undoAtExit } from '../../../faults/harness/at-exit.ts';
import { pause } from '../../../faults/harness/waiting.ts';

const ATTACHED_MS = 5_000;

/** What strace does to system calls: kill the process at the n-th, or let all of them fail. */
export interface Injection {
  /** As strace names them: `fsync,fdatasync`. */
  readonly calls: string;
  readonly what: { readonly killAt: number } | { readonly error: 'EIO' | 'ENOSPC' };
}

/**
 * strace, attached to processes that run, until it is detached or its victim is
 * dead. What it traces it slows down: attach it when it is needed.
 */
export class Tracer {
  readonly #child: ChildProcess;
  readonly #over: Promise<void>;
  readonly #undo: () => void;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#over = new Promise((resolve) => child.once('exit', () => resolve()));
    this.#undo = undoAtExit(() => child.kill('SIGKILL'));
  }

  /** @throws when it cannot attach: where it is missing, or not allowed */
  static async attach(pids: readonly number[], { calls, what }: Injection): Promise<Tracer> {
    const injected = 'killAt' in what ? `signal=SIGKILL:when=${what.killAt}` : `error=${what.error}`;
    const options = ['-f', '-e', `trace=${calls}`, '-e', `inject=${calls}:${injected}`, '-o', '/dev/null'];
    const child = spawn('strace', [...options, ...pids.flatMap((pid) => ['-p', String(pid)])], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const tracer = new Tracer(child);
    let said = '';
    const attached = new Promise<boolean>((resolve) => {
      child.once('error', (error) => {
        said += String(error);
        resolve(false);
      });
      child.once('exit', () => resolve(false));
      child.stderr?.on('data', (part: Buffer) => {
        said += part.toString();
        if (pids.every((pid) => isAttached(said, pid))) resolve(true);
      });
    });
    const fine = await Promise.race([attached, pause(ATTACHED_MS).then(() => false)]);
    if (fine) return tracer;
    await tracer.detach();
    throw new Error(`strace cannot be attached: ${said.slice(0, 300)}`);
  }

  /** What it traced goes on as before. */
  async detach(): Promise<void> {
    // SIGINT detaches, SIGKILL would leave threads stopped.
    if (this.#child.exitCode === null && this.#child.signalCode === null && this.#child.pid !== undefined) {
      this.#child.kill('SIGINT');
      await Promise.race([this.#over, pause(ATTACHED_MS)]);
    }
    this.#undo();
  }
}

/** Or gone before it could be: a session of a server may end at any time. */
function isAttached(said: string, pid: number): boolean {
  return new RegExp(`Process ${pid} attached|PTRACE_\\w+, ${pid}\\): No such process`).test(said);
}
