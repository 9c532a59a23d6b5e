import { expect, test } from 'vitest';
import { VirtualClock } from '../kernel/clock.ts';
import { seededRandom } from '../kernel/random.ts';
import { DEFAULT_GLOBAL_POLICIES, DEFAULT_TARGET_POLICIES, type TargetPolicies } from '../protocol/policy.ts';
import { type PassageEnd, TARGETS_MAX, type TargetWeather, Weather } from './weather.ts';

const OK: PassageEnd = { kind: 'ok' };
const FAILED: PassageEnd = { kind: 'failed' };
const UNASKED: PassageEnd = { kind: 'throttled', retryAfterMs: undefined, exhausted: false };
const MINUTE_MS = 60_000;

function setUp(policies: TargetPolicies = DEFAULT_TARGET_POLICIES) {
  const clock = new VirtualClock();
  const closed: string[] = [];
  const weather = new Weather(clock, seededRandom(1), DEFAULT_GLOBAL_POLICIES, (key, { reason }) => {
    closed.push(`${key}: ${reason}`);
  });
  const of = (provider: string, model = 'm', credential?: string) =>
    weather.of(
      { provider: { name: provider }, model, credential: credential === undefined ? undefined : { name: credential } },
      policies,
    );
  return { clock, closed, weather, of };
}

function calls(target: TargetWeather, count: number, end: PassageEnd): void {
  for (let call = 0; call < count; call++) target.begin().end(end);
}

const throttledFor = (retryAfterMs: number): PassageEnd => ({ kind: 'throttled', retryAfterMs, exhausted: false });

test('a target is known by its name, also over other objects of the same words', () => {
  const { weather, of } = setUp();
  expect(of('acme', 'm', 'main').key).toBe('acme/m#main');
  expect(of('acme').key).toBe('acme/m');
  expect(of('acme')).toBe(of('acme'));
  expect(weather.of({ provider: { name: 'acme' }, model: 'm' }, structuredClone(DEFAULT_TARGET_POLICIES))).toBe(
    of('acme'),
  );
  expect(of('acme', 'other')).not.toBe(of('acme'));
  expect(weather.of({ provider: { name: 'acme' }, model: 'm' })).toBe(of('acme'));
});

test('under other policies it is judged apart, but throttled all the same', () => {
  const { weather, of } = setUp();
  const strict = weather.of(
    { provider: { name: 'acme' }, model: 'm' },
    { ...DEFAULT_TARGET_POLICIES, breaker: { ...DEFAULT_TARGET_POLICIES.breaker, consecutiveMax: 1 } },
  );
  calls(strict, 1, FAILED);
  expect(strict.closure()?.kind).toBe('breaker');
  expect(of('acme').closure()).toBeUndefined();
  calls(of('acme'), 1, throttledFor(2_000));
  expect(strict.closure()).toMatchObject({ kind: 'cool-down', asked: true, reason: 'Retry-After 2 s' });
});

test.each<[PassageEnd, string | undefined]>([
  [OK, undefined],
  [{ kind: 'neutral' }, undefined],
  [FAILED, 'breaker'],
  [UNASKED, 'cool-down'],
  [{ kind: 'throttled', retryAfterMs: 0, exhausted: false }, undefined],
  [{ kind: 'throttled', retryAfterMs: 1_000, exhausted: false }, 'cool-down'],
  [{ kind: 'throttled', retryAfterMs: 1_000, exhausted: true }, 'cool-down'],
  [{ kind: 'credential' }, 'credential'],
])('after five attempts that ended as %o the target is closed by %s', (end, kind) => {
  const { of } = setUp();
  calls(of('acme'), 5, end);
  expect(of('acme').closure()?.kind).toBe(kind);
});

test('being throttled is no failure: it neither opens a breaker nor ends a row of failures', () => {
  const { clock, of } = setUp({
    coolDown: { unaskedMs: 0, retryAfterMsMax: 0 },
    breaker: DEFAULT_TARGET_POLICIES.breaker,
  });
  calls(of('acme'), 100, throttledFor(0));
  calls(of('acme'), 4, FAILED);
  calls(of('acme'), 1, throttledFor(0));
  expect(of('acme').closure()).toBeUndefined();
  calls(of('acme'), 1, FAILED);
  expect(of('acme').closure()?.kind).toBe('breaker');
  expect(clock.pendingTimers).toBe(0);
});

