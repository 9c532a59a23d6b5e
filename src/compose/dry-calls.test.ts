import { beforeEach, describe, expect, test } from 'vitest';
import { lifetimeAccount } from '../../test/support/unreliable-ledger.ts';
import type { DryRunJson } from '../edge/http/dry-run-json.ts';
import { nano, pico } from '../kernel/amounts.ts';
import { VirtualClock } from '../kernel/clock.ts';
import { seededRandom } from '../kernel/random.ts';
import type { AccountRef } from '../money/budget.ts';
import { Cashier } from '../money/cashier.ts';
import { LookingLedger } from '../money/looking-ledger.ts';
import { MemoryLedger } from '../money/memory-ledger.ts';
import type { DegradeStep, RouteAlternatives } from '../protocol/policy.ts';
import { DEFAULT_ROUTE_POLICIES, DEFAULT_TARGET_POLICIES } from '../protocol/policy.ts';
import { Router } from '../routing/router.ts';
import type { RoutableProvider, RouteRule } from '../routing/routing-table.ts';
import { Weather } from '../routing/weather.ts';
import { DryCalls } from './dry-calls.ts';
import { translatedInto } from './translations.ts';

/** What would happen to calls: by the real router, weather, walk and payment, on a virtual clock. */

const rate = (picoUsd: bigint) => ({ picoUsd: pico(picoUsd), per: 1n, tiers: [] });

function provider(name: string, outputPico: bigint | undefined): RoutableProvider {
  return {
    handle: {
      name,
      transport: {
        dispatch() {
          throw new Error('a dry run must not reach a provider');
        },
        close: async () => undefined,
      },
      pathOf: (path) => path,
      nameOf: (model) => model,
      dialects: new Set(name === 'claude' ? ['anthropic-messages'] : ['openai-chat', 'openai-embeddings']),
      streamUsageOption: true,
      maxTokensField: 'max_tokens',
      onClientGone: { stream: 'abort', answer: 'abort' },
      timeouts: { streamHeadMs: 60_000, headMs: 600_000, firstTokenMs: 60_000, idleMs: 300_000 },
      headers: [],
      sheetOf: () =>
        outputPico === undefined
          ? undefined
          : { version: 'v', tokens: { input: rate(outputPico / 2n), output: rate(outputPico) } },
      limitsOf: () => undefined,
      judge() {
        throw new Error('a dry run must not reach a provider');
      },
    },
    credentials: [],
    models: ['m'],
    answersBareNames: true,
  };
}

interface Brief {
  readonly on?: RouteAlternatives;
  readonly degrade?: readonly DegradeStep[];
  readonly attemptsMax?: number;
}

function house({ on = {}, degrade = [], attemptsMax = 3 }: Brief = {}) {
  const clock = new VirtualClock();
  const random = seededRandom(3);
  const weather = new Weather(clock, random, {});
  const ledger = new MemoryLedger();
  const accounts: AccountRef[] = [];
  const providers = new Map(
    [
      provider('dear', 40_000_000n),
      provider('plain', 4_000_000n),
      provider('cheap', 400_000n),
      provider('priceless', undefined),
      provider('claude', 400_000n),
    ].map((one) => [one.handle.name, one]),
  );
  const route: RouteRule = {
    strategy: 'fallback',
    targets: ['dear/m', 'plain/m', 'priceless/m'].map((target) => ({ target, weight: 1 })),
    attemptsMax,
    totalMs: 30_000,
    policies: { ...DEFAULT_ROUTE_POLICIES, on, degrade },
  };
  const router = new Router(
    {
      providers,
      aliases: new Map(),
      routes: new Map([['chat', route]]),
      totalMs: 900_000,
      translates: translatedInto,
      routePolicies: DEFAULT_ROUTE_POLICIES,
      targetPolicies: DEFAULT_TARGET_POLICIES,
      providerPolicies: new Map(),
    },
    random,
  );
  const dry = new DryCalls({
    clock,
    random,
    weather,
    tokens: { count: async () => [], exactly: async () => undefined },
    looking: new Cashier({
      ledger: new LookingLedger({ balance: async (account) => ledger.balance(account) }),
      clock,
      accountsOf: () => accounts,
      policy: () => 'winner_only',
      onSettled: () => undefined,
      onTrouble: (error) => {
        throw error;
      },
    }),
    tenant: { organisation: 'org', project: 'proj' },
    router: () => router,
    keyById: async (id) =>
      id === 'key_1'
        ? { id, organisation: 'org', project: 'proj', scopes: [], allowances: [{ models: ['plain/*'] }] }
        : undefined,
  });
  const imagine = (more: Partial<Parameters<DryCalls['imagine']>[0]> = {}) =>
    dry.imagine({ model: 'route/chat', operation: 'chat', stream: false, maxTokens: 1_000, inputTokens: 100, ...more });
  const fail = (name: string, times = 5) => {
    const target = weather.of({ provider: { name }, model: 'm' }, DEFAULT_TARGET_POLICIES);
    for (let time = 0; time < times; time++) target.begin().end({ kind: 'failed' });
  };
  return { clock, weather, ledger, accounts, imagine, fail };
}

