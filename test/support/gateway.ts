import { Authenticator, type KnownKey } from '../../src/access/authenticator.ts';
import { makeKey } from '../../src/access/key-format.ts';
import { type DataPlane, dataPlane } from '../../src/compose/data-plane.ts';
import { openAiProvider } from '../../src/compose/providers.ts';
import type { ResponseMemory } from '../../src/compose/response-memory.ts';
import { translatedInto } from '../../src/compose/translations.ts';
import { OPENAI_DIALECTS } from '../../src/config/presets.ts';
import { Secret } from '../../src/config/secret.ts';
import type { ListedModel } from '../../src/edge/http/listed-models.ts';
import type { TokenCounter } from '../../src/exchange/token-counter.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { GatewayError } from '../../src/kernel/errors.ts';
import { IdMaker } from '../../src/kernel/ids.ts';
import { seededRandom, systemRandom } from '../../src/kernel/random.ts';
import { type HoldTaker, uncapped } from '../../src/money/hold.ts';
import { GatewayEvents } from '../../src/observability/gateway-events.ts';
import { makeLog } from '../../src/observability/log.ts';
import { Metrics } from '../../src/observability/metrics.ts';
import { RecentCalls } from '../../src/observability/recent-calls.ts';
import type { AttemptEnd, AttemptRecord, AttemptStart } from '../../src/protocol/attempt-record.ts';
import type { RoutePolicies } from '../../src/protocol/policy.ts';
import type { Priority } from '../../src/protocol/priority.ts';
import { type RoutableProvider, type RouteRule, Router } from '../../src/routing/router.ts';
import type { OnClientGone } from '../../src/routing/target.ts';
import { Weather } from '../../src/routing/weather.ts';

export interface TestGatewayOptions {
  /** Default: nobody has a budget. */
  readonly holds?: HoldTaker;
  /** Default: hang up, as providers do that stop billing then. */
  readonly onClientGone?: OnClientGone;
  /** Provider name to base URL. */
  readonly upstreams: Readonly<Record<string, string>>;
  /** Beside those of `upstreams`. */
  readonly providers?: readonly RoutableProvider[];
  /** Default: what the router knows. */
  readonly models?: () => readonly ListedModel[];
  readonly aliases?: Readonly<Record<string, string>>;
  readonly routes?: Readonly<Record<string, Partial<RouteRule> & Pick<RouteRule, 'targets'>>>;
  /** Default: nothing is hedged, and no target is tried twice. */
  readonly routePolicies?: Partial<RoutePolicies>;
  readonly prices?: { readonly input: bigint; readonly output: bigint };
  readonly timeouts?: { readonly firstByteMs?: number; readonly idleMs?: number; readonly totalMs?: number };
  readonly bodyBytesMax?: number;
  readonly inFlightBytesMax?: number;
  readonly streamUsageOption?: boolean;
  /** Default: a silent stream stays silent. */
  readonly pingMs?: number;
  /** Default: no answer is kept. */
  readonly memory?: ResponseMemory;
  /** Default: every call may come in. */
  readonly admit?: (priority: Priority) => void;
}

/** The real data path on a real socket, with a journal that a test can read. */
export class TestGateway implements AsyncDisposable {
  readonly records: AttemptRecord[] = [];
  readonly recent = new RecentCalls();
  readonly metrics = new Metrics('test', {
    exchangesRunning: () => 0,
    bodyBytesInFlight: () => 0,
    journalLagRecords: () => 0,
    journalLagBytes: () => 0,
    storeOpen: () => true,
  });
  /** What was thrown at the journal when it said that a record was written. */
  readonly unexpected: unknown[] = [];
  /** How many more starts the journal takes. */
  startsLeft = Number.POSITIVE_INFINITY;
  /** A journal that says it has room and then has none. */
  journalPromisesMore = false;
  readonly key: string;
  readonly keys = new Map<string, KnownKey>();
  readonly plane: DataPlane;
  readonly events: GatewayEvents;
  readonly authenticator: Authenticator;
  port = 0;
  readonly #providers: Map<string, RoutableProvider>;