test('a 429 without Retry-After closes all models of the credential for 15 minutes, and no other', async () => {
  const { clock, of } = setUp();
  calls(of('acme', 'm', 'main'), 1, UNASKED);
  expect(of('acme', 'other', 'main').closure()).toMatchObject({
    kind: 'cool-down',
    asked: false,
    untilMs: 15 * MINUTE_MS,
  });
  expect(of('acme', 'm', 'spare').closure()).toBeUndefined();
  expect(of('other', 'm', 'main').closure()).toBeUndefined();
  await clock.advance(15 * MINUTE_MS - 1);
  expect(of('acme', 'm', 'main').closure()).toBeDefined();
  await clock.advance(1);
  expect(of('acme', 'm', 'main').closure()).toBeUndefined();
});

test('a Retry-After closes this model alone, until then, and an answer does not change that', async () => {
  const { clock, of } = setUp();
  calls(of('acme', 'm', 'main'), 1, throttledFor(5_000));
  expect(of('acme', 'other', 'main').closure()).toBeUndefined();
  await clock.advance(4_999);
  calls(of('acme', 'm', 'main'), 1, OK);
  expect(of('acme', 'm', 'main').closure()).toMatchObject({ asked: true, untilMs: 5_000 });
  await clock.advance(1);
  expect(of('acme', 'm', 'main').closure()).toBeUndefined();
});

test('a refused credential is closed for a minute, or until something it was used for all the same is answered', async () => {
  const { clock, of } = setUp();
  const before = of('acme', 'm', 'main').begin();
  calls(of('acme', 'm', 'main'), 1, { kind: 'credential' });
  before.end(OK);
  expect(of('acme', 'other', 'main').closure()?.kind).toBe('credential');
  await clock.advance(30_000);
  calls(of('acme', 'other', 'main'), 1, OK);
  expect(of('acme', 'm', 'main').closure()).toBeUndefined();
  calls(of('acme', 'm', 'main'), 1, { kind: 'credential' });
  await clock.advance(MINUTE_MS);
  expect(of('acme', 'm', 'main').closure()).toBeUndefined();
});

test('what must be respected is not hidden by a guess', () => {
  const { of } = setUp();
  calls(of('acme'), 5, FAILED);
  calls(of('acme'), 1, throttledFor(1_000));
  expect(of('acme').closure()).toMatchObject({ kind: 'cool-down', asked: true });
});

test('an attempt ends once', () => {
  const { weather, of } = setUp();
  const passage = of('acme').begin();
  passage.end(OK);
  for (let again = 0; again < 10; again++) passage.end(FAILED);
  passage.firstToken(1);
  passage.silentFor(1e9);
  expect(of('acme').view()).toMatchObject({ inFlight: 0, ended: { ok: 1, failed: 0 } });
  expect(weather.inFlight).toEqual({ attempts: 0, retries: 0 });
});

test('a target whose first tokens come late is closed as slow, and told of', () => {
  const { closed, of } = setUp();
  for (let call = 0; call < 20; call++) {
    const passage = of('acme').begin();
    passage.firstToken(25_000);
    passage.end(OK);
  }
  expect(of('acme').closure()).toMatchObject({ kind: 'slow', reason: 'slow: 20 slow first tokens in 20' });
  expect(closed).toEqual(['acme/m: slow: 20 slow first tokens in 20']);
});

test('so is one whose hedges and latency targets show that it keeps silent', async () => {
  const { clock, of } = setUp();
  const passages = Array.from({ length: 20 }, () => of('acme').begin());
  await clock.advance(25_000);
  for (const passage of passages) {
    passage.silentFor(25_000);
    passage.end({ kind: 'neutral' });
  }
  expect(of('acme').closure()?.kind).toBe('slow');
});

