import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventClock } from './event-clock.ts';

const never = () => false;

test('events fire by their due time, those of one instant in the order of their making, and cancelled ones never', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ delayMs: fc.integer({ min: 0, max: 50 }), cancelled: fc.boolean() }), { maxLength: 200 }),
      async (timers) => {
        const clock = new EventClock(0);
        const fired: number[] = [];
        const made = timers.map(({ delayMs }, index) => clock.after(delayMs, () => fired.push(index)));
        for (const [index, { cancelled }] of timers.entries()) if (cancelled) made[index]?.cancel();
        await clock.run(never);
        const expected = timers
          .map(({ delayMs, cancelled }, index) => ({ delayMs, cancelled, index }))
          .filter(({ cancelled }) => !cancelled)
          .sort((one, other) => one.delayMs - other.delayMs || one.index - other.index);
        expect(fired).toEqual(expected.map(({ index }) => index));
        expect(clock.pendingTimers).toBe(0);
      },
    ),
    { numRuns: 200 },
  );
});

test('what promises owe is done before time goes on, however long their chain is', async () => {
  const clock = new EventClock(1_000);
  const seen: string[] = [];
  clock.after(1, () => {
    let chain = Promise.resolve();
    for (let link = 0; link < 500; link++) chain = chain.then(() => undefined);
    void chain.then(() => seen.push(`settled at ${clock.monotonicMs()}`));
  });
  clock.after(2, () => seen.push(`next at ${clock.monotonicMs()}`));
  await clock.run(never);
  expect(seen).toEqual(['settled at 1', 'next at 2']);
  expect(clock.now()).toBe(1_002);
});

test('a wait that rounding has left ends all the same', async () => {
  const clock = new EventClock(0);
  let rounds = 0;
  const dueMs = 1e9 + 0.1;
  const wait = () => {
    const leftMs = dueMs - clock.monotonicMs();
    if (leftMs > 0 && rounds++ < 100) clock.after(Math.max(leftMs / 2, 1e-12), wait);
  };
  wait();
  await clock.run(never);
  expect(rounds).toBeLessThan(100);
});

test('many cancelled timers are swept out and leave the others in order', async () => {
  const clock = new EventClock(0);
  const fired: number[] = [];
  for (let index = 0; index < 30_000; index++) {
    const timer = clock.after(30_000 - index, () => fired.push(clock.monotonicMs()));
    if (index % 10 !== 0) timer.cancel();
  }
  expect(clock.pendingTimers).toBe(3_000);
  await clock.run(never);
  expect(fired).toHaveLength(3_000);
  expect(fired).toEqual([...fired].sort((one, other) => one - other));
});

test('a callback that throws, and an abort, end the run', async () => {
  const clock = new EventClock(0);
  clock.after(1, () => {
    throw new Error('broken');
  });
  await expect(clock.run(never)).rejects.toThrow('broken');
  const abort = new AbortController();
  const again = () => {
    clock.after(1, again);
  };
  again();
  setImmediate(() => abort.abort(new Error('enough')));
  await expect(clock.run(never, abort.signal)).rejects.toThrow('enough');
});
