import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../kernel/errors.ts';
import { seededRandom } from '../../kernel/random.ts';
import type { ShedPolicy } from '../../protocol/policy.ts';
import { PRIORITIES, type Priority } from '../../protocol/priority.ts';
import { LoadShed } from './load-shed.ts';

const POLICY: ShedPolicy = { eventLoopDelayMs: 100, heapPercent: 80, inFlightMax: undefined };

function shedder(policy: ShedPolicy | undefined = POLICY) {
  const heard: string[] = [];
  const shed = new LoadShed({
    random: seededRandom(7),
    policy: () => policy,
    onShed: (priority, reason) => heard.push(`${priority} ${reason}`),
  });
  const seconds = (count: number, loopDelayMs: number, heapPercent = 20) => {
    for (let second = 0; second < count; second++) shed.observe({ loopDelayMs, heapPercent });
  };
  /** How many of a thousand calls of a priority come in. */
  const admitted = (priority: Priority, inFlight = 0) => {
    let count = 0;
    for (let call = 0; call < 1_000; call++) {
      if (refusal(() => shed.admit(priority, inFlight)) === undefined) count++;
    }
    return count;
  };
  return { shed, heard, seconds, admitted };
}

function refusal(work: () => void): GatewayError | undefined {
  try {
    work();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof GatewayError) return thrown;
    throw thrown;
  }
}

test('a calm gateway refuses nobody', () => {
  const { seconds, admitted, heard } = shedder();
  seconds(60, 99, 79);
  expect(PRIORITIES.map((priority) => admitted(priority))).toEqual([1_000, 1_000, 1_000, 1_000]);
  expect(heard).toEqual([]);
});

describe('a late event loop', () => {
  test('one long turn refuses calls of low priority, and of no other', () => {
    const { seconds, admitted, heard } = shedder();
    seconds(1, 1_000);
    expect(PRIORITIES.map((priority) => admitted(priority))).toEqual([0, 1_000, 1_000, 1_000]);
    expect(new Set(heard)).toEqual(new Set(['low event_loop']));
  });

  test('a little too late refuses only a part of the low ones', () => {
    const { seconds, admitted } = shedder();
    seconds(1, 120);
    expect(admitted('low')).toBeGreaterThan(600);
    expect(admitted('low')).toBeLessThan(800);
    seconds(10, 120);
    expect(admitted('low')).toBe(0);
    expect(admitted('normal')).toBe(1_000);
  });

  test('one that stays far too late refuses normal ones after three seconds and high ones after five, but never a critical one', () => {
    const { seconds, admitted } = shedder();
    seconds(2, 2_000);
    expect(admitted('normal')).toBe(1_000);
    seconds(1, 2_000);
    expect(admitted('normal')).toBeLessThan(750);
    expect(admitted('high')).toBe(1_000);
    seconds(2, 2_000);
    expect(admitted('high')).toBeLessThan(750);
    seconds(60, 500_000);
    expect(PRIORITIES.map((priority) => admitted(priority))).toEqual([0, 0, 0, 1_000]);
  });

  test('what most calls say is served a little late rather than not at all', () => {
    const { seconds, admitted } = shedder();
    seconds(600, 390);
    expect(PRIORITIES.map((priority) => admitted(priority))).toEqual([0, 1_000, 1_000, 1_000]);
  });

  test('between calm and too late the shares stay as they are, and five calm seconds bring everybody back', () => {
    const { seconds, shed, admitted } = shedder();
    seconds(1, 300);
    const share = shed.shareOf('low');
    expect(share).toBeGreaterThan(0);
    for (const delayMs of [75, 95, 80, 100]) seconds(5, delayMs);
    expect(shed.shareOf('low')).toBe(share);
    seconds(5, 10);
    expect(admitted('low')).toBe(1_000);
  });

  test('a load that swings about the limit moves the share a little and never switches it', () => {
    const { shed } = shedder();
    let before = 0;
    let largestFall = 0;
    for (let second = 0; second < 600; second++) {
      shed.observe({ loopDelayMs: second % 2 === 0 ? 104 : 60, heapPercent: 20 });
      largestFall = Math.max(largestFall, before - shed.shareOf('low'));
      before = shed.shareOf('low');
    }
    expect(largestFall).toBeLessThan(0.21);
    expect(shed.shareOf('normal')).toBe(0);
  });
});

test('a heap that is nearly full refuses low calls, and says so', () => {
  const { seconds, admitted, heard } = shedder();
  seconds(10, 5, 82);
  expect(admitted('low')).toBe(0);
  expect(admitted('normal')).toBe(1_000);
  expect(new Set(heard)).toEqual(new Set(['low heap']));
  seconds(20, 5, 97);
  expect(admitted('normal')).toBe(0);
  expect(admitted('critical')).toBe(1_000);
});

test('calls in flight leave room for those of a higher priority', () => {
  const { admitted, heard } = shedder({ ...POLICY, inFlightMax: 100 });
  expect(PRIORITIES.map((priority) => admitted(priority, 69))).toEqual([1_000, 1_000, 1_000, 1_000]);
  expect(PRIORITIES.map((priority) => admitted(priority, 70))).toEqual([0, 1_000, 1_000, 1_000]);
  expect(PRIORITIES.map((priority) => admitted(priority, 85))).toEqual([0, 0, 1_000, 1_000]);
  expect(PRIORITIES.map((priority) => admitted(priority, 95))).toEqual([0, 0, 0, 1_000]);
  expect(PRIORITIES.map((priority) => admitted(priority, 100))).toEqual([0, 0, 0, 0]);
  expect(new Set(heard.map((line) => line.split(' ')[1]))).toEqual(new Set(['in_flight']));
});

test('where the policy is off nothing is refused, and what was is forgotten', () => {
  let policy: ShedPolicy | undefined = POLICY;
  const shed = new LoadShed({ random: seededRandom(1), policy: () => policy, onShed: () => undefined });
  shed.observe({ loopDelayMs: 10_000, heapPercent: 99 });
  expect(shed.shareOf('low')).toBe(1);
  policy = undefined;
  for (let second = 0; second < 5; second++) shed.observe({ loopDelayMs: 10_000, heapPercent: 99 });
  expect(shed.shareOf('low')).toBe(0);
});

test('whoever is refused hears when to come again, each a little differently', () => {
  const { shed, seconds } = shedder();
  seconds(1, 1_000);
  const waits = Array.from({ length: 200 }, () => {
    const error = refusal(() => shed.admit('low', 0));
    expect(error?.code).toBe('overloaded');
    expect(error?.status).toBe(503);
    expect(error?.message).toMatch(/\(this one is low\)\. Send it again in [1-5] s\./);
    return error?.retryAfterMs ?? 0;
  });
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(1_000);
  expect(Math.max(...waits)).toBeLessThanOrEqual(5_000);
  expect(new Set(waits).size).toBeGreaterThan(150);
});

test('whatever the readings, no priority is shed more than a lower one, and critical never', () => {
  const reading = fc.record({
    loopDelayMs: fc.double({ min: 0, max: 2_000, noNaN: true }),
    heapPercent: fc.double({ min: 0, max: 100, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(reading, { maxLength: 100 }), (readings) => {
      const { shed } = shedder();
      for (const one of readings) {
        shed.observe(one);
        const [low = 0, normal = 0, high = 0, critical = 0] = PRIORITIES.map((priority) => shed.shareOf(priority));
        expect(low <= 1 && low >= normal - 1e-9 && normal >= high - 1e-9 && high >= 0 && critical === 0).toBe(true);
      }
    }),
  );
});
