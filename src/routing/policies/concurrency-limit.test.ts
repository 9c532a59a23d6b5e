import { expect, test } from 'vitest';
import { seededRandom } from '../../kernel/random.ts';
import { DEFAULT_CONCURRENCY } from '../../protocol/policy.ts';
import { ConcurrencyLimit } from './concurrency-limit.ts';

/** How long a call holds its place at the provider, and how long its first token takes once it has one, in ms. */
const CALL_MS = 4_000;
const FIRST_TOKEN_MS = 400;

interface Waiting {
  readonly sinceMs: number;
}

/**
 * A provider that works on `capacity` calls at once and queues the others, and
 * clients that always want more than the limit allows.
 */
function run(limit: ConcurrencyLimit, seed: number, untilMs: number, capacityAt: (ms: number) => number): number[] {
  const random = seededRandom(seed);
  const queue: Waiting[] = [];
  const events: { atMs: number; what: () => void }[] = [];
  const limits: number[] = [];
  let working = 0;
  const at = (atMs: number, what: () => void) => {
    let index = events.length;
    while (index > 0 && (events[index - 1]?.atMs ?? 0) > atMs) index--;
    events.splice(index, 0, { atMs, what });
  };
  const serve = (nowMs: number) => {
    while (working < capacityAt(nowMs) && queue.length > 0) {
      const waiting = queue.shift();
      const spread = 0.6 + random.float() * 0.8;
      const firstMs = nowMs + FIRST_TOKEN_MS * spread;
      const doneMs = nowMs + CALL_MS * spread;
      working++;
      at(firstMs, () => limit.firstToken(firstMs - (waiting?.sinceMs ?? 0), firstMs));
      at(doneMs, () => {
        working--;
        limit.ended();
      });
    }
  };
  for (let nowMs = 0; nowMs < untilMs; nowMs += 5) {
    for (let event = events[0]; event !== undefined && event.atMs <= nowMs; event = events[0]) {
      events.shift();
      event.what();
    }
    while (limit.inFlight < limit.limit) {
      limit.begun();
      queue.push({ sinceMs: nowMs });
    }
    serve(nowMs);
    if (nowMs % 1_000 === 0) limits.push(limit.limit);
  }
  return limits;
}

test('it finds a capacity of 100, keeps to it under a lasting load, and finds 30 within thirty windows when that is left', () => {
  for (let seed = 0; seed < 10; seed++) {
    const limit = new ConcurrencyLimit(DEFAULT_CONCURRENCY);
    const limits = run(limit, seed, 730_000, (ms) => (ms < 600_000 ? 100 : 30));
    for (const found of limits.slice(30, 600)) {
      expect(found).toBeGreaterThan(75);
      expect(found).toBeLessThan(125);
    }
    for (const found of limits.slice(630)) {
      expect(found).toBeGreaterThan(22.5);
      expect(found).toBeLessThan(37.5);
    }
  }
});

/** Windows of twenty first tokens of `ms`, `inFlight` calls being under way. */
function windows(limit: ConcurrencyLimit, count: number, ms: number, fromMs: number): void {
  for (let sample = 0; sample < count * 20; sample++) limit.firstToken(ms, fromMs + sample * 55);
}

test('it grows by half with each window while nothing speaks against it, and no longer once something did', () => {
  const limit = new ConcurrencyLimit(DEFAULT_CONCURRENCY);
  for (let call = 0; call < 200; call++) limit.begun();
  windows(limit, 5, 400, 0);
  expect(limit.limit).toBe(151);
  windows(limit, 1, 4_000, 10_000);
  const { limit: after } = limit;
  windows(limit, 1, 400, 20_000);
  expect(limit.limit - after).toBeLessThanOrEqual(1);
});

test('a limit of which less than half is used neither grows nor shrinks', () => {
  const limit = new ConcurrencyLimit(DEFAULT_CONCURRENCY);
  for (let call = 0; call < 9; call++) limit.begun();
  windows(limit, 10, 400, 0);
  expect(limit.limit).toBe(20);
  windows(limit, 10, 40_000, 20_000);
  expect(limit.limit).toBe(20);
});

test('it stays within 4 and 1,024', () => {
  const limit = new ConcurrencyLimit(DEFAULT_CONCURRENCY);
  for (let call = 0; call < 2_000; call++) limit.begun();
  windows(limit, 40, 400, 0);
  expect(limit.limit).toBe(1_024);
  for (let worse = 1; worse < 200; worse++) windows(limit, 1, 400 * 1.1 ** worse, worse * 60_000);
  expect(limit.limit).toBeLessThan(30);
  expect(limit.limit).toBeGreaterThanOrEqual(4);
});

