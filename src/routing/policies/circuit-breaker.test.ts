import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../../kernel/random.ts';
import { DEFAULT_BREAKER } from '../../protocol/policy.ts';
import { CircuitBreaker } from './circuit-breaker.ts';

const HOUR_MS = 3_600_000;

function breaker(seed = 1): CircuitBreaker {
  return new CircuitBreaker(DEFAULT_BREAKER, seededRandom(seed));
}

/** One call that ends at once. */
function call(target: CircuitBreaker, nowMs: number, failed: boolean): void {
  const ticket = target.begin(nowMs);
  if (failed) target.failed(ticket, nowMs);
  else target.ok(ticket, nowMs);
}

/** Calls every `everyMs`, each only where it is admitted. @returns when it first admitted none */
function offer(
  target: CircuitBreaker,
  fromMs: number,
  toMs: number,
  everyMs: number,
  failing: (ms: number) => boolean,
) {
  let closedAtMs: number | undefined;
  for (let ms = fromMs; ms < toMs; ms += everyMs) {
    if (target.admits(ms)) call(target, ms, failing(ms));
    else closedAtMs ??= ms;
  }
  return closedAtMs;
}

const opened = (seed: number) => {
  const target = breaker(seed);
  for (let ms = 0; ms < 5; ms++) call(target, ms, true);
  return target;
};

test('five failures in a row open it, and four do not', () => {
  const target = breaker();
  for (let ms = 0; ms < 4; ms++) call(target, ms, true);
  expect(target.admits(4)).toBe(true);
  call(target, 4, true);
  expect(target.admits(5)).toBe(false);
  expect(target.reason(5)).toBe('breaker open after 5 failures in a row');
});

test('an answer ends the row', () => {
  const target = breaker();
  for (let round = 0; round < 3; round++) {
    for (let ms = 0; ms < 4; ms++) call(target, round * 10 + ms, true);
    call(target, round * 10 + 4, false);
  }
  expect(target.admits(40)).toBe(true);
});

test('half of twenty calls within the window open it; of nineteen they do not', () => {
  const alternating = (calls: number) => {
    const target = breaker();
    for (let ms = 0; ms < calls; ms++) call(target, ms, ms % 2 === 0);
    return target.admits(calls);
  };
  expect(alternating(19)).toBe(true);
  expect(alternating(21)).toBe(false);
});

test('failures that have left the window do not count', () => {
  const target = breaker();
  for (let index = 0; index < 60; index++) call(target, index * 3_000, index % 2 === 0);
  expect(target.admits(200_000)).toBe(true);
});

test('a total outage opens it within five failures where there was no noise, and within ten seconds in any case', () => {
  for (let seed = 0; seed < 50; seed++) {
    for (const noise of [0, 0.02, 0.1, 0.3]) {
      const random = seededRandom(seed);
      const target = breaker(seed);
      offer(target, 0, 120_000, 100, () => random.float() < noise);
      if (!target.admits(120_000)) continue;
      const closedAtMs = offer(target, 120_000, 140_000, 100, () => true) ?? Number.POSITIVE_INFINITY;
      expect(closedAtMs - 120_000).toBeLessThanOrEqual(noise === 0 ? 500 : 10_000);
    }
  }
});

test('a total outage of a noisy target with little traffic opens it within ten seconds', () => {
  for (let seed = 0; seed < 50; seed++) {
    const random = seededRandom(seed);
    const target = breaker(seed);
    offer(target, 0, 600_000, 1_500, () => random.float() < 0.1);
    const closedAtMs = offer(target, 600_000, 700_000, 1_500, () => true) ?? Number.POSITIVE_INFINITY;
    expect(closedAtMs - 600_000).toBeLessThanOrEqual(12_000);
  }
});

test('one call in ten that fails never opens it, in an hour of ten calls a second, by any of two hundred seeds', () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = seededRandom(seed);
    const target = breaker(seed);
    // Of a target that nothing is known of, five failures in a row at its very start are an outage.
    offer(target, 0, 2_000, 100, () => random.float() < 0.1);
    const { openings } = target.view(2_000);
    offer(target, 2_000, HOUR_MS, 100, () => random.float() < 0.1);
    expect({ seed, flaps: target.view(HOUR_MS).openings - openings }).toEqual({ seed, flaps: 0 });
  }
});

