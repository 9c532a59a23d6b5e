import { expect, test } from 'vitest';
import { systemClock, VirtualClock } from './clock.ts';
import { FarTimers } from './far-timers.ts';

function made() {
  const clock = new VirtualClock();
  const timers = new FarTimers(clock);
  const fired: string[] = [];
  const startMs = clock.monotonicMs();
  const after = (delayMs: number, name = String(delayMs)) =>
    timers.after(delayMs, () => fired.push(`${name} at ${clock.monotonicMs() - startMs}`));
  return { clock, timers, after, fired };
}

test('each fires once, when it is due, in whatever order they were set', async () => {
  const { clock, after, fired } = made();
  for (const delayMs of [60_000, 1_000, 1_499.5, 3_250, 1_000]) after(delayMs);
  await clock.advance(999);
  expect(fired).toEqual([]);
  await clock.advance(120_000);
  expect(fired.toSorted()).toEqual([
    '1000 at 1000',
    '1000 at 1000',
    '1499.5 at 1499.5',
    '3250 at 3250',
    '60000 at 60000',
  ]);
  expect(clock.pendingTimers).toBe(0);
});

test.each([0, 400, 4_700, 5_000])(
  'one that is cancelled after %i ms does not fire, and the others do',
  async (whenMs) => {
    const { clock, after, fired } = made();
    const [first, second, third] = [after(5_000), after(5_100), after(5_200)];
    await clock.advance(whenMs);
    second.cancel();
    second.cancel();
    await clock.advance(10_000);
    expect(fired).toEqual(['5000 at 5000', '5200 at 5200']);
    for (const timer of [first, second, third]) timer.cancel();
    expect(clock.pendingTimers).toBe(0);
    after(1_000, 'later');
    await clock.advance(1_000);
    expect(fired).toContain(`later at ${whenMs + 11_000}`);
  },
);

test('one that fires may cancel others and set new ones', async () => {
  const { clock, timers, after, fired } = made();
  const other = after(2_100);
  timers.after(2_000, () => {
    other.cancel();
    after(1_000, 'new');
  });
  await clock.advance(20_000);
  expect(fired).toEqual(['new at 3000']);
  expect(clock.pendingTimers).toBe(0);
});

test('nothing runs once the last is cancelled, and one timer of the clock while many wait', () => {
  const { clock, after } = made();
  const waiting = Array.from({ length: 100 }, (_, index) => after(1_000 + index));
  expect(clock.pendingTimers).toBe(1);
  for (const timer of waiting) timer.cancel();
  expect(clock.pendingTimers).toBe(0);
});

test('one that is due while the machine stands still fires as soon as it goes on', async () => {
  let nowMs = 0;
  const due: (() => void)[] = [];
  const timers = new FarTimers({
    monotonicMs: () => nowMs,
    after: (_delayMs, fire) => {
      due.push(fire);
      return { cancel: () => undefined };
    },
  });
  const fired: number[] = [];
  timers.after(1_000, () => fired.push(nowMs));
  nowMs = 9_000;
  while (due.length > 0) due.shift()?.();
  expect(fired).toEqual([9_000]);
});

test('the machine’s clock fires what is far away in its time', async () => {
  const startMs = systemClock.monotonicMs();
  await new Promise<void>((resolve) => void systemClock.after(1_200, resolve));
  expect(systemClock.monotonicMs() - startMs).toBeGreaterThanOrEqual(1_199);
});