  private constructor(options: TestGatewayOptions) {
    const random = systemRandom();
    const clock = systemClock;
    this.key = makeKey(random);
    this.keys.set(this.key, testKey('key_test'));
    this.#providers = new Map([
      ...Object.entries(options.upstreams).map(([name, url]) => [name, testProvider(name, url, options)] as const),
      ...(options.providers ?? []).map((provider) => [provider.handle.name, provider] as const),
    ]);
    const router = new Router(
      {
        providers: this.#providers,
        aliases: new Map(Object.entries(options.aliases ?? {})),
        routes: new Map(
          Object.entries(options.routes ?? {}).map(([name, rule]) => [
            name,
            { strategy: 'fallback', attemptsMax: 3, totalMs: 900_000, ...rule },
          ]),
        ),
        totalMs: 900_000,
        translates: translatedInto,
        routePolicies: { on: {}, degrade: [], ...options.routePolicies },
      },
      seededRandom(1),
    );
    this.events = new GatewayEvents({
      journal: {
        canAdmit: () => this.startsLeft > 0 || this.journalPromisesMore,
        stage: (record, onWritten) => {
          this.#append(record);
          clock.soon(() => this.#tell(onWritten));
        },
      },
      recent: this.recent,
      metrics: this.metrics,
      log: makeLog({ level: 'silent' }),
    });
    this.authenticator = new Authenticator({ lookup: async (key) => this.keys.get(key), clock, knownMs: 60_000 });
    this.plane = dataPlane({
      random,
      weather: new Weather(clock, random, {}),
      pingMs: () => options.pingMs,
      clock,
      ids: new IdMaker(clock, random),
      holds: options.holds ?? uncapped,
      tokens: ROUGH_TOKENS,
      events: this.events,
      authenticator: this.authenticator,
      isAdmin: () => false,
      anonymous: undefined,
      router: () => router,
      ...(options.models === undefined ? {} : { models: options.models }),
      versions: () => ({ config: 'test', prices: 'test' }),
      findCall: async (callId) => this.recent.get(callId),
      limits: {
        bodyBytesMax: options.bodyBytesMax ?? 20 * 1024 * 1024,
        inFlightBytesMax: options.inFlightBytesMax ?? 256 * 1024 * 1024,
      },
      allowedHosts: new Set(['127.0.0.1', 'localhost', '[::1]']),
      startedAt: clock.now(),
      memory: options.memory,
      otherRoutes: [],
      ...(options.admit === undefined ? {} : { admit: options.admit }),
    });
  }

  static async start(options: TestGatewayOptions): Promise<TestGateway> {
    const gateway = new TestGateway(options);
    gateway.port = await gateway.plane.server.listen('127.0.0.1', 0);
    return gateway;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.port}/v1`;
  }

  get starts(): AttemptStart[] {
    return this.records.filter((record) => record.kind === 'start');
  }

  get ends(): AttemptEnd[] {
    return this.records.filter((record) => record.kind === 'end');
  }

  /** As the journal does: what goes wrong with one call stays with it. */
  #tell(onWritten: () => void): void {
    try {
      onWritten();
    } catch (error) {
      this.unexpected.push(error);
    }
  }

  #append(record: AttemptRecord): void {
    if (record.kind === 'start' && this.startsLeft-- <= 0) {
      throw new GatewayError('budget_unavailable', { message: 'The journal is full.' });
    }
    this.records.push(record);
  }

  /** Every test ends here: nothing may be under way, and each start has its one end. */
  async [Symbol.asyncDispose](): Promise<void> {
    await until(() => this.plane.exchanges.running === 0, 'an exchange is still running');
    await this.plane.server.close();
    for (const { handle } of this.#providers.values()) await handle.transport.close();
    if (this.plane.bodies.inFlightBytes !== 0) throw new Error('request bytes are still held');
    if (this.events.attemptsRunning !== 0) throw new Error('an attempt has no end record');
    if (this.starts.length !== this.ends.length) throw new Error('starts and ends of attempts differ');
  }

  /** A call with the test's key over plain fetch. */
  async post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.port}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.key}`, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }
}

export function testKey(id: string): KnownKey {
  return { id, organisation: 'org_test', project: 'proj_test', scopes: [] };
}

function testProvider(name: string, baseUrl: string, options: TestGatewayOptions): RoutableProvider {
  const price = options.prices && { inputPicoUsd: options.prices.input, outputPicoUsd: options.prices.output };
  return openAiProvider(
    {
      name,
      preset: 'openai-compatible',
      origin: 'file',
      baseUrl,
      authHeader: 'bearer',
      dialects: OPENAI_DIALECTS,
      vocabulary: {},
      credentials: [{ name: 'main', apiKey: new Secret('sk-canary-upstream-0123456789'), weight: 1 }],
      headers: new Map(),
      http2: false,
      timeouts: options.timeouts ?? {},
      prices: new Map(),
      ...(price === undefined ? {} : { defaultPrice: price }),
      local: false,
      streamUsageOption: options.streamUsageOption ?? true,
      maxTokensField: 'max_tokens',
      onClientGone: options.onClientGone ?? { stream: 'abort', answer: 'abort' },
    },
    systemClock,
    [],
  );
}

/** Four bytes a token, at once: whoever needs the true count asks for it. */
const ROUGH_TOKENS: TokenCounter = {
  count: (texts) => Promise.resolve(texts.map((text) => Math.ceil(Buffer.byteLength(text) / 4))),
  exactly: () => Promise.resolve(undefined),
};

/** Polls until the condition holds; fails with the sentence after three seconds. */
export async function until(condition: () => boolean, otherwise: string, withinMs = 3_000): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(otherwise);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
