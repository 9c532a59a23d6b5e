import { expect, test } from 'vitest';
import { correctionBatches } from './correction-batches.ts';

function of(...names: readonly string[]) {
  return names.map((name) => ({ callId: name.slice(0, 1), attempt: Number(name.slice(1)) }));
}

function shown(corrections: ReturnType<typeof of>, size: number): string[] {
  return [...correctionBatches(corrections, size)].map((batch) =>
    batch.map(({ callId, attempt }) => `${callId}${attempt}`).join(' '),
  );
}

test('the corrections of one call stand in one batch, in the order of its attempts', () => {
  expect(shown(of('b2', 'a1', 'c1', 'b1', 'b3', 'd1'), 2)).toEqual(['a1 b1 b2 b3', 'c1 d1']);
  expect(shown(of('b1', 'a1', 'c1'), 2)).toEqual(['a1 b1', 'c1']);
});

test('nothing to correct is no batch', () => {
  expect(shown([], 2)).toEqual([]);
});
