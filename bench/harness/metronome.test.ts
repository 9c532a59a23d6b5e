import { expect, test } from 'vitest';
import { keepTime } from './metronome.ts';

test('beats come in order, none before it is due and none left out', async () => {
  const beats: { index: number; lateMs: number }[] = [];
  await keepTime({
    count: 200,
    stepMs: 1,
    onBeat: (index, dueMs) => beats.push({ index, lateMs: performance.now() - dueMs }),
  });
  expect(beats.map(({ index }) => index)).toEqual(Array.from({ length: 200 }, (_, index) => index));
  // Two clocks are read one after the other when the schedule is made.
  expect(Math.min(...beats.map(({ lateMs }) => lateMs))).toBeGreaterThan(-0.1);
});

test('beats that were missed come all the same', async () => {
  const late: number[] = [];
  await keepTime({
    count: 20,
    stepMs: 1,
    onBeat(index, dueMs) {
      late.push(performance.now() - dueMs);
      if (index === 5) for (const end = performance.now() + 30; performance.now() < end; );
    },
  });
  expect(late).toHaveLength(20);
  expect(late[6]).toBeGreaterThan(20);
});

test('what a beat throws ends it, and the thread with it', async () => {
  const beats = keepTime({
    count: 1_000,
    stepMs: 1,
    onBeat() {
      throw new Error('no more');
    },
  });
  await expect(beats).rejects.toThrow('no more');
});
