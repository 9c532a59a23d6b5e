import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VirtualClock } from '../kernel/clock.ts';
import { type ErrorCode, GatewayError } from '../kernel/errors.ts';
import { seededRandom } from '../kernel/random.ts';
import { DEFAULT_TARGET_POLICIES, type RoutePolicies, type TargetPolicies } from '../protocol/policy.ts';
import type { Alternatives, Plan, PlannedTarget, ProviderHandle } from './target.ts';
import { type Step, Walk } from './walk.ts';
import { type PassageEnd, Weather } from './weather.ts';

const LONG_MS = 600_000;
const BACKOFF = { baseMs: 100, maxMs: 1_000 };
const REFUSING = {
  concurrency: { initial: 1, min: 1, max: 1, smoothing: 0.2, queue: 4, tolerance: 1.5, longWindow: 600, refuse: true },
};

function target(name: string, policies: Partial<TargetPolicies> = {}): PlannedTarget {
  // A walk reads no more of a handle than its name.
  const provider = { name } as unknown as ProviderHandle;
  const timeouts = { streamHeadMs: 1, headMs: 1, firstTokenMs: 1, idleMs: 1 };
  const all = { ...DEFAULT_TARGET_POLICIES, ...policies };
  return { provider, model: 'm', credential: undefined, reason: name, policies: all, timeouts };
}

interface Brief {
  readonly targets: readonly PlannedTarget[];
  readonly policies?: Partial<RoutePolicies>;
  readonly alternatives?: Partial<Alternatives>;
  readonly attemptsMax?: number;
}

