import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { undoAtExit } from '../../../faults/harness/at-exit.ts';
import { ask, askJson } from '../../../faults/harness/http-json.ts';
import { type Death, Program } from '../../../faults/harness/processes.ts';
import { comesTrue, pause } from '../../../faults/harness/waiting.ts';
import { NO_WEATHER } from '../../support/no-weather.ts';
import { usdWords } from './amounts.ts';
import { Callers } from './caller.ts';
import { type CallJson, type Line, linesOf } from './lines.ts';
import { Provider } from './provider.ts';
import { RICH } from './rich-prices.ts';

export type StoreKind = 'embedded' | 'server';

/** Where a house keeps its books. */
export interface StorePlace {
  readonly kind: StoreKind;
  /** Of a database that nobody else uses. */
  readonly databaseUrl: string | undefined;
}

export interface HouseOptions {
  readonly store: StorePlace;
  readonly sabotage?: string | undefined;
  /** Beside the providers, which every house has. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly prices?: Readonly<Record<string, PriceWords>>;
  /** Arguments of node before the launcher. */
  readonly hooks?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** As the configuration has it: US dollars for a million tokens. */
export interface PriceWords {
  readonly input_usd_per_million: string;
  readonly cached_input_usd_per_million?: string;
  readonly output_usd_per_million: string;
}

/** The simulator's own price list, in the words of the configuration: told here once more, by hand. */
export const PRICES: Readonly<Record<string, PriceWords>> = {
  'sim-small': words('0.15', '0.075', '0.60'),
  'sim-large': words('2.50', '1.25', '10.00'),
  'sim-reasoner': words('1.10', '0.55', '4.40'),
  'sim-slow': words('0.15', '0.075', '0.60'),
  'sim-embed': words('0.02', '0.02', '0'),
};

export function words(input: string, cached: string, output: string): PriceWords {
  return { input_usd_per_million: input, cached_input_usd_per_million: cached, output_usd_per_million: output };
}

export interface MadeKey {
  readonly id: string;
  readonly key: string;
}

export interface StartOptions {
  /** Stands before node and becomes it. */
  readonly within?: readonly string[];
  /** More arguments of node. */
  readonly hooks?: readonly string[];
}

const READY_MS = 30_000;
const PAGE = 200;

/** A provider that lives through everything, and the gateway in front of it, which does not. */
export class House implements AsyncDisposable {
  readonly options: HouseOptions;
  readonly scratch: string;
  readonly dataDir: string;
  readonly provider: Provider;
  readonly callers: Callers;
  adminToken = '';
  port = 0;
  /** The configuration that the next start or reload reads. */
  config: Record<string, unknown>;
  readonly #removeScratch: () => void;
  #gateway: Program | undefined;

  private constructor(options: HouseOptions, provider: Provider) {
    this.options = options;
    this.provider = provider;
    this.scratch = mkdtempSync(join(tmpdir(), 'leeward-money-'));
    this.#removeScratch = undoAtExit(() => rmSync(this.scratch, { recursive: true, force: true }));
    this.dataDir = join(this.scratch, 'data');
    mkdirSync(this.dataDir);
    this.callers = new Callers(() => this.url);
    this.config = configFor(provider.url, options);
  }

