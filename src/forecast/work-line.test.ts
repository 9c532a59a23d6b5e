import { expect, test } from 'vitest';
import { EventClock } from './event-clock.ts';
import { WorkLine } from './work-line.ts';

const never = () => false;

function line(capacity: { readonly concurrent: number; readonly queue: number; readonly finishesAbandoned?: boolean }) {
  const clock = new EventClock(0);
  const started: string[] = [];
  const work = new WorkLine({
    clock,
    capacity: { ...capacity, whenFull: 503 },
    concurrent: () => capacity.concurrent,
  });
  const join = (name: string, workMs: number) =>
    work.join(workMs, () => started.push(`${name} at ${Math.round(clock.monotonicMs())}`));
  return { clock, work, started, join };
}

test('as many are worked on as there is capacity, the others wait in their order, and no more than fit', async () => {
  const { clock, work, started, join } = line({ concurrent: 2, queue: 2 });
  expect(['a', 'b', 'c', 'd', 'e'].map((name) => join(name, 100) !== undefined)).toEqual([
    true,
    true,
    true,
    true,
    false,
  ]);
  await clock.run(never);
  expect(started).toEqual(['a at 0', 'b at 0', 'c at 100', 'd at 100']);
  expect([work.working, clock.pendingTimers]).toEqual([0, 0]);
});

test('one that is abandoned makes room, wherever it was', async () => {
  const { clock, started, join } = line({ concurrent: 1, queue: 5 });
  const [a, b] = [join('a', 100), join('b', 100)];
  join('c', 100);
  clock.after(10, () => a?.abandon());
  clock.after(5, () => b?.abandon());
  await clock.run(never);
  expect(started).toEqual(['a at 0', 'c at 10']);
  expect(clock.pendingTimers).toBe(0);
});

test('a provider that does not notice works for nobody', async () => {
  const { clock, started, join } = line({ concurrent: 1, queue: 5, finishesAbandoned: true });
  const [a, b] = [join('a', 100), join('b', 100)];
  join('c', 100);
  clock.after(10, () => a?.abandon());
  clock.after(10, () => b?.abandon());
  await clock.run(never);
  expect(started).toEqual(['a at 0', 'b at 100', 'c at 200']);
});
