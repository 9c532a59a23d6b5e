import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askJson } from '../../../faults/harness/http-json.ts';
import { type Death, Program } from '../../../faults/harness/processes.ts';
import { comesTrue } from '../../../faults/harness/waiting.ts';
import type { CallRecord } from '../../../src/sim/counts.ts';
import { NO_WEATHER } from '../../support/no-weather.ts';

const SETTLED_MS = 5_000;
const READY_MS = 15_000;
const PAGE = 10_000;

/** A simulated provider that lives through everything, and the gateway in front of it that does not. */
export class House implements AsyncDisposable {
  readonly dataDir: string;
  key = '';
  readonly #scratch: string;
  readonly #sim: Program;
  readonly #simUrl: string;
  readonly #sabotage: string | undefined;
  readonly #databaseUrl: string | undefined;
  #gateway: Program | undefined;
  #port = 0;

  private constructor(sim: Program, simUrl: string, sabotage?: string, databaseUrl?: string) {
    this.#sim = sim;
    this.#simUrl = simUrl;
    this.#sabotage = sabotage;
    this.#databaseUrl = databaseUrl;
    this.#scratch = mkdtempSync(join(tmpdir(), 'leeward-kill-'));
    this.dataDir = join(this.#scratch, 'data');
    mkdirSync(this.dataDir);
  }

  /** @param databaseUrl of a server Postgres; absent, the store is embedded */
  static async start(sabotage?: string, databaseUrl?: string): Promise<House> {
    const { program, said } = await Program.start({
      name: 'leeward sim',
      args: ['bin/leeward.mjs', 'sim', '--port', '0'],
      ready: (line) => /^(http:\/\/.*)\/v1$/.exec(line)?.[1],
    });
    const house = new House(program, said, sabotage, databaseUrl);
    await askJson(`${said}/sim/faults`, {
      body: [{ match: { model: 'sim-large', probability: 0.5 }, fault: { kind: 'status', code: 500 } }],
    });
    return house;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get journalRejects(): boolean {
    return existsSync(join(this.dataDir, 'journal', 'rejected.log'));
  }

  /** @returns milliseconds from spawn until it says that it listens and that it is ready */
  async startGateway(): Promise<{ listeningMs: number; readyMs: number }> {
    const spawnedMs = performance.now();
    const { program, said } = await this.#spawn((line) => (line.includes('"leeward is listening"') ? line : undefined));
    const listeningMs = performance.now() - spawnedMs;
    this.#gateway = program;
    // The same port every time: a killed gateway must not keep its successor from it.
    this.#port = Number(new URL((JSON.parse(said) as { url: string }).url).port);
    const ready = await comesTrue(() => this.isReady(), READY_MS);
    if (!ready) throw new Error(`the gateway listens and is not ready after ${READY_MS} ms`);
    const readyMs = performance.now() - spawnedMs;
    if (this.key === '') await this.#makeKey();
    return { listeningMs, readyMs };
  }

  /** Starts the gateway and kills it before it has opened its store. */
  async killWhileOpening(afterMs: number): Promise<void> {
    const { program } = await this.#spawn(() => 'at once', ['--import', 'data:text/javascript,console.log("begun")']);
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    await program.kill();
  }

  async killGateway(): Promise<Death> {
    return this.#running().kill();
  }

  /** As a service manager does it. */
  async stopGateway(): Promise<Death> {
    return this.#running().stop(20_000);
  }

  async isReady(): Promise<boolean> {
    return (await fetch(`${this.url}/readyz`)).ok;
  }

  /** Whether this call can be read with the key that made it, as one that has ended. */
  async isReadable(callId: string): Promise<boolean> {
    const response = await fetch(`${this.url}/v1/calls/${callId}`, {
      headers: { authorization: `Bearer ${this.key}` },
    });
    return response.ok && ((await response.json()) as { state?: string }).state === 'ended';
  }

  /** The provider's books, once none of its calls is under way any more. */
  async upstreamCalls(): Promise<CallRecord[]> {
    const counts = async () => (await askJson(`${this.#simUrl}/sim/counts`)) as { active: number; dropped: number };
    await comesTrue(async () => (await counts()).active === 0, SETTLED_MS);
    const { active, dropped } = await counts();
    if (active > 0 || dropped > 0) throw new Error(`upstream has ${active} calls open and forgot ${dropped}`);
    const calls: CallRecord[] = [];
    for (;;) {
      const page = await askJson(`${this.#simUrl}/sim/calls?since=${calls.at(-1)?.n ?? 0}&limit=${PAGE}`);
      const found = page['calls'] as CallRecord[];
      calls.push(...found);
      if (found.length < PAGE) return calls;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#gateway?.kill();
    await this.#sim.stop(3_000);
    rmSync(this.#scratch, { recursive: true, force: true });
  }

  #running(): Program {
    if (this.#gateway === undefined) throw new Error('no gateway has been started');
    return this.#gateway;
  }

  #spawn(
    ready: (line: string) => string | undefined,
    more: readonly string[] = [],
  ): Promise<{ program: Program; said: string }> {
    const config = join(this.#scratch, 'leeward.yaml');
    // JSON is YAML.
    writeFileSync(config, JSON.stringify(configFor(this.#simUrl)));
    const hooks = this.#sabotage === undefined ? [] : ['--import', './test/support/sabotage/preload.ts'];
    const serve = ['serve', '--port', String(this.#port), '--data', this.dataDir, '--config', config];
    return Program.start({
      name: 'leeward serve',
      args: [...more, ...hooks, 'bin/leeward.mjs', ...serve],
      env: {
        DATABASE_URL: this.#databaseUrl ?? '',
        ...(this.#sabotage === undefined ? {} : { LEEWARD_SABOTAGE: this.#sabotage }),
      },
      ready,
    });
  }

  async #makeKey(): Promise<void> {
    const bearer = readFileSync(join(this.dataDir, 'admin-token'), 'utf8').trim();
    const made = await askJson(`${this.url}/admin/keys`, { bearer, body: { name: 'kill' } });
    if (typeof made['key'] !== 'string') throw new Error('POST /admin/keys gave no key');
    this.key = made['key'];
  }
}

function configFor(simUrl: string): unknown {
  const price = { input_usd_per_million: '0.15', output_usd_per_million: '0.60' };
  return {
    providers: {
      up: {
        preset: 'openai-compatible',
        base_url: `${simUrl}/v1`,
        api_key: 'sk-kill-canary-0123456789',
        prices: { 'sim-small': price, 'sim-large': price },
      },
    },
    policies: NO_WEATHER,
    routes: { pair: { targets: ['up/sim-large', 'up/sim-small'] } },
  };
}