test('it stays open for half to all of thirty seconds the first time, spread evenly', () => {
  const openMs = Array.from({ length: 400 }, (_, seed) => (opened(seed).untilMs(5) ?? 0) - 4);
  expect(Math.min(...openMs)).toBeGreaterThanOrEqual(15_000);
  expect(Math.max(...openMs)).toBeLessThanOrEqual(30_000);
  for (let from = 15_000; from < 30_000; from += 3_000) {
    expect(openMs.filter((ms) => ms >= from && ms < from + 3_000).length).toBeGreaterThan(40);
  }
});

test('whenever the target heals, calls pass again within 35 s', () => {
  fc.assert(
    fc.property(fc.nat({ max: 1_000 }), fc.integer({ min: 1_000, max: 14_000 }), (seed, healsAtMs) => {
      const target = breaker(seed);
      offer(target, 0, healsAtMs, 100, () => true);
      for (let ms = healsAtMs; ms < healsAtMs + 35_000; ms += 100) if (target.admits(ms)) call(target, ms, false);
      expect(['returning', 'closed']).toContain(target.view(healsAtMs + 35_000).state);
    }),
    { numRuns: 300 },
  );
});

test('each time that its probe fails it stays open twice as long, half more or less, and never above the cap', () => {
  for (let seed = 0; seed < 100; seed++) {
    const target = opened(seed);
    let nowMs = 4;
    for (let again = 1; again < 9; again++) {
      nowMs = target.untilMs(nowMs) ?? Number.NaN;
      call(target, nowMs, true);
      const openMs = (target.untilMs(nowMs) ?? Number.NaN) - nowMs;
      const plainMs = Math.min(30_000 * 2 ** again, 300_000);
      expect(openMs).toBeGreaterThanOrEqual(plainMs * 0.5);
      expect(openMs).toBeLessThanOrEqual(Math.min(plainMs * 1.5, 300_000));
    }
  }
});

test('after a long calm the doubling begins anew', () => {
  const target = opened(3);
  let nowMs = target.untilMs(5) ?? Number.NaN;
  call(target, nowMs, true);
  nowMs = target.untilMs(nowMs) ?? Number.NaN;
  for (let probe = 0; probe < 4; probe++) call(target, nowMs, false);
  nowMs += 600_000;
  for (let index = 0; index < 5; index++) call(target, nowMs, true);
  expect((target.untilMs(nowMs) ?? Number.NaN) - nowMs).toBeLessThanOrEqual(30_000);
});

test('half open it lets one probe through, then three, then as many as are answered', () => {
  const target = opened(1);
  const nowMs = target.untilMs(5) ?? Number.NaN;
  expect(target.admits(nowMs - 1)).toBe(false);
  expect(target.admits(nowMs)).toBe(true);
  const first = target.begin(nowMs);
  expect(target.admits(nowMs)).toBe(false);
  expect(target.reason(nowMs)).toBe('breaker half open, probes are under way');
  target.ok(first, nowMs);
  const round = [0, 1, 2].map(() => {
    expect(target.admits(nowMs)).toBe(true);
    return target.begin(nowMs);
  });
  expect(target.admits(nowMs)).toBe(false);
  for (const ticket of round) target.ok(ticket, nowMs);
  expect(target.view(nowMs).state).toBe('returning');
  const returning = [0, 1, 2].map(() => target.begin(nowMs));
  expect(target.admits(nowMs)).toBe(false);
  for (const ticket of returning) target.ok(ticket, nowMs);
  for (let index = 0; index < 6; index++) {
    expect(target.admits(nowMs)).toBe(true);
    target.begin(nowMs);
  }
  expect(target.admits(nowMs)).toBe(false);
  expect(target.admits(nowMs + DEFAULT_BREAKER.returnMs)).toBe(true);
  expect(target.view(nowMs + DEFAULT_BREAKER.returnMs).state).toBe('closed');
});

test('a probe that is cancelled frees its slot', () => {
  const target = opened(1);
  const nowMs = target.untilMs(5) ?? Number.NaN;
  for (let index = 0; index < 20; index++) {
    expect(target.admits(nowMs)).toBe(true);
    const ticket = target.begin(nowMs);
    target.freed(ticket);
    target.freed(ticket);
  }
  expect(target.view(nowMs).state).toBe('half-open');
});