const verdicts = ({ targets }: DryRunJson) => targets.map(({ target, verdict }) => `${target} ${verdict}`);

let made: ReturnType<typeof house>;
beforeEach(() => {
  made = house();
});

test('in calm weather: the first target, the next ones, what each can cost, and when each is given up', async () => {
  const run = await made.imagine({ stream: true });
  expect(run).toMatchObject({
    would: 'attempt',
    error: null,
    route: 'chat',
    stream: true,
    attempts_max: 3,
    total_ms: 30_000,
    wait_ms: 0,
    degraded: null,
    money: { capped: false, hold: null },
  });
  expect(verdicts(run)).toEqual(['dear/m chosen', 'plain/m next', 'priceless/m next']);
  expect(run.targets[0]).toMatchObject({
    reason: 'route/chat: fallback 1 of 3',
    most: { usd: '0.042' },
    timeouts: { stream_head_ms: 60_000, first_token_ms: 60_000, total_ms: null },
  });
  expect(run.targets.map(({ most }) => most?.usd ?? null)).toEqual(['0.042', '0.0042', null]);
});

describe('weather', () => {
  test('a closed target is passed over, with why and for how long; the chosen one says so too', async () => {
    made.fail('dear');
    const run = await made.imagine();
    expect(verdicts(run)).toEqual(['dear/m passed_over', 'plain/m chosen', 'priceless/m next']);
    expect(run.targets[0]?.closure).toMatchObject({ kind: 'breaker', asked: false });
    expect(run.targets[0]?.closure?.for_ms).toBeGreaterThan(10_000);
    expect(run.targets[1]?.reason).toMatch(/fallback 2 of 3, passed over dear\/m \(/);
  });

  test('when all are closed by our own guess, one is tried all the same', async () => {
    for (const name of ['dear', 'plain', 'priceless']) made.fail(name);
    const run = await made.imagine();
    expect(run.would).toBe('attempt');
    const chosen = run.targets.find(({ verdict }) => verdict === 'chosen');
    expect(chosen?.reason).toContain('all are closed');
    expect(chosen?.closure?.kind).toBe('breaker');
  });

  test('when every provider has asked to be left alone, the call is refused as it would be, or degraded where the route says so', async () => {
    const throttle = ({ weather }: typeof made) => {
      for (const name of ['dear', 'plain', 'priceless']) {
        const target = weather.of({ provider: { name }, model: 'm' }, DEFAULT_TARGET_POLICIES);
        target.begin().end({ kind: 'throttled', retryAfterMs: 45_000, exhausted: false });
      }
    };
    throttle(made);
    const refused = await made.imagine();
    expect(refused).toMatchObject({ would: 'refuse', error: { code: 'rate_limited', status: 429 } });
    expect(refused.error?.retry_after_ms).toBeGreaterThanOrEqual(45_000);
    const degrading = house({ degrade: [{ kind: 'text', text: 'Later, please.' }] });
    throttle(degrading);
    const degraded = await degrading.imagine();
    expect(degraded).toMatchObject({ would: 'text', text: 'Later, please.', error: null });
    expect(degraded.degraded).toMatch(/^a fixed text, because of rate_limited/);
    expect(degraded.degrade).toEqual([
      { target: null, keep_messages: null, output_tokens_max: null, text: 'Later, please.' },
    ]);
  });

  test('asked a thousand times, the weather is as it was', async () => {
    made.fail('dear', 3);
    const before = JSON.stringify(made.weather.views());
    for (let time = 0; time < 1_000; time++) await made.imagine();
    const known = made.weather.views().filter(({ provider: name }) => name === 'dear');
    expect(JSON.stringify(known)).toBe(before);
    expect(made.weather.views().every(({ inFlight }) => inFlight === 0)).toBe(true);
    expect(made.clock.pendingTimers).toBe(0);
  });
});

describe('money', () => {
  test('what would be held, what has no price on a key with a cap, and nothing is held by asking', async () => {
    const account = lifetimeAccount('bud_1', 100_000_000n);
    made.accounts.push(account);
    const run = await made.imagine();
    expect(run.money).toEqual({ capped: true, hold: { nano_usd: '42000000', usd: '0.042' } });
    expect(verdicts(run)).toEqual(['dear/m chosen', 'plain/m next', 'priceless/m unpaid']);
    expect(made.ledger.balance(account)).toEqual({ settled: 0n, held: 0n, credited: 0n });
    expect(await made.ledger.openHolds({ limit: 10 })).toEqual([]);
  });

  test('what is held by calls under way counts; a short budget bounds the answer, and then refuses it', async () => {
    const account = lifetimeAccount('bud_1', 100_000_000n);
    made.accounts.push(account);
    const take = (amount: bigint) =>
      made.ledger.take({
        holdId: `call_${amount}`,
        organisation: 'org',
        project: 'proj',
        keyId: 'k',
        accounts: [account],
        wanted: nano(amount),
        least: nano(amount),
        at: 0,
        resolveBy: 1,
      });
    await take(80_000_000n);
    const clamped = await made.imagine();
    expect(clamped.money.hold?.usd).toBe('0.02');
    expect(clamped.targets[0]?.output_tokens_max).toBe(450);
    await take(19_999_999n);
    const refused = await made.imagine();
    expect(refused).toMatchObject({ would: 'refuse', error: { code: 'budget_exceeded', status: 402 } });
    expect(refused.error?.message).toContain('bud_1');
    expect(new Set(refused.targets.map(({ verdict }) => verdict))).toEqual(new Set(['unpaid']));
  });

  test('a route with a cheaper target goes there when the budget is short, and says that it is less', async () => {
    const frugal = house({ on: { budget: ['cheap/m'], contextLength: ['plain/m'] } });
    frugal.accounts.push(lifetimeAccount('bud_1', 430_000n));
    const run = await frugal.imagine();
    expect(run).toMatchObject({
      would: 'attempt',
      degraded: 'a cheaper target, because of budget_exceeded',
      money: { capped: true, hold: { usd: '0.00042' } },
    });
    expect(verdicts(run)).toEqual(['cheap/m chosen']);
  });

  test('x-leeward-max-cost counts as it would', async () => {
    const run = await made.imagine({ headers: { 'X-Leeward-Max-Cost': '0.0001' } });
    expect(run).toMatchObject({ would: 'refuse', error: { code: 'budget_exceeded' } });
  });
});

describe('who asks', () => {
  test('a key goes only where its rule lets it', async () => {
    expect(verdicts(await made.imagine({ key: 'key_1' }))).toEqual(['plain/m chosen']);
    expect(await made.imagine({ key: 'key_1', model: 'dear/m' })).toMatchObject({
      would: 'refuse',
      route: null,
      error: { code: 'forbidden', status: 403 },
    });
    await expect(made.imagine({ key: 'key_2' })).rejects.toMatchObject({ code: 'not_found' });
  });

  test('headers narrow as they would, and a wrong one is told', async () => {
    const run = await made.imagine({ headers: { 'x-leeward-max-retries': '0', 'x-leeward-timeout-ms': '1500' } });
    expect(run).toMatchObject({ attempts_max: 1, total_ms: 1_500 });
    expect(verdicts(run)).toEqual(['dear/m chosen', 'plain/m beyond_attempts', 'priceless/m beyond_attempts']);
    await expect(made.imagine({ headers: { 'x-leeward-timeout-ms': 'soon' } })).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  test('a model that nobody has is refused as the call would be, with the nearest name', async () => {
    const run = await made.imagine({ model: 'route/chats' });
    expect(run).toMatchObject({ would: 'refuse', error: { code: 'no_route', status: 404 }, targets: [] });
    expect(run.error?.message).toContain("'route/chat'");
  });
});

test('a target of another dialect is told what can be said there, and the rest is named', async () => {
  const told = (run: DryRunJson) =>
    run.targets.map(({ target, lane, dialect, losses, refusal }) => ({
      target,
      lane,
      dialect,
      lost: losses.map(({ field }) => field),
      refused: refusal?.param ?? null,
    }));
  const claude = { target: 'claude/m', lane: 'translated', dialect: 'anthropic-messages', lost: [], refused: null };
  expect(told(await made.imagine({ model: 'claude/m' }))).toEqual([claude]);
  expect(told(await made.imagine({ model: 'claude/m', dialect: 'anthropic-messages' }))).toEqual([
    { ...claude, lane: 'native' },
  ]);
  const sound = [{ role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }] }];
  expect(told(await made.imagine({ model: 'claude/m', messages: sound }))).toMatchObject([
    { lane: 'translated', refused: 'messages[0].content[0]' },
  ]);
  const named = [{ role: 'user', content: 'hello', name: 'ada' }];
  const lossy = { model: 'claude/m', messages: named };
  expect(told(await made.imagine(lossy))).toMatchObject([{ lost: ['messages[0].name'], refused: null }]);
  const strict = await made.imagine({ ...lossy, headers: { 'x-leeward-strict': 'true' } });
  expect(told(strict)).toMatchObject([{ lost: ['messages[0].name'], refused: 'messages[0].name' }]);
});

test.each(['openai', 'openai-responses', 'gemini', 'anthropic-messages'] as const)(
  'a call of a client of %s goes to providers of its dialect as it is, and to others translated',
  async (dialect) => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Compare two harbours.' },
    ];
    for (const stream of [false, true]) {
      const run = await made.imagine({
        dialect,
        stream,
        messages: dialect === 'anthropic-messages' ? messages.slice(1) : messages,
      });
      expect(run).toMatchObject({ would: 'attempt', stream });
      const [target] = run.targets;
      expect(target).toMatchObject({
        lane: dialect === 'openai' ? 'native' : 'translated',
        dialect: 'openai-chat',
        refusal: null,
      });
      expect(target?.most?.usd).toBe('0.042');
    }
  },
);
