import { expect, test } from 'vitest';
import { VirtualClock } from '../kernel/clock.ts';
import { ClientPings, PING } from './client-pings.ts';

function pings(everyMs = 15_000) {
  const clock = new VirtualClock();
  const at: number[] = [];
  const made = new ClientPings(clock, everyMs, () => at.push(clock.monotonicMs()));
  return { clock, at, made };
}

test('a ping is a comment, which no client takes for an event', () => {
  expect(PING.toString()).toBe(': ping\n\n');
});

test('a silent stream is pinged each fifteen seconds, and no more once it is over', async () => {
  const { clock, at, made } = pings();
  await clock.advance(60_000);
  made.start();
  await clock.advance(200_000);
  expect(at).toEqual([75, 90, 105, 120, 135, 150, 165, 180, 195, 210, 225, 240, 255].map((second) => second * 1_000));
  made.stop();
  expect(clock.pendingTimers).toBe(0);
  await clock.advance(60_000);
  expect(at).toHaveLength(13);
});

test('a stream that says something is left alone, and its silence counts from its last word', async () => {
  const { clock, at, made } = pings();
  made.start();
  for (let event = 0; event < 100; event++) {
    await clock.advance(1_000);
    made.wrote();
    expect(clock.pendingTimers).toBe(1);
  }
  expect(at).toEqual([]);
  await clock.advance(14_999);
  expect(at).toEqual([]);
  await clock.advance(1);
  expect(at).toEqual([115_000]);
  made.stop();
  expect(clock.pendingTimers).toBe(0);
});

test('starting twice runs one timer; stopping first, or from within a ping, leaves none', async () => {
  const { clock, made } = pings();
  made.start();
  made.start();
  expect(clock.pendingTimers).toBe(1);
  made.stop();
  made.start();
  expect(clock.pendingTimers).toBe(0);

  let count = 0;
  const once = new ClientPings(clock, 10, () => {
    count++;
    once.stop();
  });
  once.start();
  await clock.advance(1_000);
  expect(count).toBe(1);
  expect(clock.pendingTimers).toBe(0);
});