test('a wall clock that jumps makes nobody slow', () => {
  const { of } = setUp();
  for (let call = 0; call < 40; call++) {
    const passage = of('acme').begin();
    passage.silentFor(86_400_000);
    passage.end({ kind: 'neutral' });
  }
  expect(of('acme').closure()).toBeUndefined();
});

test('the p95 holds where the slowest answers in twenty are given up for hedges, and where clients leave early', async () => {
  const { clock, of } = setUp();
  for (let call = 0; call < 2_000; call++) {
    const passage = of('acme').begin();
    const p95Ms = of('acme').firstTokenP95Ms ?? Number.POSITIVE_INFINITY;
    const takesMs = 100 * 1.05 ** ((call * 37) % 100);
    await clock.advance(1);
    if (takesMs <= p95Ms) passage.firstToken(takesMs);
    else {
      await clock.advance(p95Ms + 50);
      passage.silentFor(p95Ms + 50);
    }
    passage.end({ kind: 'neutral' });
    const left = of('acme').begin();
    left.silentFor(1);
    left.end({ kind: 'neutral' });
  }
  expect(of('acme').firstTokenP95Ms).toBeGreaterThan(9_000);
  expect(of('acme').firstTokenP95Ms).toBeLessThan(13_000);
});

test.each<[string, (target: TargetWeather) => void]>([
  ['breaker', (target) => calls(target, 5, FAILED)],
  [
    'slow',
    (target) => {
      for (let call = 0; call < 20; call++) {
        const passage = target.begin();
        passage.firstToken(25_000);
        passage.end(OK);
      }
    },
  ],
])(
  'a %s that is half open hears of the first token, and gets the slots of cancelled probes back',
  async (kind, close) => {
    const { clock, of } = setUp();
    close(of('acme'));
    expect(of('acme').closure()?.kind).toBe(kind);
    await clock.advance(30_000);
    for (let cancelled = 0; cancelled < 10; cancelled++) {
      expect(of('acme').closure()).toBeUndefined();
      const probe = of('acme').begin();
      expect(of('acme').closure()?.kind).toBe(kind);
      probe.silentFor(10);
      probe.end({ kind: 'neutral' });
    }
    of('acme').begin().firstToken(100);
    const round = [0, 1, 2].map(() => of('acme').begin());
    expect(of('acme').closure()?.kind).toBe(kind);
    for (const probe of round) probe.firstToken(100);
    expect(of('acme').closure()).toBeUndefined();
  },
);

test('each closing is told once', () => {
  const { closed, of } = setUp();
  const early = Array.from({ length: 10 }, () => of('acme', 'm', 'main').begin());
  for (const passage of early) passage.end(FAILED);
  calls(of('other', 'm', 'main'), 2, { kind: 'credential' });
  expect(closed).toEqual([
    'acme/m#main: breaker open after 5 failures in a row',
    'other/m#main: the provider refuses the credential',
  ]);
});

test('a full target steers, and refuses only where that is asked for', () => {
  const refusing = {
    ...DEFAULT_TARGET_POLICIES,
    concurrency: { ...DEFAULT_TARGET_POLICIES.concurrency, refuse: true },
  };
  for (const [policies, firm] of [
    [DEFAULT_TARGET_POLICIES, undefined],
    [refusing, true],
  ] as const) {
    const { of } = setUp(policies);
    const passages = Array.from({ length: 20 }, () => of('acme').begin());
    expect(of('acme').closure()?.firm).toBe(firm);
    passages[0]?.end(OK);
    expect(of('acme').closure()).toBeUndefined();
  }
});

test('a full target at which calls were seen to queue is passed over, and opens again soon', async () => {
  const { clock, of } = setUp();
  const passages = Array.from({ length: 600 }, () => of('acme').begin());
  for (const [index, passage] of passages.slice(0, 100).entries()) {
    await clock.advance(100);
    passage.firstToken(index < 60 ? 400 : 4_000);
  }
  expect(of('acme').closure()).toMatchObject({ kind: 'concurrency', asked: false, firm: false });
  expect((of('acme').closure()?.untilMs ?? Number.NaN) - clock.monotonicMs()).toBeLessThanOrEqual(1_000);
  for (const passage of passages) passage.end(OK);
  expect(of('acme').closure()).toBeUndefined();
});

