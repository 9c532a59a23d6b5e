import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { undoAtExit } from './at-exit.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LINES_MAX = 5_000;
const START_MS = 30_000;

/** Everything this run has started and not yet seen die. */
const running = new Set<Program>();

export interface ProgramOptions {
  readonly name: string;
  /** Arguments of node, the script among them. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A command that ends in becoming node: it stands before it and must keep its process. */
  readonly within?: readonly string[];
  /** Of the lines on stdout and stderr, the one that says it is up; its return value is handed to `start`. */
  ready(line: string): string | undefined;
}

/** How a process died: its exit code, or the signal. */
export interface Death {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One child process, its last lines, and its death. */
export class Program {
  readonly name: string;
  readonly pid: number;
  /** The last lines of stdout and stderr, oldest first. */
  readonly lines: string[] = [];
  readonly died: Promise<Death>;
  dead = false;
  readonly #child: ChildProcess;
  #said = 0;

  private constructor(name: string, child: ChildProcess, pid: number) {
    this.name = name;
    this.#child = child;
    this.pid = pid;
    this.died = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.dead = true;
        running.delete(this);
        resolve({ code, signal });
      });
    });
    running.add(this);
  }

  /** @throws when the process dies or stays silent before it is up, with its last lines */
  static async start(options: ProgramOptions): Promise<{ program: Program; said: string }> {
    const [command = '', ...args] = [...(options.within ?? []), process.execPath, ...options.args];
    const child = spawn(command, args, {
      cwd: ROOT,
      env: { ...bareEnv(), ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (child.pid === undefined) throw new Error(`${options.name} could not be started`);
    const program = new Program(options.name, child, child.pid);
    const up = Promise.withResolvers<string>();
    for (const stream of [child.stdout, child.stderr]) {
      eachLine(stream, (line) => {
        program.#note(line);
        const said = options.ready(line);
        if (said !== undefined) up.resolve(said);
      });
    }
    const late = setTimeout(() => up.reject(program.#failure('did not say that it is up')), START_MS);
    const early = program.died.then(() => up.reject(program.#failure('died before it was up')));
    try {
      return { program, said: await up.promise };
    } catch (error) {
      await program.kill();
      throw error;
    } finally {
      clearTimeout(late);
      early.catch(() => undefined);
    }
  }

  /** A place in the output, for `since`. */
  get mark(): number {
    return this.#said;
  }

  /** The lines said after a mark, as far as they are kept. */
  since(mark: number): string[] {
    const missed = this.#said - mark;
    return missed <= 0 ? [] : this.lines.slice(-missed);
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.dead) this.#child.kill(signal);
  }

  /** Asks it to end and waits; after `withinMs` it is killed. */
  async stop(withinMs = 10_000): Promise<Death> {
    // As Ctrl-C does: nobody has to be told first that no more calls should come.
    this.signal('SIGINT');
    const timer = setTimeout(() => this.signal('SIGKILL'), withinMs);
    const death = await this.died;
    clearTimeout(timer);
    return death;
  }

  async kill(): Promise<Death> {
    this.signal('SIGKILL');
    return this.died;
  }

  #note(line: string): void {
    this.#said++;
    this.lines.push(line);
    if (this.lines.length > LINES_MAX) this.lines.splice(0, LINES_MAX / 2);
  }

  #failure(what: string): Error {
    return new Error(`${this.name} ${what}:\n${this.lines.slice(-12).join('\n')}`);
  }
}

// However the run ends, nothing that was started outlives it.
undoAtExit(() => {
  for (const program of running) program.signal('SIGKILL');
});

/** Without npm's variables and the developer's own keys: a gateway must behave as on a server. */
function bareEnv(): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(?:npm_|NODE_OPTIONS$|LEEWARD_|DATABASE_URL$|HTTPS?_PROXY$)/i.test(name) && !name.endsWith('_API_KEY'),
    ),
  );
}

function eachLine(stream: NodeJS.ReadableStream | null, take: (line: string) => void): void {
  let rest = '';
  stream?.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) take(part);
  });
}
