import { expect, test } from 'vitest';
import type { AttemptEnd, AttemptStart } from '../../protocol/attempt-record.ts';
import { checkpointRecord, endRecord, startRecord } from '../testing/scratch.ts';
import { AttemptFold } from './attempt-fold.ts';
import { asJournalStart } from './start-facts.ts';

const at = (offset: number) => ({ segment: 1, offset });
const startOf = (given: Partial<AttemptStart> = {}) => {
  const record = startRecord(given);
  return { start: asJournalStart(record), end: endRecord(record) };
};

test('a start and its end are one row, and the cursor passes both', () => {
  const fold = new AttemptFold();
  const { start, end } = startOf();
  fold.add(start, at(0), 0);
  fold.add(end, at(500), 0);
  expect(fold.take()).toEqual({ rows: [{ start, end }], lateEnds: [], checkpoints: [] });
  expect(fold.cursor(at(900))).toEqual(at(900));
  expect(fold.take()).toEqual({ rows: [], lateEnds: [], checkpoints: [] });
});

test('the cursor waits at the oldest start that has no end and is no row yet', () => {
  const fold = new AttemptFold();
  const [early, late] = [startOf(), startOf()];
  fold.add(early.start, at(100), 0);
  fold.add(late.start, at(600), 0);
  expect(fold.cursor(at(1_100))).toEqual(at(100));
  fold.add(early.end, at(1_100), 0);
  expect(fold.cursor(at(1_600))).toEqual(at(600));
});

test('a start that waited long enough becomes a running row, and its end an update', () => {
  const fold = new AttemptFold();
  const { start, end } = startOf();
  fold.add(start, at(0), 1_000);
  fold.surrender(1_000);
  expect(fold.take().rows).toEqual([]);
  fold.surrender(1_001);
  expect(fold.take().rows).toEqual([{ start, end: undefined }]);
  expect(fold.cursor(at(500))).toEqual(at(500));
  fold.add(end, at(500), 2_000);
  expect(fold.take()).toEqual({ rows: [], lateEnds: [end], checkpoints: [] });
});

test('the starts of a dead process end as interrupted, not before they began and with no usage', () => {
  const fold = new AttemptFold();
  const [early, late] = [startOf({ startedAt: 1_000 }), startOf({ startedAt: 9_000 })];
  fold.add(early.start, at(0), 0);
  fold.add(late.start, at(500), 0);
  fold.interrupt(5_000);
  expect(fold.take().rows.map((row) => row.end)).toEqual([
    { outcome: 'interrupted', endedAt: 5_000, last: true },
    { outcome: 'interrupted', endedAt: 9_000, last: true },
  ]);
  expect(fold.waiting).toBe(0);
});

test('how far an attempt had come is in its row while it runs, and when it is interrupted; its end takes the place of it', () => {
  const fold = new AttemptFold();
  const [running, ended, dead] = [startOf(), startOf(), startOf()];
  const far = (of: { readonly end: AttemptEnd }, outputTokens: number) => checkpointRecord(of.end, { outputTokens });
  fold.add(running.start, at(0), 0);
  fold.add(far(running, 1), at(100), 0);
  fold.add(far(running, 2), at(200), 0);
  fold.surrender(1);
  fold.add(ended.start, at(300), 1);
  fold.add(far(ended, 3), at(400), 1);
  fold.add(ended.end, at(500), 1);
  fold.add(dead.start, at(600), 1);
  fold.add(far(dead, 4), at(700), 1);
  fold.add(far(running, 5), at(800), 1);
  expect(fold.cursor(at(900))).toEqual(at(600));
  fold.interrupt(dead.start.startedAt);
  const { rows, checkpoints } = fold.take();
  const estimated = (outputTokens: number) => ({ usage: { outputTokens }, usageSource: 'estimated', costNanoUsd: '7' });
  expect(rows.map(({ end, progress }) => end ?? progress)).toEqual([
    estimated(2),
    ended.end,
    { ...estimated(4), chargeNanoUsd: '7', outcome: 'interrupted', endedAt: expect.any(Number), last: true },
  ]);
  expect(checkpoints).toEqual([far(running, 5)]);
});

test('a start read twice while it waits is one row', () => {
  const fold = new AttemptFold();
  const { start, end } = startOf();
  fold.add(start, at(0), 0);
  fold.add(start, at(0), 0);
  fold.add(end, at(500), 0);
  fold.surrender(Number.POSITIVE_INFINITY);
  expect(fold.take().rows).toHaveLength(1);
});

test('starts beyond the bound are given out at once, the oldest first', () => {
  const fold = new AttemptFold();
  const starts = Array.from({ length: 20_003 }, (_, index) => startOf({ attempt: index }).start);
  for (const [index, start] of starts.entries()) fold.add(start, at(index), 0);
  expect(fold.waiting).toBe(20_000);
  expect(fold.take().rows.map((row) => row.start)).toEqual(starts.slice(0, 3));
});
