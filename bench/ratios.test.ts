import { expect, test } from 'vitest';
import { gateResults } from './gates.ts';
import { median } from './harness/samples.ts';
import type { Measurement } from './measurement.ts';
import type { PhaseName } from './plan.ts';
import { addedBy, ratioTo } from './ratios.ts';
import type { Round } from './rounds.ts';
import type { SubjectName } from './subjects/subject.ts';

function round(phase: PhaseName, figure: string, values: Partial<Record<SubjectName, number>>): Round {
  const measurements = Object.entries(values).map(
    ([subject, value]): Measurement => ({
      phase,
      subject: subject as SubjectName,
      figures: { [figure]: value },
      problems: [],
    }),
  );
  return { phase, measurements };
}

const calls = (leeward: number, nginx: number) => round('calls', 'cpuPerCallUs', { leeward, nginx });

test('a ratio is the median of the ratios of each round, not the ratio of medians', () => {
  // A neighbour made the second round twice as dear for both.
  const rounds = [calls(40, 10), calls(100, 20), calls(33, 11)];
  const found = ratioTo(rounds, { phase: 'calls', figure: 'cpuPerCallUs', to: 'nginx' });
  expect(found).toEqual({ median: 4, min: 3, max: 5, rounds: 3 });
});

test('a round that lacks one of the two is in no ratio', () => {
  const rounds = [
    round('calls', 'cpuPerCallUs', { leeward: 40 }),
    round('frames', 'cpuPerCallUs', { leeward: 1, nginx: 1 }),
  ];
  expect(ratioTo(rounds, { phase: 'calls', figure: 'cpuPerCallUs', to: 'nginx' })).toBeUndefined();
});

test('what is added is counted from the mock alone in the same round', () => {
  const rounds = [
    round('latency', 'p50Us', { leeward: 150, direct: 50 }),
    round('latency', 'p50Us', { leeward: 500, direct: 380 }),
  ];
  expect(addedBy(rounds, { phase: 'latency', figure: 'p50Us', subject: 'leeward' })?.median).toBe(110);
});

test('a gate without a figure is not met and not missed, and one at its limit is met', () => {
  expect(gateResults([])).toEqual([]);
  expect(gateResults([calls(40, 10)])).toMatchObject([{ title: 'CPU per call, to nginx', value: 4, met: true }]);
  expect(gateResults([calls(40.1, 10)])).toMatchObject([{ met: false }]);
});

test('the median of nothing is refused', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1])).toBe(2.5);
  expect(() => median([])).toThrow('no values');
});