test('little left by the provider’s own headers closes it until there is more', async () => {
  const { clock, of } = setUp();
  const passage = of('acme').begin();
  const headers: Record<string, string> = {
    'x-ratelimit-limit-requests': '100',
    'x-ratelimit-remaining-requests': '0',
    'x-ratelimit-reset-requests': '50s',
  };
  passage.heard((name) => headers[name]);
  passage.end(OK);
  expect(of('acme').closure()).toMatchObject({
    kind: 'headroom',
    reason: 'less than 2 % of its requests left',
    asked: false,
    untilMs: 1_000,
  });
  expect(of('acme').view().headroom).toEqual({ requestsPercent: 0 });
  await clock.advance(1_000);
  expect(of('acme').closure()).toBeUndefined();
});

test('calls that were begun since the provider told what is left count against it', () => {
  const { of } = setUp();
  const headers: Record<string, string> = {
    'x-ratelimit-limit-requests': '100',
    'x-ratelimit-remaining-requests': '5',
    'x-ratelimit-reset-requests': '50s',
  };
  const passage = of('acme').begin();
  passage.heard((name) => headers[name]);
  for (let call = 0; call < 3; call++) of('acme').begin();
  expect(of('acme').closure()).toBeUndefined();
  of('acme').begin();
  expect(of('acme').closure()?.kind).toBe('headroom');
});

test('reasons are fit for a header', async () => {
  const { clock, closed, of } = setUp();
  calls(of('a'), 5, FAILED);
  calls(of('b'), 1, UNASKED);
  calls(of('c'), 1, throttledFor(1_500));
  calls(of('d'), 1, { kind: 'throttled', retryAfterMs: undefined, exhausted: true });
  calls(of('e'), 1, { kind: 'credential' });
  await clock.advance(30_000);
  of('a').begin();
  expect(of('a').closure()?.reason).toBe('breaker half open, probes are under way');
  expect(closed).toHaveLength(5);
  for (const reason of closed) expect(reason).toMatch(/^[\x20-\x3a\x3c-\x7e]{1,120}$/);
});

test('retries come from the budget of the target at which the call began, and what is answered is given back', async () => {
  const { clock, of } = setUp();
  const [first, other] = [of('acme'), of('other')];
  for (let call = 0; call < 30; call++) expect(first.mayRetry()).toBe(true);
  expect(first.mayRetry()).toBe(false);
  expect(other.mayRetry()).toBe(true);
  const retries = Array.from({ length: 3 }, () => other.begin(first));
  retries[0]?.firstToken(300);
  retries[1]?.end(OK);
  retries[2]?.end(FAILED);
  expect(first.view().retries).toEqual({ allowed: 30, refused: 1, left: 2 });
  expect(other.view().retries?.left).toBe(29);
  await clock.advance(10_000);
  expect(first.view().retries?.left).toBe(30);
});

test('first attempts add to the budget, retries and hedges do not', () => {
  const { of } = setUp();
  for (let call = 0; call < 100; call++) of('acme').begin().end(OK);
  expect(of('acme').view().retries?.left).toBe(50);
  for (let call = 0; call < 100; call++) {
    of('acme').begin('hedge').end(OK);
    of('acme').begin(of('other')).end(FAILED);
  }
  expect(of('acme').view().retries?.left).toBe(50);
});

test('of all attempts under way a fifth may be retries that nothing was heard of, and three in any case', () => {
  const { weather, of } = setUp();
  const retries = Array.from({ length: 3 }, () => of('other').begin(of('acme')));
  expect(weather.mayRetry()).toBe(false);
  retries[0]?.firstToken(100);
  expect(weather.mayRetry()).toBe(true);
  retries[0]?.end(OK);
  expect(weather.inFlight).toEqual({ attempts: 2, retries: 2 });
  of('other').begin(of('acme'));
  expect(weather.mayRetry()).toBe(false);
  for (let call = 0; call < 30; call++) of('acme').begin();
  expect(weather.mayRetry()).toBe(true);
  for (const retry of retries) retry.end(FAILED);
  expect(weather.inFlight.retries).toBe(1);
});

