import { expect } from 'vitest';
import { routable, TIMEOUTS } from '../../../src/compose/providers.ts';
import { LazyTranslations, translatedInto } from '../../../src/compose/translations.ts';
import { openAiChat, openAiEmbeddings } from '../../../src/edge/openai/dialects.ts';
import type { RequestFacts } from '../../../src/exchange/call.ts';
import type { WireDialect } from '../../../src/exchange/dialect.ts';
import { Exchanges } from '../../../src/exchange/exchanges.ts';
import { pico } from '../../../src/kernel/amounts.ts';
import { VirtualClock } from '../../../src/kernel/clock.ts';
import { seededRandom } from '../../../src/kernel/random.ts';
import { Cashier } from '../../../src/money/cashier.ts';
import type { ChargePolicy } from '../../../src/money/hold.ts';
import type { Dialect } from '../../../src/protocol/operation.ts';
import type { RoutePolicies, TargetPolicies } from '../../../src/protocol/policy.ts';
import { type RoutableProvider, type RouteRule, Router } from '../../../src/routing/router.ts';
import type { AttemptTimeouts, ModelLimits, OnClientGone } from '../../../src/routing/target.ts';
import { Weather } from '../../../src/routing/weather.ts';
import { lifetimeAccount, UnreliableLedger } from '../unreliable-ledger.ts';
import { HandRecords } from './records.ts';
import { type Asked, HandTransport } from './upstream.ts';

export interface HandProvider {
  /** Names of credentials; none: it needs none. */
  readonly credentials?: readonly string[];
  /** Pico-USD for an output token; half of it for one of input. `null`: nobody knows. Default: 2,000. */
  readonly outputPicoUsd?: bigint | null;
  readonly timeouts?: Partial<AttemptTimeouts>;
  readonly onClientGone?: OnClientGone;
  /** Default: OpenAI's. */
  readonly dialects?: readonly Dialect[];
  readonly limits?: ModelLimits;
}

export interface HandHouseOptions {
  /** Each has the models `m` and `n`. */
  readonly providers: Readonly<Record<string, HandProvider>>;
  /** Of the route `r`, as `provider/model`. */
  readonly targets: readonly string[];
  readonly policies?: Partial<RoutePolicies>;
  readonly targetPolicies?: TargetPolicies;
  readonly attemptsMax?: number;
  readonly totalMs?: number;
  /** Nano-USD that all calls together may cost. Absent: there is no limit. */
  readonly budget?: bigint;
  readonly charge?: ChargePolicy;
}

export interface CallAsked {
  readonly stream?: boolean;
  readonly facts?: Partial<RequestFacts>;
  readonly embeddings?: boolean;
  readonly messages?: readonly unknown[];
  /** Default: OpenAI's chat. */
  readonly dialect?: WireDialect;
  /** Fields besides, or in the place of, the usual ones; `undefined` takes one away. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** What a client got. */
export interface Got {
  status: number;
  headers: readonly string[];
  text: string;
  heads: number;
  ended: number;
  cut: number;
}

/**
 * The real exchange, router, weather and money in virtual time, with
 * providers, a journal and clients that do what a test says when it says so.
 */
export class HandHouse {
  readonly clock = new VirtualClock();
  readonly records = new HandRecords();
  readonly ledger = new UnreliableLedger();
  /** Requests as providers got them, over all of them in order. */
  readonly asked: Asked[] = [];
  readonly transports = new Map<string, HandTransport>();
  readonly exchanges: Exchanges;
  readonly weather: Weather;
  /** To be prepared by a test whose calls are translated: modules are read in real time. */
  readonly translations = new LazyTranslations();
  readonly #account: ReturnType<typeof lifetimeAccount>;
  #calls = 0;

