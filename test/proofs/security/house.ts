import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { undoAtExit } from '../../../faults/harness/at-exit.ts';
import { answerBytes, OK_ANSWER } from '../../../faults/harness/http-bytes.ts';
import { ask, askJson } from '../../../faults/harness/http-json.ts';
import { listenOnLoopback, vacantPort } from '../../../faults/harness/listen.ts';
import { Program } from '../../../faults/harness/processes.ts';
import { comesTrue } from '../../../faults/harness/waiting.ts';
import type { Guard } from '../../../src/edge/http/routes.ts';
import { RawUpstream } from '../../support/raw-upstream.ts';

/** A route as the gateway's own table has it. */
export interface KnownRoute {
  readonly method: string;
  readonly path: string;
  readonly guard: Guard;
}

/** Secrets that must stay where they belong; each is unlike anything else, so that one hit is a leak. */
export const CANARY = {
  providerKey: 'sk-canary-provider-7f3a91c2d4e5',
  prompt: 'canary-prompt-b81e44d09a',
  completion: 'canary-completion-5c20fe7713',
} as const;

export interface HouseOptions {
  readonly mode: 'serve' | 'dev';
  readonly sabotage?: string | undefined;
}

const EXPIRES_MS = 1_000;

/** A gateway as a process, a provider that says any bytes, and a place nobody may ever be sent to. */
export class House implements AsyncDisposable {
  readonly scratch: string;
  readonly dataDir: string;
  readonly configPath: string;
  readonly raw: RawUpstream;
  readonly elsewhere: Elsewhere;
  readonly options: HouseOptions;
  routes: readonly KnownRoute[] = [];
  port = 0;
  adminToken = '';
  /** Keys by what is wrong with them; `client` is good. */
  keys: Readonly<Record<'client' | 'metrics' | 'revoked' | 'expired', string>> = {
    client: '',
    metrics: '',
    revoked: '',
    expired: '',
  };
  readonly #removeScratch: () => void;
  #gateway: Program | undefined;

  private constructor(options: HouseOptions, raw: RawUpstream, elsewhere: Elsewhere) {
    this.options = options;
    this.raw = raw;
    this.elsewhere = elsewhere;
    this.scratch = mkdtempSync(join(tmpdir(), 'leeward-security-'));
    this.#removeScratch = undoAtExit(() => rmSync(this.scratch, { recursive: true, force: true }));
    this.dataDir = join(this.scratch, 'data');
    this.configPath = join(this.scratch, 'leeward.yaml');
  }

  static async start(options: HouseOptions): Promise<House> {
    const raw = await RawUpstream.start(answerWell);
    const house = new House(options, raw, await Elsewhere.start());
    try {
      await house.#writeConfig();
      await house.startGateway();
      await house.#makeKeys();
    } catch (error) {
      await house[Symbol.asyncDispose]();
      throw error;
    }
    return house;
  }