test('a hedge is no retry', () => {
  const { weather, of } = setUp();
  for (let call = 0; call < 10; call++) of('acme').begin('hedge');
  expect(weather.inFlight).toEqual({ attempts: 10, retries: 0 });
});

test('a route’s hedges are its own, and survive a reload', () => {
  const { weather } = setUp();
  const policy = { afterMs: undefined, percent: 50 };
  weather.hedges('chat', policy).called();
  weather.hedges('chat', { ...policy }).called();
  expect(weather.hedges('other', policy).take()).toBe(false);
  expect(weather.hedges('chat', policy).take()).toBe(true);
});

test('with every policy off nothing ever closes but what a provider asks for', () => {
  const { of } = setUp({ coolDown: { unaskedMs: 900_000, retryAfterMsMax: 60_000 } });
  for (let call = 0; call < 100; call++) {
    const passage = of('acme').begin();
    passage.firstToken(1e6);
    passage.heard(() => '0');
    passage.end(FAILED);
    expect(of('acme').mayRetry()).toBe(true);
  }
  expect(of('acme').closure()).toBeUndefined();
  expect(Object.keys(of('acme').view()).sort()).toEqual(
    ['ended', 'firstTokenP50Ms', 'firstTokenP95Ms', 'inFlight', 'key', 'model', 'provider'].sort(),
  );
});

test('a view is plain JSON and says what is known', () => {
  const { weather, of } = setUp();
  for (let call = 0; call < 30; call++) {
    const passage = of('acme', 'm', 'main').begin();
    passage.firstToken(300);
    passage.end(OK);
  }
  calls(of('acme', 'm', 'main'), 5, FAILED);
  const [view] = weather.views();
  expect(JSON.parse(JSON.stringify(view))).toEqual(view);
  expect(view).toMatchObject({
    key: 'acme/m#main',
    provider: 'acme',
    model: 'm',
    credential: 'main',
    closure: { kind: 'breaker', reason: 'breaker open after 5 failures in a row', asked: false },
    inFlight: 0,
    ended: { ok: 30, failed: 5, neutral: 0, throttled: 0, credential: 0 },
    breaker: { state: 'open', openings: 1 },
    slow: { state: 'closed', openings: 0, slowPercent: 0, boundMs: 20_000 },
    concurrencyLimit: 20,
    retries: { allowed: 0, refused: 0, left: 37 },
  });
  expect(view?.closure?.forMs).toBe(view?.breaker?.opensForMs);
  expect(view?.firstTokenP50Ms).toBeGreaterThanOrEqual(300);
  expect(view?.firstTokenP95Ms).toBeLessThanOrEqual(321);
});

test('asking changes nothing: neither for a closure nor for a view is anything drawn or taken', () => {
  const { of } = setUp();
  calls(of('acme'), 5, FAILED);
  const before = of('acme').view();
  for (let ask = 0; ask < 100; ask++) {
    of('acme').closure();
    of('acme').view();
  }
  expect(of('acme').view()).toEqual(before);
});

test('the targets used longest ago are forgotten, those in use are not', () => {
  const { weather, of } = setUp();
  calls(of('kept', 'm', 'main'), 5, FAILED);
  calls(of('lost'), 5, FAILED);
  for (let other = 0; other < 3 * TARGETS_MAX; other++) {
    of('acme', `made-up-${other}`);
    if (other % 100 === 0) of('kept', 'm', 'main');
  }
  expect(weather.views().length).toBeLessThanOrEqual(TARGETS_MAX);
  expect(of('kept', 'm', 'main').closure()?.kind).toBe('breaker');
  expect(of('lost').closure()).toBeUndefined();
});

test('what a provider asked for is remembered for its targets in use, however many others come and go', () => {
  const { of } = setUp();
  calls(of('kept', 'm', 'main'), 1, UNASKED);
  for (let other = 0; other < 2 * TARGETS_MAX; other++) {
    of('acme', `made-up-${other}`);
    if (other % 100 === 0) of('kept', 'm', 'main');
  }
  expect(of('kept', 'another', 'main').closure()?.kind).toBe('cool-down');
});
