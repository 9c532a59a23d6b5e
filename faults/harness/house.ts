import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FaultRuleInput } from '../../src/sim/faults/rules.ts';
import { NO_WEATHER } from '../../test/support/no-weather.ts';
import { RawUpstream } from '../../test/support/raw-upstream.ts';
import { undoAtExit } from './at-exit.ts';
import { type ClientDialect, requestIn } from './dialects.ts';
import { H2Upstreams } from './h2-upstreams.ts';
import { ask, askJson } from './http-json.ts';
import { vacantPort } from './listen.ts';
import { Names } from './names.ts';
import { descriptors } from './proc.ts';
import { Program } from './processes.ts';
import { provider } from './provider.ts';
import { Relay } from './relay.ts';
import { SilentPort } from './silent-port.ts';
import { startTlsUpstreams, TLS_KINDS, type TlsUpstreams } from './tls-upstreams.ts';
import { comesTrue } from './waiting.ts';

export type SimFault = FaultRuleInput['fault'];

export interface HouseOptions {
  /** One line of the product is replaced in its gateway. */
  readonly sabotage?: string | undefined;
  /** Where the store lives; a new folder by default. */
  readonly dataDir?: string;
  /** More arguments of node, as `--import` of a hook. */
  readonly nodeArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The gateway asks a name server of the house. Needs root. */
  readonly names?: boolean;
  /** More of `leeward.yaml`, as `providers` and `routes`. */
  readonly config?: (house: House) => Record<string, unknown>;
}

/** No row can be judged without a gateway: this is not a row's failure but the run's. */
export class HouseDown extends Error {}

/**
 * A gateway as a process of its own with everything it talks to: the simulated
 * provider as another process, behind a relay; an upstream that says any bytes;
 * TLS servers of each kind. Nothing else on the machine is touched.
 */
export class House implements AsyncDisposable {
  readonly sim: Program;
  readonly simUrl: string;
  readonly relay: Relay;
  readonly raw: RawUpstream;
  readonly tls: TlsUpstreams;
  readonly h2: H2Upstreams;
  readonly h2Relay: Relay;
  readonly silent: SilentPort;
  readonly names: Names | undefined;
  readonly dataDir: string;
  key = '';
  port = 0;
  adminToken = '';
  readonly #scratch: string;
  readonly #options: HouseOptions;
  readonly #removeScratch: () => void;
  #gateway: Program | undefined;
  #warmPid: number | undefined;