  static async start(options: HouseOptions): Promise<House> {
    const house = new House(options, await Provider.start());
    try {
      await house.startGateway();
    } catch (error) {
      await house[Symbol.asyncDispose]();
      throw error;
    }
    return house;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get configPath(): string {
    return join(this.scratch, 'leeward.yaml');
  }

  get gateway(): Program {
    if (this.#gateway === undefined) throw new Error('no gateway has been started');
    return this.#gateway;
  }

  get environment(): Record<string, string> {
    const { store, sabotage, env } = this.options;
    return {
      ...(store.databaseUrl === undefined ? {} : { DATABASE_URL: store.databaseUrl }),
      ...(sabotage === undefined ? {} : { LEEWARD_SABOTAGE: sabotage }),
      ...env,
    };
  }

  writeConfig(): void {
    // JSON is YAML.
    writeFileSync(this.configPath, JSON.stringify(this.config));
  }

  /** On the same port every time, and on the same books. */
  async startGateway(options: StartOptions = {}): Promise<void> {
    const { program, said } = await this.#spawn(options, (line) =>
      line.includes('"leeward is listening"') ? line : undefined,
    );
    this.#gateway = program;
    this.port = Number(new URL((JSON.parse(said) as { url: string }).url).port);
    const ready = async () => (await ask(`${this.url}/readyz`)).status === 200;
    const up = await comesTrue(() => program.dead || ready().catch(() => false), READY_MS);
    if (program.dead) throw new Error(`the gateway died before it was ready:\n${program.lines.slice(-5).join('\n')}`);
    if (!up) throw new Error(`the gateway listens and is not ready after ${READY_MS} ms`);
    this.adminToken = readFileSync(join(this.dataDir, 'admin-token'), 'utf8').trim();
  }

  /** Starts one and kills it so long after its process began. */
  async killWhileOpening(afterMs: number): Promise<void> {
    const begun = ['--import', 'data:text/javascript,console.log("begun")'];
    const { program } = await this.#spawn({ hooks: begun }, () => 'at once');
    await pause(afterMs);
    await program.kill();
  }

  async kill(): Promise<Death> {
    return this.gateway.kill();
  }

  /** As a service manager does it. */
  async stop(): Promise<Death> {
    return this.gateway.stop(30_000);
  }

  async reload(config: Record<string, unknown>): Promise<void> {
    this.config = config;
    this.writeConfig();
    const told = await this.admin('/admin/config/reload', {});
    if (told['outcome'] === 'failed')
      throw new Error(`the configuration was not put in force: ${JSON.stringify(told)}`);
  }

  /** Beside those that there are. */
  async addBudgets(budgets: Readonly<Record<string, unknown>>): Promise<void> {
    const before = this.config['budgets'] as object | undefined;
    await this.reload({ ...this.config, budgets: { ...before, ...budgets } });
  }

  /** @throws when the status is another than 2xx */
  admin(path: string, body?: unknown, method?: string): Promise<Record<string, unknown>> {
    const asked = { ...(body === undefined ? {} : { body }), ...(method === undefined ? {} : { method }) };
    return askJson(`${this.url}${path}`, { bearer: this.adminToken, ...asked });
  }

  async makeKey(name: string, more: object = {}): Promise<MadeKey> {
    const made = await this.admin('/admin/keys', { name, ...more });
    return { id: String(made['id']), key: String(made['key']) };
  }

  /** @returns the budget's id */
  async capKey({ id }: MadeKey, hard: bigint): Promise<string> {
    const scope = { kind: 'key', id };
    const made = await this.admin('/admin/budgets', { scope, per: 'lifetime', hard_usd: usdWords(hard) });
    return String(made['id']);
  }

  /** As the administrative API tells them. */
  async accountsOf(budget: string): Promise<{ readonly settled: bigint; readonly held: bigint }[]> {
    const told = await this.admin(`/admin/budgets/${encodeURIComponent(budget)}/accounts`);
    const accounts = told['data'] as Record<'settled' | 'held', { nano_usd: string }>[];
    return accounts.map(({ settled, held }) => ({ settled: BigInt(settled.nano_usd), held: BigInt(held.nano_usd) }));
  }

  /** All lines of the ledger, of one key where one is given. */
  async lines(key?: MadeKey): Promise<Line[]> {
    const lines: Line[] = [];
    let cursor: unknown;
    do {
      const from = typeof cursor === 'string' ? `&cursor=${encodeURIComponent(cursor)}` : '';
      const whose = key === undefined ? '' : `&key=${key.id}`;
      const page = await this.admin(`/admin/calls?limit=${PAGE}${whose}${from}`);
      lines.push(...(page['data'] as CallJson[]).flatMap(linesOf));
      cursor = page['next_cursor'];
    } while (cursor !== null);
    return lines;
  }

  /** Waits until no attempt runs any more: what a client left may go on for a while. */
  async settledLines(key?: MadeKey, withinMs = 10_000): Promise<Line[]> {
    let lines: Line[] = [];
    const done = await comesTrue(async () => {
      lines = await this.lines(key);
      return lines.every(({ outcome }) => outcome !== undefined);
    }, withinMs);
    if (!done) throw new Error(`attempts still run after ${withinMs} ms`);
    return lines;
  }

  #spawn(
    { within, hooks: more = [] }: StartOptions,
    ready: (line: string) => string | undefined,
  ): Promise<{ program: Program; said: string }> {
    this.writeConfig();
    const { hooks = [], sabotage } = this.options;
    const broken = sabotage === undefined ? [] : ['--import', './test/support/sabotage/preload.ts'];
    const serve = ['serve', '--port', String(this.port), '--data', this.dataDir, '--config', this.configPath];
    return Program.start({
      name: 'leeward serve',
      args: [...more, ...hooks, ...broken, 'bin/leeward.mjs', ...serve],
      env: this.environment,
      ...(within === undefined ? {} : { within }),
      ready,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.callers.close();
    await this.#gateway?.kill();
    await this.provider.stop();
    this.#removeScratch();
  }
}

function configFor(simUrl: string, { prices = PRICES, config }: HouseOptions): Record<string, unknown> {
  const provider = { preset: 'openai-compatible', api_key: 'sk-money-canary-0123456789', base_url: `${simUrl}/v1` };
  return {
    policies: NO_WEATHER,
    providers: {
      up: { ...provider, prices, on_client_gone: 'abort' },
      // The same provider once more, as one that goes on billing when its client leaves.
      draining: { ...provider, prices, ...DRAINS },
      flat: { ...provider, prices: { 'sim-small': words('0', '0', '0.60') } },
      gold: { ...provider, prices: { 'sim-small': GOLD } },
      unpriced: provider,
      // What has no meaning in any other dialect reaches a provider only here.
      native: { ...provider, prices, dialect: RESPONSES },
      'native-unpriced': { ...provider, dialect: RESPONSES },
      google: { ...provider, prices, dialect: GEMINI },
      'google-unpriced': { ...provider, dialect: GEMINI },
      'rich-messages': { ...provider, preset: 'anthropic', prices: { 'sim-small': RICH } },
      'rich-native': { ...provider, prices: { 'sim-small': RICH }, dialect: RESPONSES },
      'rich-google': { ...provider, prices: { 'sim-small': RICH }, dialect: GEMINI },
      // The catalogue knows how long an answer of this model gets, where a request cannot say it.
      known: {
        ...provider,
        preset: 'openai',
        deployments: { 'gpt-4o-mini': 'sim-small' },
        prices: { 'gpt-4o-mini': prices['sim-small'] },
      },
    },
    routes: {
      pair: { targets: ['up/sim-large', 'up/sim-small'] },
      trio: { targets: TRIO },
      drained: { targets: DRAINED },
    },
    ...config,
  };
}

/** Prices that a few tokens do not add up to a whole nano-dollar of. */
const GOLD = words('0.0375', '0.009375', '0.15');
const RESPONSES = ['openai-responses'];
const GEMINI = ['gemini', 'gemini-embeddings'];
const DRAINS = { on_client_gone: 'drain' };
const DRAINED = ['draining/sim-large', 'draining/sim-small'];
const TRIO = ['up/sim-large', 'up/sim-reasoner', 'up/sim-small'];
