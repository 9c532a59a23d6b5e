import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { LoadReading } from '../edge/http/load-shed.ts';
import { type Clock, systemClock, type Timer, VirtualClock } from '../kernel/clock.ts';
import { LoadMonitor } from './load-monitor.ts';

/** A clock whose timers come late, as they do on a loop that is blocked. */
class LateClock implements Clock {
  readonly inner = new VirtualClock();
  lateMs = 0;
  now = () => this.inner.now();
  monotonicMs = () => this.inner.monotonicMs();
  after = (delayMs: number, fire: () => void): Timer => this.inner.after(delayMs + this.lateMs, fire);
  soon = (work: () => void) => this.inner.soon(work);
}

function monitor(clock: Clock, heapPercent = () => 10) {
  const readings: LoadReading[] = [];
  const lines: [string, object | undefined][] = [];
  let share = 0;
  const made = new LoadMonitor({
    clock,
    log: {
      warn: (facts, message) => lines.push([message, (facts as { refused: object }).refused]),
      info: (message) => lines.push([message, undefined]),
    },
    shed: { observe: (reading) => void readings.push(reading), shareOf: () => share },
    heapPercent,
    inFlight: () => 3,
  });
  return { made, readings, lines, shareIs: (next: number) => (share = next) };
}

test('each second tells how late the worst timer was, and how full the heap', async () => {
  const clock = new LateClock();
  const { made, readings } = monitor(clock, () => 33);
  made.start();
  await clock.inner.advance(1_000);
  clock.lateMs = 300;
  await clock.inner.advance(1_400);
  clock.lateMs = 0;
  await clock.inner.advance(2_400);
  expect(readings.map(({ loopDelayMs }) => loopDelayMs)).toEqual([0, 300, 300, 0]);
  expect(made.reading).toEqual({ loopDelayMs: 0, heapPercent: 33 });
  made.close();
  expect(clock.inner.pendingTimers).toBe(0);
});

test('refused calls are one line of the log for ten seconds, and one when it is over', async () => {
  const clock = new VirtualClock();
  const { made, lines, shareIs } = monitor(clock);
  made.start();
  await clock.advance(5_000);
  expect(lines).toEqual([]);
  shareIs(1);
  for (let second = 0; second < 25; second++) {
    made.refused('low', 'event_loop');
    made.refused('low', 'event_loop');
    if (second % 2 === 0) made.refused('normal', 'in_flight');
    await clock.advance(1_000);
  }
  shareIs(0);
  await clock.advance(60_000);
  expect(lines.map(([message, refused]) => [message.slice(0, 40), refused])).toEqual([
    ['the gateway has more to do than it can a', { 'low event_loop': 2, 'normal in_flight': 1 }],
    ['the gateway has more to do than it can a', { 'low event_loop': 20, 'normal in_flight': 5 }],
    ['the gateway has more to do than it can a', { 'low event_loop': 20, 'normal in_flight': 5 }],
    ['the gateway has more to do than it can a', { 'low event_loop': 8, 'normal in_flight': 2 }],
    ['the gateway refuses no calls for its loa', undefined],
  ]);
  made.close();
  expect(clock.pendingTimers).toBe(0);
});

test('a loop that is really blocked is seen within a second, and the heap is really read', async () => {
  const readings: LoadReading[] = [];
  const made = new LoadMonitor({
    clock: systemClock,
    log: { warn: () => undefined, info: () => undefined },
    shed: { observe: (reading) => void readings.push(reading), shareOf: () => 0 },
    inFlight: () => 0,
  });
  made.start();
  await wait(50);
  const endAt = performance.now() + 400;
  while (performance.now() < endAt);
  await wait(1_200);
  made.close();
  expect(Math.max(...readings.map(({ loopDelayMs }) => loopDelayMs))).toBeGreaterThan(300);
  expect(made.reading.heapPercent).toBeGreaterThan(0);
  expect(made.reading.heapPercent).toBeLessThan(100);
});