  private constructor(parts: HouseParts) {
    this.sim = parts.sim;
    this.simUrl = parts.simUrl;
    this.relay = parts.relay;
    this.raw = parts.raw;
    this.tls = parts.tls;
    this.h2 = parts.h2;
    this.h2Relay = parts.h2Relay;
    this.silent = parts.silent;
    this.names = parts.names;
    this.#options = parts.options;
    this.#scratch = mkdtempSync(join(tmpdir(), 'leeward-faults-'));
    this.#removeScratch = undoAtExit(() => rmSync(this.#scratch, { recursive: true, force: true }));
    this.dataDir = parts.options.dataDir ?? join(this.#scratch, 'data');
  }

  static async start(options: HouseOptions = {}): Promise<House> {
    const { program: sim, said } = await Program.start({
      name: 'leeward sim',
      args: ['bin/leeward.mjs', 'sim', '--port', '0'],
      ready: (line) => /^(http:\/\/.*)\/v1$/.exec(line)?.[1],
    });
    const relay = await Relay.start(Number(new URL(said).port));
    const raw = await RawUpstream.start((socket) => void socket.destroy());
    const tls = await startTlsUpstreams();
    const h2 = await H2Upstreams.start(tls.certificate);
    const house = new House({
      sim,
      simUrl: said,
      relay,
      raw,
      tls,
      h2,
      h2Relay: await Relay.start(h2.port),
      silent: await SilentPort.start('127.0.0.1'),
      names: options.names === true ? await Names.start(raw.port) : undefined,
      options,
    });
    try {
      await house.startGateway();
      await house.#makeKey();
    } catch (cause) {
      await house[Symbol.asyncDispose]();
      throw new HouseDown('the gateway does not start', { cause });
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

  /** Starts the gateway, or starts it again on the same store after it has died. */
  async startGateway(): Promise<void> {
    mkdirSync(this.dataDir, { recursive: true });
    const config = join(this.#scratch, 'leeward.yaml');
    // JSON is YAML.
    writeFileSync(config, JSON.stringify(await this.#config(), undefined, 2));
    const { sabotage, nodeArgs = [], env } = this.#options;
    const hooks = sabotage === undefined ? nodeArgs : [...nodeArgs, '--import', './test/support/sabotage/preload.ts'];
    const { program, said } = await Program.start({
      name: 'leeward serve',
      args: [...hooks, 'bin/leeward.mjs', 'serve', '--port', '0', '--data', this.dataDir, '--config', config],
      env: sabotage === undefined ? { ...env } : { ...env, LEEWARD_SABOTAGE: sabotage },
      ...(this.names === undefined ? {} : { within: this.names.mount }),
      ready: (line) => (line.includes('"leeward is listening"') ? line : undefined),
    });
    this.#gateway = program;
    const { url } = JSON.parse(said) as { url: string };
    this.port = Number(new URL(url).port);
    this.adminToken = readFileSync(join(this.dataDir, 'admin-token'), 'utf8').trim();
  }

  /** Rules for the simulator; none clears them. */
  async setFaults(...faults: readonly SimFault[]): Promise<void> {
    await askJson(`${this.simUrl}/sim/faults`, { body: faults.map((fault) => ({ fault })) });
  }

  /** The provider's own books. */
  async simCounts(): Promise<{
    calls: number;
    active: number;
    complete: number;
    cut: number;
    cancelled: number;
    error: number;
  }> {
    const counts = await askJson(`${this.simUrl}/sim/counts`);
    return counts as Awaited<ReturnType<House['simCounts']>>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#gateway?.stop(3_000);
    await this.relay.stop();
    await this.raw[Symbol.asyncDispose]();
    await this.tls.stop();
    await this.h2Relay.stop();
    await this.h2.stop();
    await this.silent.stop();
    await this.names?.stop();
    await this.sim.stop(3_000);
    this.#removeScratch();
  }

  /**
   * Has the gateway count tokens once in each of its lives, and speak every dialect: the vocabulary takes
   * 70 MB, which would otherwise count as what the first fault has cost, and what loads while a stream
   * comes gets it in one piece.
   */
  async warm(): Promise<void> {
    const { pid } = this.gateway;
    if (this.#warmPid === pid) return;
    this.#warmPid = pid;
    await this.setFaults({ kind: 'no-usage' });
    // A gateway that does not answer is for the row to find.
    for (const [client, model] of WARM_CALLS) await this.#warmCall(client, model).catch(() => undefined);
    await this.setFaults();
    // Its end may still be on its way to the journal; a row counts those that come in its time.
    await comesTrue(
      async () =>
        (await ask(`${this.url}/metrics`, { bearer: this.adminToken })).text.includes('leeward_exchanges_running 0'),
      5_000,
    );
    // Otherwise the row would be blamed for them.
    this.relay.closeAll();
    await comesTrue(() => descriptors(pid, this.dataDir).connections.length === 0, WARM_MS);
  }

  async #warmCall(client: ClientDialect, model: string): Promise<void> {
    const { path, body } = requestIn(client, { model, prompt: 'warm', streamed: true });
    await ask(`${this.url}${path}`, { bearer: this.key, body: JSON.parse(body), answerMs: WARM_MS });
  }

  async #makeKey(): Promise<void> {
    const made = await askJson(`${this.url}/admin/keys`, { bearer: this.adminToken, body: { name: 'faults' } });
    if (typeof made['key'] !== 'string') throw new Error('POST /admin/keys gave no key');
    this.key = made['key'];
  }

  async #config(): Promise<unknown> {
    const caFile = join(this.#scratch, 'authority.pem');
    writeFileSync(caFile, this.tls.authority);
    const sim = `http://127.0.0.1:${this.relay.port}/v1`;
    const google = `http://127.0.0.1:${this.relay.port}/v1beta`;
    const quick = { connect: '500ms', first_byte: '500ms', idle: '500ms' };
    const tls = TLS_KINDS.map((kind) => [
      `tls-${kind}`,
      provider(`https://127.0.0.1:${this.tls.ports[kind]}/v1`, {
        timeouts: { connect: '800ms' },
        // The stranger's certificate must be refused although everything else about it is right.
        ca_file: caFile,
      }),
    ]);
    const { providers = {}, routes = {}, ...more } = this.#options.config?.(this) ?? {};
    const h2 = { http2: true, ca_file: caFile };
    return {
      policies: NO_WEATHER,
      routes: {
        ...Object.fromEntries(
          Object.entries(FIRST_TARGETS).map(([name, target]) => [name, { targets: [target, 'sim1/sim-small'] }]),
        ),
        ...(routes as Record<string, unknown>),
      },
      ...more,
      server: { drain: '2s', drain_accept: '700ms' },
      log: { level: 'debug' },
      providers: {
        sim1: provider(sim),
        'sim1-quick': provider(sim, { timeouts: quick }),
        // Whose account is used up, so that nobody else's is thought to be.
        'sim1-unpaid': provider(sim),
        'sim1-short': provider(sim, { timeouts: { total: '900ms' } }),
        claude: provider(sim, MESSAGES),
        'claude-quick': provider(sim, { ...MESSAGES, timeouts: quick }),
        'raw-claude': provider(this.raw.baseUrl, MESSAGES),
        gpt: provider(sim, RESPONSES),
        'gpt-quick': provider(sim, { ...RESPONSES, timeouts: quick }),
        'raw-gpt': provider(this.raw.baseUrl, RESPONSES),
        google: provider(google, GEMINI),
        'google-quick': provider(google, { ...GEMINI, timeouts: quick }),
        'raw-google': provider(this.raw.baseUrl, GEMINI),
        raw: provider(this.raw.baseUrl),
        'raw-quick': provider(this.raw.baseUrl, { timeouts: quick }),
        'raw-unpaid': provider(this.raw.baseUrl),
        'raw-unpaid-streams': provider(this.raw.baseUrl),
        refused: provider(`http://127.0.0.1:${await vacantPort()}/v1`),
        unresolved: provider('http://leeward-faults.invalid/v1'),
        ...Object.fromEntries(tls),
        h2: provider(`https://127.0.0.1:${this.h2Relay.port}/v1`, h2),
        'h2-quick': provider(`https://127.0.0.1:${this.h2Relay.port}/v1`, { ...h2, timeouts: quick }),
        'h2-closed': provider(`https://127.0.0.1:${this.h2.closedPort}/v1`, { ...h2, timeouts: quick }),
        'silent-port': provider(`http://127.0.0.1:${this.silent.port}/v1`, { timeouts: { connect: '800ms' } }),
        ...this.names?.providers(),
        ...(providers as Record<string, unknown>),
      },
    };
  }
}

/** Routes whose first target is at fault; the second one is the simulator. */
const FIRST_TARGETS = {
  'raw-then-sim': 'raw-quick/m',
  'throttled-then-sim': 'raw/throttled',
  'throttled-stream-then-sim': 'raw/throttled-stream',
  'unpaid-then-sim': 'raw-unpaid/m',
  'unpaid-stream-then-sim': 'raw-unpaid-streams/m',
  'refused-then-sim': 'refused/m',
  'silent-then-sim': 'silent-port/m',
  'stranger-then-sim': 'tls-self-signed/m',
  'expired-then-sim': 'tls-expired/m',
  'wrong-host-then-sim': 'tls-wrong-host/m',
  'old-protocol-then-sim': 'tls-old-protocol/m',
  'stalled-then-sim': 'tls-stalled/m',
  'unresolved-then-sim': 'unresolved/m',
};

interface HouseParts {
  readonly sim: Program;
  readonly simUrl: string;
  readonly relay: Relay;
  readonly raw: RawUpstream;
  readonly tls: TlsUpstreams;
  readonly h2: H2Upstreams;
  readonly h2Relay: Relay;
  readonly silent: SilentPort;
  readonly names: Names | undefined;
  readonly options: HouseOptions;
}

const WARM_MS = 3_000;
/** Each dialect once as the client's and once as the provider's; of chat natively too. */
const WARM_CALLS: readonly (readonly [ClientDialect, string])[] = [
  ['chat', 'sim1/sim-small'],
  ['chat', 'claude/sim-small'],
  ['messages', 'gpt/sim-small'],
  ['responses', 'google/sim-small'],
  ['gemini', 'sim1/sim-small'],
];
/** A provider that speaks Anthropic's Messages. */
const MESSAGES = { dialect: 'anthropic-messages' };
const RESPONSES = { dialect: 'openai-responses' };
const GEMINI = { preset: 'gemini', dialect: 'gemini' };
