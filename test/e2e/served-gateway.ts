import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';

const ROOT = resolve(import.meta.dirname, '../..');
const START_MS_MAX = 20_000;

export interface ServeOptions {
  readonly mode?: 'dev' | 'serve';
  /** The text of `leeward.yaml`. */
  readonly config?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Absent: a directory of its own, removed at the end. */
  readonly dataDir?: string;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** A program of ours as a process of its own, with everything it printed. */
export class Program {
  readonly child: Child;
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}, cwd = tmpdir()) {
    // A bare environment: what the machine happens to export must not turn into providers.
    this.child = spawn(process.execPath, [join(ROOT, 'bin/leeward.mjs'), ...args], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '', ...env },
    });
    this.child.stdout.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString();
    });
    this.child.stderr.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    // A test that fails in the middle must not leave a process behind.
    const kill = () => this.child.kill('SIGKILL');
    process.once('exit', kill);
    this.ended = new Promise((done) => {
      this.child.once('close', (code, signal) => {
        process.off('exit', kill);
        done({ code, signal });
      });
    });
  }

  /** Runs a command line to its end. */
  static async run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Program & Ended> {
    const program = new Program(args, env);
    const ended = await program.ended;
    return Object.assign(program, ended);
  }
}

/** `leeward serve` or `leeward dev` on a port of its own, as a user would run it. */
export class ServedGateway implements AsyncDisposable {
  readonly program: Program;
  readonly dataDir: string;
  readonly url: string;
  /** The same, unless the configuration wants administration elsewhere. */
  readonly adminUrl: string;
  readonly adminToken: string;
  /** A key made through the admin API once the server ran. */
  key = '';
  readonly #ownsDataDir: boolean;

  private constructor(program: Program, dataDir: string, ownsDataDir: boolean, urls: Urls) {
    this.program = program;
    this.dataDir = dataDir;
    this.#ownsDataDir = ownsDataDir;
    this.url = urls.url;
    this.adminUrl = urls.admin_url;
    this.adminToken = readFileSync(join(dataDir, 'admin-token'), 'utf8').trim();
  }

  static async start(options: ServeOptions = {}): Promise<ServedGateway> {
    const dataDir = options.dataDir ?? temporaryDir();
    const program = new Program(serveArgs(dataDir, options), options.env);
    const urls = await listening(program, dataDir);
    const gateway = new ServedGateway(program, dataDir, options.dataDir === undefined, urls);
    gateway.key = await gateway.createKey({ name: 'e2e' });
    return gateway;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  get baseURL(): string {
    return `${this.url}/v1`;
  }

  /** What was logged, line by line; a line that is no JSON fails. */
  logs(): Record<string, unknown>[] {
    const lines = this.program.stderr.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  async admin(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Response> {
    return fetch(this.adminUrl + path, {
      method,
      headers: { authorization: `Bearer ${this.adminToken}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async createKey(request: Record<string, unknown>): Promise<string> {
    return (await this.newKey(request)).key;
  }

  async newKey(request: Record<string, unknown>): Promise<{ id: string; key: string }> {
    const response = await this.admin('POST', '/admin/keys', request);
    if (response.status !== 201) throw new Error(`no key: ${response.status} ${await response.text()}`);
    return (await response.json()) as { id: string; key: string };
  }

  /** A plain request with the gateway's key. */
  async request(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.url + path, {
      ...init,
      headers: { authorization: `Bearer ${this.key}`, ...(init.headers as Record<string, string>) },
    });
  }

  async post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return this.request(path, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  }

  /** The record of a call that has ended, waited for at most `withinMs`. */
  async call(id: string | null | undefined, withinMs = 5_000): Promise<CallJson> {
    const endMs = performance.now() + withinMs;
    for (;;) {
      const response = await this.request(`/v1/calls/${id}`);
      const call = (await response.json()) as CallJson;
      if (response.ok && call.state === 'ended') return call;
      if (performance.now() > endMs) {
        throw new Error(`call ${id} has not ended within ${withinMs} ms: ${JSON.stringify(call)}`);
      }
      await new Promise((done) => setTimeout(done, 10));
    }
  }

  async metrics(): Promise<string> {
    return (await this.admin('GET', '/metrics')).text();
  }

  /** One sample of `/metrics`, 0 when it has never been counted. */
  async metric(sample: string): Promise<number> {
    const line = (await this.metrics()).split('\n').find((candidate) => candidate.startsWith(`${sample} `));
    return line === undefined ? 0 : Number(line.slice(sample.length + 1));
  }

  signal(name: NodeJS.Signals): void {
    this.program.child.kill(name);
  }

  /** Ends the process if it still runs, and proves that it left nothing under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.program.child.exitCode === null && this.program.child.signalCode === null) {
      const running = await this.metric('leeward_exchanges_running');
      const bytes = await this.metric('leeward_body_bytes_in_flight');
      // Nobody balances over it: no call is still on its way.
      this.signal('SIGINT');
      const { code } = await this.program.ended;
      if (running !== 0) throw new Error(`${running} calls were still under way`);
      if (bytes !== 0) throw new Error(`${bytes} request bytes were still held`);
      if (code !== 0) throw new Error(`the gateway ended with ${code}: ${this.program.stderr.slice(-2_000)}`);
    }
    if (this.#ownsDataDir) rmSync(this.dataDir, { recursive: true, force: true });
  }
}

export interface AttemptJson {
  readonly provider: string;
  readonly outcome: string | null;
  readonly error: string | null;
  readonly error_message: string | null;
  readonly usage_source: string | null;
  readonly usage: UsageJson | null;
}

interface UsageJson {
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly reasoning_tokens: number | null;
}

/** The part of `GET /v1/calls/{id}` that these tests look at. */
export interface CallJson {
  readonly id: string;
  readonly state: 'running' | 'ended';
  readonly status: number | null;
  readonly error: string | null;
  readonly stream: boolean;
  readonly provider: string | null;
  readonly model: string | null;
  readonly cost: { readonly currency: string; readonly amount: string } | null;
  readonly usage: UsageJson | null;
  readonly client_request_id: string | null;
  readonly trace_id: string | null;
  readonly attempts: readonly AttemptJson[];
}

export function temporaryDir(): string {
  return mkdtempSync(join(tmpdir(), 'leeward-e2e-'));
}

function serveArgs(dataDir: string, options: ServeOptions): string[] {
  const args = [options.mode ?? 'serve', '--port', '0', '--data', dataDir, ...(options.args ?? [])];
  if (options.config === undefined) return args;
  const path = join(dataDir, 'leeward.yaml');
  writeFileSync(path, options.config);
  return [...args, '--config', path];
}

interface Urls {
  readonly url: string;
  readonly admin_url: string;
}

async function listening(program: Program, dataDir: string): Promise<Urls> {
  const endMs = performance.now() + START_MS_MAX;
  for (;;) {
    const urls = listeningUrls(dataDir, program.child.pid);
    if (urls !== undefined) return urls;
    if (program.child.exitCode !== null || performance.now() > endMs) {
      program.child.kill('SIGKILL');
      throw new Error(`the gateway did not start: ${program.stderr}${program.stdout}`);
    }
    await new Promise((done) => setTimeout(done, 20));
  }
}

function listeningUrls(dataDir: string, pid: number | undefined): Urls | undefined {
  try {
    const facts = JSON.parse(readFileSync(join(dataDir, 'server.json'), 'utf8')) as Urls & { pid: number };
    return facts.pid === pid ? facts : undefined;
  } catch {
    // Not there yet, or half written.
    return undefined;
  }
}