  constructor(options: HandHouseOptions) {
    const { clock } = this;
    this.#account = lifetimeAccount('bud_1', options.budget);
    const holds = new Cashier({
      ledger: this.ledger,
      clock,
      accountsOf: () => (options.budget === undefined ? [] : [this.#account]),
      policy: () => options.charge ?? 'winner_only',
      onSettled: () => undefined,
      onTrouble: (error) => this.records.unexpected(error),
    });
    const router = this.#router(options);
    this.weather = new Weather(clock, seededRandom(1), {});
    this.exchanges = new Exchanges({
      clock,
      random: seededRandom(2),
      weather: this.weather,
      pingMs: () => undefined,
      holds,
      tokens: {
        count: async (texts) => texts.map((text) => text.length),
        exactly: async () => undefined,
      },
      events: this.records,
      translations: this.translations,
      plan: ({ request, facts }) =>
        router.plan({
          model: request.modelAsked,
          dialect: request.dialect.id,
          ...(facts.timeoutMs === undefined ? {} : { timeoutMs: facts.timeoutMs }),
        }),
    });
  }

  begin({ stream = false, facts = {}, embeddings = false, messages, fields = {}, ...more }: CallAsked = {}) {
    const got: Got = { status: 0, headers: [], text: '', heads: 0, ended: 0, cut: 0 };
    const asked = embeddings
      ? { model: 'route/r', input: 'hello' }
      : {
          model: 'route/r',
          stream,
          max_tokens: 100,
          messages: messages ?? [{ role: 'user', content: 'hello' }],
          ...fields,
        };
    const dialect = more.dialect ?? (embeddings ? openAiEmbeddings : openAiChat);
    const exchange = this.exchanges.begin(
      {
        id: `call_${this.#calls++}`,
        arrivedAt: this.clock.now(),
        arrivedMs: this.clock.monotonicMs(),
        caller: { organisation: 'org_test', project: 'proj_test', keyId: 'key_test' },
        facts: { forwarded: [], ...facts },
        request: dialect.parse(Buffer.from(JSON.stringify(asked))),
        configVersion: 'c',
        priceVersion: 'p',
      },
      {
        head: (status, headers) => Object.assign(got, { status, headers, heads: got.heads + 1 }),
        write: (bytes) => {
          got.text += bytes.toString();
          return true;
        },
        end: (bytes) => Object.assign(got, { text: got.text + (bytes?.toString() ?? ''), ended: got.ended + 1 }),
        abort: () => Object.assign(got, { cut: got.cut + 1 }),
      },
      () => undefined,
    );
    exchange.run();
    return { exchange, got };
  }

  /** The request that a provider got, by the order of all of them. */
  at(index: number): Asked {
    const asked = this.asked[index];
    if (asked === undefined) throw new Error(`there were only ${this.asked.length} requests`);
    return asked;
  }

  get balance(): { readonly settled: bigint; readonly held: bigint } {
    return this.ledger.balance(this.#account);
  }

  /** Provider, outcome and whether it is the call's end, of each attempt in the order of their ends. */
  get told(): string[] {
    return this.records.ends.map(({ callId, attempt, outcome, last }) => {
      const start = this.records.starts.find((one) => one.callId === callId && one.attempt === attempt);
      return `${start?.provider} ${outcome}${last ? ', last' : ''}`;
    });
  }

  /** Nothing is under way, and everything has its one end. */
  async over(): Promise<void> {
    await this.clock.advance(0);
    expect(this.records.breaches()).toEqual([]);
    expect({
      running: this.exchanges.running,
      timers: this.clock.pendingTimers,
      holds: await this.ledger.openCount(),
      inFlight: this.weather.views().filter(({ inFlight }) => inFlight !== 0),
    }).toEqual({ running: 0, timers: 0, holds: 0, inFlight: [] });
  }

  #router(options: HandHouseOptions): Router {
    const { targets, policies, targetPolicies, attemptsMax = 3, totalMs = 60_000 } = options;
    const rule: RouteRule = {
      strategy: 'fallback',
      targets: targets.map((target) => ({ target, weight: 1 })),
      attemptsMax,
      totalMs,
      policies: { on: {}, degrade: [], ...policies },
    };
    return new Router(
      {
        providers: new Map(Object.entries(options.providers).map((entry) => [entry[0], this.#provider(...entry)])),
        aliases: new Map(),
        routes: new Map([['r', rule]]),
        totalMs,
        translates: translatedInto,
        ...(targetPolicies === undefined ? {} : { targetPolicies }),
      },
      seededRandom(3),
    );
  }

  #provider(name: string, options: HandProvider): RoutableProvider {
    const transport = new HandTransport(name, this.asked);
    this.transports.set(name, transport);
    const { outputPicoUsd = 2_000n, credentials = [] } = options;
    const rate = (picoUsd: bigint) => ({ picoUsd: pico(picoUsd), per: 1n, tiers: [] });
    const sheet =
      outputPicoUsd === null
        ? undefined
        : { version: 'v', tokens: { input: rate(outputPicoUsd / 2n), output: rate(outputPicoUsd) } };
    return routable({
      name,
      transport,
      clock: this.clock,
      pathOf: (path) => path,
      nameOf: (model) => model,
      streamUsageOption: true,
      maxTokensField: 'max_tokens',
      onClientGone: options.onClientGone ?? { stream: 'abort', answer: 'abort' },
      timeouts: { ...TIMEOUTS, ...options.timeouts },
      headers: [],
      credentials: credentials.map((credential) => ({
        credential: { name: credential, headers: ['authorization', `Bearer ${credential}`], quotes: () => false },
        weight: 1,
      })),
      sheetOf: () => sheet,
      ...(options.dialects === undefined ? {} : { dialects: options.dialects }),
      limitsOf: () => options.limits,
      models: ['m', 'n'],
      answersBareNames: false,
    });
  }
}

/** One header of an answer; `undefined` when it is not there. */
export function headerOf({ headers }: Got, name: string): string | undefined {
  const at = headers.findIndex((each, index) => index % 2 === 0 && each === name);
  return at < 0 ? undefined : headers[at + 1];
}