/** A walk, and the means to make its targets fail. */
function scene({ targets, policies, alternatives, attemptsMax = 3 }: Brief) {
  const clock = new VirtualClock();
  const weather = new Weather(clock, seededRandom(1), {});
  const plan: Plan = {
    route: 'r',
    targets,
    attemptsMax,
    totalMs: LONG_MS,
    policies: { backoff: BACKOFF, on: {}, degrade: [], ...policies },
    alternatives: { contextLength: [], contentPolicy: [], budget: [], degrade: [], ...alternatives },
  };
  const walk = new Walk(plan, { clock, random: seededRandom(2), weather });
  const begin = (step: Step) => {
    if (step.kind !== 'go') throw new Error(`the walk says ${told(step)}`);
    return { passage: step.weather.begin(step.paidBy), target: step.target };
  };
  /** The step is made and fails; what the walk says then. */
  const fail = (step: Step, facts: { code?: ErrorCode; retryAfterMs?: number; remainingMs?: number } = {}): Step => {
    const { code = 'upstream_error', retryAfterMs, remainingMs = LONG_MS } = facts;
    const { passage, target: tried } = begin(step);
    const throttled = code === 'rate_limited';
    passage.end(throttled ? { kind: 'throttled', retryAfterMs, exhausted: false } : { kind: 'failed' });
    const own = code === 'context_length_exceeded' || code === 'content_policy';
    const error = new GatewayError(code, {
      message: code,
      retry: own ? 'never' : 'other-target',
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
    return walk.next({ target: tried, error, passing: !own }, remainingMs);
  };
  const breakDown = (one: PlannedTarget, times = 5) => {
    for (let call = 0; call < times; call++) weather.of(one, one.policies).begin().end({ kind: 'failed' });
  };
  return { clock, weather, plan, walk, begin, fail, breakDown };
}

function told(step: Step): string {
  if (step.kind === 'stop') return `stop${step.error === undefined ? '' : ` with ${step.error.code}`}`;
  if (step.kind === 'text') return `the text ${step.text}`;
  const wait = step.waitMs === 0 ? '' : ' after a wait';
  return `${step.target.provider.name}${wait}${step.degraded === undefined ? '' : ', degraded'}`;
}

test('the next target comes at once, and the last one again after a wait, up to the cap', () => {
  const { walk, fail } = scene({ targets: [target('a'), target('b')] });
  const first = walk.first(LONG_MS);
  const second = fail(first);
  const third = fail(second);
  expect([first, second, third, fail(third)].map(told)).toEqual(['a', 'b', 'b after a wait', 'stop']);
  expect([walk.attempts, walk.spent]).toEqual([3, true]);
});

test('one attempt that fails for good leaves its client free to try again', () => {
  const { walk, fail } = scene({ targets: [target('a')], policies: {}, attemptsMax: 1 });
  expect(told(fail(walk.first(LONG_MS)))).toBe('stop');
  expect(walk.spent).toBe(false);
});

test('a target whose usual first token would come too late is not tried', async () => {
  const late = target('late');
  const { walk, fail, weather } = scene({ targets: [target('a'), late, target('b')] });
  for (let call = 0; call < 40; call++) {
    const passage = weather.of(late, late.policies).begin();
    passage.firstToken(3_000);
    passage.end({ kind: 'ok' });
  }
  expect(told(fail(walk.first(LONG_MS), { remainingMs: 2_000 }))).toBe('b');
});

test('of targets that are all closed the one that opens soonest is tried, and the reason says so', async () => {
  const [one, other] = [target('a'), target('b')];
  const { walk, breakDown, clock } = scene({ targets: [one, other] });
  breakDown(other);
  // Half of what the other may be left alone for, which is drawn.
  await clock.advance(14_900);
  breakDown(one);
  const step = walk.first(LONG_MS);
  expect(told(step)).toBe('b');
  expect(step.kind === 'go' && step.target.reason).toMatch(
    /^b, all are closed, tried all the same: breaker open after 5 failures in a row, passed over a\/m \(breaker/,
  );
});

test('what a provider asked for is respected, also by the last target: a short wait, or a refusal with the time', async () => {
  const only = target('a');
  const throttle = (forMs: number) => {
    const set = scene({ targets: [only] });
    set.weather.of(only, only.policies).begin().end({ kind: 'throttled', retryAfterMs: forMs, exhausted: false });
    return set.walk.first(LONG_MS);
  };
  expect(told(throttle(1_000))).toBe('a after a wait');
  const refused = throttle(30_000);
  expect(told(refused)).toBe('stop with rate_limited');
  const waitMs = refused.kind === 'stop' ? (refused.error?.retryAfterMs ?? 0) : 0;
  expect(waitMs).toBeGreaterThanOrEqual(30_000);
  expect(waitMs).toBeLessThanOrEqual(37_501);
});

test('a full target that refuses is not overfilled; one that only steers takes the call', () => {
  for (const refuse of [true, false]) {
    const only = target('a', { concurrency: { ...REFUSING.concurrency, refuse } });
    const { walk, weather } = scene({ targets: [only] });
    const passage = weather.of(only, only.policies).begin();
    expect(told(walk.first(LONG_MS))).toBe(refuse ? 'stop with overloaded' : 'a');
    passage.end({ kind: 'ok' });
  }
});

test('a retry budget that is spent ends the call, and says that the gateway has done its part', () => {
  const own = { retryBudget: { percent: 0, perSecondMin: 0, windowMs: 10_000 } };
  const { walk, fail } = scene({ targets: [target('a', own), target('b')] });
  expect(told(fail(walk.first(LONG_MS)))).toBe('stop');
  expect(walk.spent).toBe(true);
});

test('an attempt is kept for a smaller model, and a text needs none', () => {
  const small = target('small');
  const { walk, fail } = scene({
    targets: [target('a'), target('b'), target('c')],
    policies: {
      degrade: [
        { kind: 'target', target: 'small/m' },
        { kind: 'text', text: 'Later.' },
      ],
    },
    alternatives: {
      degrade: [
        { kind: 'target', target: small },
        { kind: 'text', text: 'Later.' },
      ],
    },
  });
  const steps: Step[] = [walk.first(LONG_MS)];
  for (let at = 0; at < 3; at++) steps.push(fail(steps[at] ?? { kind: 'stop' }));
  expect(steps.map(told)).toEqual(['a', 'b', 'small, degraded', 'the text Later.']);
});

test('an answer that no model could give better is not degraded', () => {
  const { walk, fail } = scene({
    targets: [target('a'), target('b')],
    policies: { degrade: [{ kind: 'text', text: 'Later.' }] },
    alternatives: { degrade: [{ kind: 'text', text: 'Later.' }] },
  });
  expect(told(fail(walk.first(LONG_MS), { code: 'content_policy' }))).toBe('stop');
});

test('a larger model is for what is too long, and the plan’s next target for what breaks', () => {
  const more = { targets: [target('a'), target('b')], alternatives: { contextLength: [target('big')] } };
  const tooLong = scene(more);
  expect(told(tooLong.fail(tooLong.walk.first(LONG_MS), { code: 'context_length_exceeded' }))).toBe('big');
  const broken = scene(more);
  expect(told(broken.fail(broken.walk.first(LONG_MS)))).toBe('b');
});

test('a hedge goes to an open target that was not tried, once, and within the share of the route', () => {
  const [one, other] = [target('a'), target('b')];
  const hedge = { afterMs: 10, percent: 100 };
  const open = scene({ targets: [one, other], policies: { hedge } });
  open.begin(open.walk.first(LONG_MS));
  const hedged = open.walk.hedge(LONG_MS);
  expect(hedged && told(hedged)).toBe('b');
  expect(open.walk.hedge(LONG_MS)).toBeUndefined();

  const closed = scene({ targets: [one, other], policies: { hedge } });
  closed.breakDown(other);
  closed.begin(closed.walk.first(LONG_MS));
  expect(closed.walk.hedge(LONG_MS)).toBeUndefined();
  // One attempt is all that the call may have.
  const single = scene({ targets: [one, other], policies: { hedge }, attemptsMax: 1 });
  single.begin(single.walk.first(LONG_MS));
  expect(single.walk.hedge(LONG_MS)).toBeUndefined();
});

test('nobody waits for longer than the call has left', () => {
  const { walk, fail } = scene({ targets: [target('a')] });
  expect(told(fail(walk.first(LONG_MS), { code: 'rate_limited', retryAfterMs: 5_000, remainingMs: 4_000 }))).toBe(
    'stop',
  );
});

test('a firm closure is never overridden, a guess of ours is: a target that fails is tried before one that refuses', () => {
  const [full, broken] = [target('full', REFUSING), target('broken')];
  const { walk, weather } = scene({ targets: [full, broken] });
  weather.of(full, full.policies).begin();
  for (let call = 0; call < 5; call++) weather.of(broken, broken.policies).begin().end({ kind: 'failed' });
  expect(walk.first(LONG_MS)).toMatchObject({ kind: 'go', target: { provider: { name: 'broken' } } });
});

test('a call always has a target to go to, whatever our own guesses are', async () => {
  const throttledFor = (retryAfterMs: number): PassageEnd => ({ kind: 'throttled', retryAfterMs, exhausted: false });
  const ends: readonly PassageEnd[] = [
    { kind: 'ok' },
    { kind: 'failed' },
    { kind: 'throttled', retryAfterMs: undefined, exhausted: true },
    throttledFor(3_000),
    { kind: 'credential' },
    { kind: 'neutral' },
  ];
  const happening = fc.record({
    target: fc.nat({ max: 2 }),
    end: fc.constantFrom(...ends),
    times: fc.integer({ min: 1, max: 8 }),
    firstTokenMs: fc.constantFrom(100, 30_000),
    waitMs: fc.integer({ min: 0, max: 30_000 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 40 }), async (happenings) => {
      // Two models of one credential, which is refused and throttled for both.
      const credential = { name: 'main', headers: [], quotes: () => false };
      const [one, other] = [{ ...target('a'), credential }, target('b')];
      const targets = [one, { ...one, model: 'n' }, other];
      const { clock, weather, plan } = scene({ targets });
      const states = targets.map((each) => weather.of(each, each.policies));
      for (const { target: index, end, times, firstTokenMs, waitMs } of happenings) {
        for (let call = 0; call < times; call++) {
          const closures = states.map((state) => state.closure());
          const step = new Walk(plan, { clock, random: seededRandom(call), weather }).first(LONG_MS);
          const asked = closures.every((closure) => closure?.asked === true);
          expect(step.kind === 'go' || asked).toBe(true);
          if (step.kind === 'go' && !asked) {
            const chosen = step.weather.closure();
            expect(chosen === undefined || closures.every((closure) => closure !== undefined)).toBe(true);
            expect(chosen?.asked).not.toBe(true);
          }
          const passage = (call % 2 === 0 && step.kind === 'go' ? step.weather : states[index])?.begin();
          passage?.firstToken(firstTokenMs);
          passage?.end(end);
        }
        await clock.advance(waitMs);
      }
      expect(weather.inFlight).toEqual({ attempts: 0, retries: 0 });
      expect(clock.pendingTimers).toBe(0);
      await clock.advance(3_600_000);
      for (const state of states) expect(state.closure()).toBeUndefined();
    }),
    { numRuns: 100 },
  );
});
