import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';

const LISTENING_MS = 15_000;
const ENDED_MS = 20_000;
const LAST_WORDS_CHARS = 800;

/** A program of this run. Its output goes to a file: a pipe would make the bench work for what it measures. */
export interface Started {
  readonly name: string;
  readonly pid: number;
  readonly command: readonly string[];
  /** What it has written so far, both streams. */
  said(): string;
  /** SIGINT, then SIGKILL; returns when it has ended. */
  stop(): Promise<void>;
}

/** The programs that a run started; all are ended with it, by their own ids. */
export class Processes implements AsyncDisposable {
  readonly #folder: string;
  readonly #children = new Set<ChildProcess>();
  readonly #started: Started[] = [];
  readonly #killAll = () => {
    for (const child of this.#children) child.kill('SIGKILL');
  };

  /** @param folder where their output is kept */
  constructor(folder: string) {
    this.#folder = folder;
    process.once('exit', this.#killAll);
  }

  start(name: string, command: readonly string[], env: Readonly<Record<string, string>> = {}): Started {
    const [program = '', ...args] = command;
    const path = join(this.#folder, `${name}.out`);
    const out = openSync(path, 'a');
    const child = spawn(program, args, { stdio: ['ignore', out, out], env: { ...process.env, ...env } });
    closeSync(out);
    if (child.pid === undefined) throw new Error(`${name} could not be started: ${program}`);
    this.#children.add(child);
    const ended = new Promise<void>((resolve) => {
      child.once('exit', () => {
        this.#children.delete(child);
        resolve();
      });
    });
    const started: Started = {
      name,
      pid: child.pid,
      command,
      said: () => readFileSync(path, 'utf8'),
      stop: () => stopped(child, ended),
    };
    this.#started.push(started);
    return started;
  }

  /** Waits until it listens. @throws with its last words when it does not within {@link LISTENING_MS} */
  async listening(started: Started, port: number): Promise<void> {
    const endMs = performance.now() + LISTENING_MS;
    while (!(await canConnect(port))) {
      if (performance.now() > endMs) {
        throw new Error(`${started.name} does not listen on port ${port}: ${started.said().slice(-LAST_WORDS_CHARS)}`);
      }
      await pause(20);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#started.map((one) => one.stop()));
    process.off('exit', this.#killAll);
  }
}

async function stopped(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  // As Ctrl-C does: nobody has to be told first that no more calls should come.
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGKILL'), ENDED_MS);
  await ended;
  clearTimeout(timer);
}

/** Below the range from which the kernel takes ports for connections, which a run opens by the thousand. */
const PORTS = { from: 12_000, to: 32_000 };

/** A port that was free a moment ago: nginx cannot be asked which one it got. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.from, PORTS.to);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