  get gateway(): Program {
    if (this.#gateway === undefined) throw new Error('the gateway has not been started');
    return this.#gateway;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get environment(): Record<string, string> {
    return { LEEWARD_CANARY_KEY: CANARY.providerKey };
  }

  async startGateway(): Promise<void> {
    const { mode, sabotage } = this.options;
    const routesPath = join(this.scratch, 'routes.json');
    const preloads = ['routes', 'projects'].map((what) => `./test/proofs/security/${what}-hook.ts`);
    // First of all, because the others load what it may have to change.
    if (sabotage !== undefined) preloads.unshift('./test/support/sabotage/preload.ts');
    const hooks = preloads.flatMap((path) => ['--import', path]);
    const { program, said } = await Program.start({
      name: `leeward ${mode}`,
      args: [...hooks, 'bin/leeward.mjs', mode, '--port', '0', '--data', this.dataDir, '--config', this.configPath],
      env: {
        ...this.environment,
        LEEWARD_PROOF_ROUTES: routesPath,
        ...(sabotage === undefined ? {} : { LEEWARD_SABOTAGE: sabotage }),
      },
      // Whoever tries it out at home may let everybody read everything: the gateway must not.
      ...(mode === 'dev' ? { within: ['sh', '-c', 'umask 000 && exec "$0" "$@"'] } : {}),
      ready: (line) => (mode === 'serve' ? /leeward is listening/ : /\?claim=/).exec(line)?.input,
    });
    this.#gateway = program;
    const server = JSON.parse(readFileSync(join(this.dataDir, 'server.json'), 'utf8')) as { url: string };
    this.port = Number(new URL(server.url).port);
    this.adminToken = readFileSync(join(this.dataDir, 'admin-token'), 'utf8').trim();
    await ask(`${this.url}/healthz`);
    this.routes = JSON.parse(readFileSync(routesPath, 'utf8')) as KnownRoute[];
    if (said === '') throw new Error('the gateway said nothing');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#gateway?.stop(3_000);
    await this.raw[Symbol.asyncDispose]();
    await this.elsewhere.stop();
    this.#removeScratch();
  }

  async #makeKeys(): Promise<void> {
    const make = async (name: string, more: object = {}) => {
      const made = await askJson(`${this.url}/admin/keys`, { bearer: this.adminToken, body: { name, ...more } });
      return { id: String(made['id']), key: String(made['key']) };
    };
    const client = await make('client');
    const metrics = await make('metrics', { scopes: ['metrics'] });
    const revoked = await make('revoked');
    const expiresAt = Date.now() + EXPIRES_MS;
    const expired = await make('expired', { expires_at: new Date(expiresAt).toISOString() });
    await ask(`${this.url}/admin/keys/${revoked.id}/revoke`, { method: 'POST', bearer: this.adminToken });
    this.keys = { client: client.key, metrics: metrics.key, revoked: revoked.key, expired: expired.key };
    await comesTrue(() => Date.now() > expiresAt, EXPIRES_MS + 1_000);
  }

  async #writeConfig(): Promise<void> {
    const provider = (baseUrl: string, more: object = {}) => ({
      preset: 'openai-compatible',
      base_url: baseUrl,
      api_key: '$'.concat('{env:LEEWARD_CANARY_KEY}'),
      ...more,
    });
    const quick = { connect: '300ms', first_byte: '300ms', idle: '300ms' };
    // JSON is YAML.
    const config = {
      log: { level: 'debug' },
      providers: {
        raw: provider(this.raw.baseUrl),
        quick: provider(this.raw.baseUrl, { timeouts: quick }),
        refused: provider(`http://127.0.0.1:${await vacantPort()}/v1`),
        unresolved: provider('http://leeward-proof.invalid/v1'),
      },
    };
    writeFileSync(this.configPath, JSON.stringify(config, undefined, 2));
  }
}

/** Answers every call as a provider does that has nothing to hide. */
export function answerWell(socket: import('node:net').Socket): void {
  socket.write(answerBytes(200, 'application/json', OK_ANSWER).toString().replace('connection: close\r\n', ''));
}

/** A server that a caller would like the gateway to talk to; it counts who comes. */
export class Elsewhere {
  readonly port: number;
  contacts = 0;
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
    server.on('connection', (socket) => {
      this.contacts++;
      socket.on('error', () => socket.destroy());
      socket.resume();
      socket.end(answerBytes(200, 'application/json', OK_ANSWER));
    });
  }

  static async start(): Promise<Elsewhere> {
    const server = createServer();
    return new Elsewhere(server, await listenOnLoopback(server));
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** A path that a route answers to, its variable part filled in. */
export function pathOf(route: KnownRoute, param = 'call_01k9zzzzzzzzzzzzzzzzzzzzzz'): string {
  return route.path.replace(/\{[^}]*\}/, param);
}

export function routeName({ method, path }: KnownRoute): string {
  return `${method} ${path}`;
}