/** Windows as above, with as many calls under way as the limit allows, and as there are. */
function usedWindows(limit: ConcurrencyLimit, calls: number, count: number, ms: number, fromMs: number): void {
  for (let window = 0; window < count; window++) {
    while (limit.inFlight < Math.min(calls, limit.limit)) limit.begun();
    while (limit.inFlight > limit.limit) limit.ended();
    windows(limit, 1, ms, fromMs + window * 1_100);
  }
}

test('a target that has become slow by itself is not throttled for it for long', () => {
  const limit = new ConcurrencyLimit(DEFAULT_CONCURRENCY);
  usedWindows(limit, 60, 30, 400, 0);
  const { limit: before } = limit;
  usedWindows(limit, 120, 20, 1_200, 100_000);
  expect(limit.limit).toBeGreaterThan(30);
  usedWindows(limit, 120, 10, 1_200, 200_000);
  expect(limit.limit).toBeGreaterThan(before);
});

test('one that was overloaded all along is known for what it is once it is quick', () => {
  const limit = new ConcurrencyLimit(DEFAULT_CONCURRENCY);
  for (let call = 0; call < 40; call++) limit.begun();
  windows(limit, 100, 8_000, 0);
  windows(limit, 40, 400, 1_000_000);
  for (let call = 0; call < 100; call++) limit.begun();
  const { limit: before } = limit;
  windows(limit, 5, 3_000, 3_000_000);
  expect(limit.limit).toBeLessThan(before);
});

test('where no queue was seen within the last minute it is not full unless it refuses', () => {
  const [steering, refusing] = [false, true].map((refuse) => new ConcurrencyLimit({ ...DEFAULT_CONCURRENCY, refuse }));
  for (let call = 0; call < 20; call++) {
    steering?.begun();
    refusing?.begun();
  }
  expect([steering?.isFull(0), refusing?.isFull(0)]).toEqual([false, true]);
  for (let call = 0; call < 2_000; call++) steering?.begun();
  if (steering !== undefined) {
    windows(steering, 5, 400, 0);
    windows(steering, 1, 4_000, 10_000);
    expect(steering.isFull(20_000)).toBe(false);
    windows(steering, 2, 4_000, 20_000);
  }
  expect(steering?.isFull(30_000)).toBe(true);
  expect(steering?.isFull(90_000)).toBe(false);
});

test('ended calls make room', () => {
  const limit = new ConcurrencyLimit({ ...DEFAULT_CONCURRENCY, refuse: true });
  for (let call = 0; call < 20; call++) limit.begun();
  limit.ended();
  expect(limit.isFull(0)).toBe(false);
});

test('a burst at a target that was never seen to queue is no reason to go elsewhere', () => {
  const limit = new ConcurrencyLimit(DEFAULT_CONCURRENCY);
  for (let nowMs = 0; nowMs < 3_000; nowMs += 100) limit.firstToken(200, nowMs);
  for (let begun = 0; begun < 200; begun++) limit.begun();
  expect(limit.inFlight).toBeGreaterThan(limit.limit);
  expect(limit.isFull(3_000)).toBe(false);
  expect(refusing(3_000)).toBe(true);
});

/** The same with a limit that refuses. */
function refusing(nowMs: number): boolean {
  const limit = new ConcurrencyLimit({ ...DEFAULT_CONCURRENCY, refuse: true });
  for (let begun = 0; begun < 200; begun++) limit.begun();
  return limit.isFull(nowMs);
}

/** A long-tailed target without any limit: 80 calls a second, p50 650 ms and p95 1,800 ms to the first token. */
function fullShare(seed: number): number {
  const random = seededRandom(seed);
  const limit = new ConcurrencyLimit(DEFAULT_CONCURRENCY);
  const due: { atMs: number; what: () => void }[] = [];
  let [full, calls] = [0, 0];
  for (let nowMs = 0; nowMs < 600_000; nowMs += 12.5 * 2 * random.float()) {
    due.sort((one, other) => one.atMs - other.atMs);
    while ((due[0]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs) due.shift()?.what();
    calls++;
    if (limit.isFull(nowMs)) full++;
    limit.begun();
    const normal = Math.sqrt(-2 * Math.log(1 - random.float())) * Math.cos(2 * Math.PI * random.float());
    const firstMs = 650 * Math.exp(0.62 * normal);
    due.push({ atMs: nowMs + firstMs, what: () => limit.firstToken(firstMs, nowMs + firstMs) });
    due.push({ atMs: nowMs + firstMs + 4_000, what: () => limit.ended() });
  }
  return full / calls;
}

test.each([1, 2, 3, 4])('a target that is uneven and never queues is never full (seed %i)', (seed) => {
  expect(fullShare(seed)).toBe(0);
});
