/**
 * A server Postgres of a test's own: Debian's binaries, a cluster in a temporary
 * folder, a unix socket and a free port on 127.0.0.1. Nothing of the system's
 * own clusters is touched.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmod, chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemClock } from '../../src/kernel/clock.ts';

const run = promisify(execFile);

const BINARIES = '/usr/lib/postgresql';
const SUPERUSER = 'postgres';
const STARTED_MS_MAX = 30_000;
const STOPPED_MS_MAX = 15_000;

export interface PostgresServer extends AsyncDisposable {
  /** For `pg`: the superuser over TCP, without a password. */
  readonly url: string;
  readonly port: number;
  /** The process to send signals to. */
  readonly pid: number;
  /** `fast` ends sessions and checkpoints; `immediate` is a crash, and what a restart recovers from. */
  stop(mode: 'fast' | 'immediate'): Promise<void>;
  /** Starts the same cluster on the same port again. */
  start(): Promise<void>;
  /** A new, empty database. @returns its URL */
  createDatabase(name: string): Promise<string>;
}

/** The newest installed version's programs, `undefined` where none is installed. */
export async function postgresBinaries(): Promise<string | undefined> {
  const versions = await readdir(BINARIES).catch(() => [] as string[]);
  const newest = versions.filter((name) => /^\d+$/.test(name)).sort((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? undefined : join(BINARIES, newest, 'bin');
}

/**
 * Starts one, with fsync on. Postgres refuses to run as root: then it runs as
 * the system's `postgres`.
 *
 * @param settings lines of postgresql.conf, such as `max_connections=20`
 * @throws where Postgres is not installed (`apt-get install postgresql`), or does not start
 */
export async function startPostgres(settings: readonly string[] = []): Promise<PostgresServer> {
  const binaries = await postgresBinaries();
  if (binaries === undefined) throw new Error(`no Postgres under ${BINARIES}: apt-get install postgresql`);
  const server = new TemporaryServer(binaries, settings);
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return server;
}

class TemporaryServer implements PostgresServer {
  readonly #binaries: string;
  readonly #settings: readonly string[];
  #folder = '';
  #port = 0;
  #process: ChildProcess | undefined;
  #stderr = '';

  constructor(binaries: string, settings: readonly string[]) {
    this.#binaries = binaries;
    this.#settings = settings;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `postgres://${SUPERUSER}@127.0.0.1:${this.#port}/postgres`;
  }

  get pid(): number {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error('this Postgres does not run');
    return pid;
  }

  async initialise(): Promise<void> {
    // A short path: a unix socket's has at most 107 bytes.
    this.#folder = await mkdtemp('/tmp/lw-pg-');
    const owner = await unprivileged();
    if (owner !== undefined) await chown(this.#folder, owner.uid, owner.gid);
    await chmod(this.#folder, 0o700);
    const data = join(this.#folder, 'data');
    const options = ['-D', data, '-U', SUPERUSER, '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale=C.UTF-8'];
    await run(join(this.#binaries, 'initdb'), options, { ...owner, cwd: this.#folder });
    this.#port = await freePort();
  }

  async start(): Promise<void> {
    const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${this.#folder}`, ...this.#settings];
    const options = ['-D', join(this.#folder, 'data'), '-p', String(this.#port)];
    const child = spawn(join(this.#binaries, 'postgres'), [...options, ...settings.flatMap((line) => ['-c', line])], {
      ...(await unprivileged()),
      cwd: this.#folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process = child;
    this.#stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-8_192);
    });
    await this.#ready(child);
  }

  async stop(mode: 'fast' | 'immediate'): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    const timer = systemClock.after(STOPPED_MS_MAX, () => child.kill('SIGKILL'));
    await ended;
    timer.cancel();
  }

  async createDatabase(name: string): Promise<string> {
    const options = ['-h', '127.0.0.1', '-p', String(this.#port), '-U', SUPERUSER, name];
    await run(join(this.#binaries, 'createdb'), options);
    return `postgres://${SUPERUSER}@127.0.0.1:${this.#port}/${name}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('immediate');
    if (this.#folder !== '') await rm(this.#folder, { recursive: true, force: true });
  }

  async #ready(child: ChildProcess): Promise<void> {
    const untilMs = systemClock.monotonicMs() + STARTED_MS_MAX;
    const options = ['-h', '127.0.0.1', '-p', String(this.#port), '-U', SUPERUSER, '-q'];
    for (;;) {
      if (child.exitCode !== null) throw new Error(`Postgres ended with ${child.exitCode}: ${this.#stderr}`);
      const ready = await run(join(this.#binaries, 'pg_isready'), options).then(
        () => true,
        () => false,
      );
      if (ready) return;
      if (systemClock.monotonicMs() > untilMs) throw new Error(`Postgres does not start: ${this.#stderr}`);
      await new Promise<void>((resolve) => systemClock.after(20, resolve));
    }
  }
}

/** Who runs it: nobody else unless this is root, which Postgres refuses. */
async function unprivileged(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = async (flag: string) => Number((await run('id', [flag, SUPERUSER])).stdout.trim());
  return { uid: await idOf('-u'), gid: await idOf('-g') };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
