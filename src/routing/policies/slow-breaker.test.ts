import { expect, test } from 'vitest';
import { seededRandom } from '../../kernel/random.ts';
import { DEFAULT_BREAKER, type SlowPolicy } from '../../protocol/policy.ts';
import { SlowBreaker } from './slow-breaker.ts';

const SLOW: SlowPolicy = { firstTokenMsMax: 20_000, times: 3, msMin: 5_000, percent: 80, calls: 20 };

/** Calls, until it admits none. @returns how many there were */
function calls(target: SlowBreaker, count: number, nowMs: number, timeMs: (index: number) => number): number {
  for (let index = 0; index < count; index++) {
    if (!target.admits(nowMs)) return index;
    const ticket = target.firstToken(target.begin(nowMs), timeMs(index), nowMs);
    target.ended(ticket, undefined, nowMs);
  }
  return count;
}

/** One with the habit of about `ms`. */
function used(ms: number): SlowBreaker {
  const target = new SlowBreaker(SLOW, DEFAULT_BREAKER, seededRandom(1));
  calls(target, 300, 0, (index) => ms * (0.8 + (index % 10) / 50));
  return target;
}

test('a target that turns slow is left within twenty calls', () => {
  const target = used(2_000);
  expect(calls(target, 100, 1, () => 9_000)).toBeLessThanOrEqual(20);
  expect(target.reason(1)).toMatch(/^slow: 1[67] slow first tokens in 20$/);
});

test('above the absolute bound is slow whatever the habit, also for a target that nothing is known of', () => {
  expect(used(15_000).boundMs).toBe(20_000);
  const unknown = new SlowBreaker(SLOW, DEFAULT_BREAKER, seededRandom(1));
  expect(calls(unknown, 100, 0, () => 20_001)).toBe(20);
});

test('up to five seconds nothing is slow, and neither is thrice the habit or less', () => {
  expect(calls(used(100), 400, 1, () => 5_000)).toBe(400);
  expect(calls(used(4_000), 400, 1, () => 11_000)).toBe(400);
});

test('three slow calls in four are not enough', () => {
  expect(calls(used(2_000), 400, 1, (index) => (index % 4 === 0 ? 1_000 : 9_000))).toBe(400);
});

test('the habit is not worn out by what is being judged', () => {
  const target = used(2_000);
  const { boundMs } = target;
  calls(target, 15, 1, () => 9_000);
  expect(target.boundMs).toBe(boundMs);
});

test('one slow probe opens it again, a quick one and three more bring it back', () => {
  const target = used(2_000);
  calls(target, 20, 0, () => 9_000);
  let nowMs = target.untilMs(0) ?? Number.NaN;
  expect(calls(target, 5, nowMs, () => 9_000)).toBe(1);
  nowMs = target.untilMs(nowMs) ?? Number.NaN;
  calls(target, 4, nowMs, () => 2_000);
  expect(target.view(nowMs)).toMatchObject({ state: 'returning', openings: 2 });
});

test('what began before an opening says nothing about what came after it', () => {
  const target = used(2_000);
  const early = Array.from({ length: 30 }, () => target.begin(0));
  for (const ticket of early.slice(0, 20)) target.firstToken(ticket, 9_000, 0);
  const nowMs = target.untilMs(0) ?? Number.NaN;
  for (const ticket of early.slice(20, 25)) target.firstToken(ticket, 9_000, nowMs);
  for (const ticket of early.slice(25)) target.firstToken(ticket, 100, nowMs);
  expect(target.view(nowMs)).toMatchObject({ state: 'half-open', openings: 1, slowPercent: 0 });
});

test('an answer that is not streamed passes a probe when all of it was quick, and frees the slot otherwise', () => {
  const target = used(2_000);
  calls(target, 20, 0, () => 9_000);
  const nowMs = target.untilMs(0) ?? Number.NaN;
  target.ended(target.begin(nowMs), 60_000, nowMs);
  expect(target.admits(nowMs)).toBe(true);
  expect(target.view(nowMs).state).toBe('half-open');
  for (let probe = 0; probe < 4; probe++) target.ended(target.begin(nowMs), 1_000, nowMs);
  expect(target.view(nowMs).state).toBe('returning');
});

test('one that keeps silent for longer than the bound is slow, and a shorter silence says nothing', () => {
  const target = used(2_000);
  for (let index = 0; index < 40; index++) target.ended(target.silent(target.begin(1), 3_000, 1), undefined, 1);
  expect(target.admits(1)).toBe(true);
  for (let index = 0; index < 20; index++) target.ended(target.silent(target.begin(1), 9_000, 1), undefined, 1);
  expect(target.admits(1)).toBe(false);
});

test('a target that stays slower for good is used again after a dozen slow probes', () => {
  const target = used(2_000);
  calls(target, 20, 0, () => 9_000);
  let [nowMs, probes] = [0, 0];
  while (target.view(nowMs).state !== 'closed' && probes < 100) {
    nowMs = target.untilMs(nowMs) ?? nowMs + 5_000;
    probes += calls(target, 1, nowMs, () => 9_000);
  }
  expect(probes).toBeLessThan(40);
  expect(nowMs).toBeGreaterThan(30 * 60_000);
  expect(calls(target, 200, nowMs + 20_000, () => 9_000)).toBe(200);
});