test('a probe has passed with the first sign of life, and a stream that breaks later still counts as failed', () => {
  const target = opened(1);
  const nowMs = target.untilMs(5) ?? Number.NaN;
  const probe = target.heard(target.begin(nowMs), nowMs);
  const round = [0, 1, 2].map(() => target.heard(target.begin(nowMs), nowMs));
  expect(target.view(nowMs).state).toBe('returning');
  for (const ticket of [probe, ...round]) target.failed(ticket, nowMs + 1);
  call(target, nowMs + 2, true);
  expect(target.view(nowMs + 2).state).toBe('open');
});

test('what began before an opening says nothing about what came after it', () => {
  const target = breaker();
  const early = Array.from({ length: 30 }, () => target.begin(0));
  for (const ticket of early.slice(0, 5)) target.failed(ticket, 1);
  const untilMs = target.untilMs(1) ?? Number.NaN;
  for (const ticket of early.slice(5, 15)) target.failed(ticket, untilMs);
  for (const ticket of early.slice(15)) target.ok(ticket, untilMs);
  expect(target.view(untilMs)).toMatchObject({ state: 'half-open', openings: 1 });
  expect(target.admits(untilMs)).toBe(true);
});

test('a call that was sent all the same while it was open and is answered brings it back early', () => {
  const target = opened(1);
  const forced = Array.from({ length: 4 }, () => target.begin(100));
  target.failed(forced[3] ?? 0, 150);
  expect(target.view(200).state).toBe('open');
  target.ok(forced[0] ?? 0, 200);
  expect(target.view(200).state).toBe('half-open');
  expect(target.admits(200)).toBe(true);
});

test('calls that hang since it was open take no probe’s slot', () => {
  const target = opened(1);
  for (let call = 0; call < 10; call++) target.begin(100);
  expect(target.admits(target.untilMs(100) ?? Number.NaN)).toBe(true);
});

test('a probe counts once, however often it tells', () => {
  const target = opened(1);
  const nowMs = target.untilMs(5) ?? Number.NaN;
  target.ok(target.heard(target.begin(nowMs), nowMs), nowMs);
  for (let probe = 0; probe < 3; probe++) {
    expect(target.admits(nowMs)).toBe(true);
    target.begin(nowMs);
  }
  expect(target.admits(nowMs)).toBe(false);
});

test('what opened it is forgotten once it is back', () => {
  const target = breaker(1);
  for (let ms = 0; ms < 21; ms++) call(target, ms, ms % 2 === 0);
  const nowMs = target.untilMs(21) ?? Number.NaN;
  expect(nowMs).toBeLessThan(DEFAULT_BREAKER.windowMs);
  for (let probe = 0; probe < 4; probe++) call(target, nowMs, false);
  call(target, nowMs, true);
  expect(target.view(nowMs)).toMatchObject({ state: 'returning', calls: 5, failed: 1 });
});

test('whatever happens in whatever order, its slots are never lost and it admits calls again', () => {
  const step = fc.record({
    waitMs: fc.integer({ min: 0, max: 40_000 }),
    what: fc.constantFrom('begin', 'ok', 'failed', 'freed', 'heard'),
    which: fc.nat({ max: 20 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.nat(), (steps, seed) => {
      const target = breaker(seed);
      const open: number[] = [];
      let nowMs = 0;
      for (const { waitMs, what, which } of steps) {
        nowMs += waitMs;
        const index = which % Math.max(1, open.length);
        const ticket = open[index];
        if (what === 'begin' || ticket === undefined) open.push(target.begin(nowMs));
        else if (what === 'heard') open[index] = target.heard(ticket, nowMs);
        else {
          open.splice(index, 1);
          target[what](ticket, nowMs);
        }
      }
      for (const ticket of open) target.freed(ticket);
      nowMs += DEFAULT_BREAKER.openMsMax;
      expect(target.admits(nowMs)).toBe(true);
      for (let probe = 0; probe < 20; probe++) call(target, nowMs, false);
      expect(target.view(nowMs + DEFAULT_BREAKER.returnMs).state).toBe('closed');
    }),
    { numRuns: 500 },
  );
});
