import { expect, test } from 'vitest';
import { BatchSize } from './batch-size.ts';

test('a batch is large while nobody else wants the session, and smaller while somebody does', () => {
  const size = new BatchSize();
  expect([size.recordsMax(false), size.recordsMax(true)]).toEqual([4_000, 500]);
});

test('batches in demand shrink where they take long, never to nothing, and grow again', () => {
  const size = new BatchSize();
  for (let turn = 0; turn < 10; turn++) size.took(size.recordsMax(true), 60);
  expect(size.recordsMax(true)).toBe(100);
  expect(size.recordsMax(false)).toBe(4_000);
  for (let turn = 0; turn < 10; turn++) size.took(size.recordsMax(true), 1);
  expect(size.recordsMax(true)).toBe(500);
});

test('a single slow batch does not decide, nor does a small one say anything', () => {
  const size = new BatchSize();
  size.took(500, 40);
  expect(size.recordsMax(true)).toBe(281);
  size.took(3, 200);
  expect(size.recordsMax(true)).toBe(281);
});

test('large batches tell as well how long a record takes', () => {
  const size = new BatchSize();
  size.took(4_000, 15);
  expect(size.recordsMax(true)).toBe(500);
  for (let turn = 0; turn < 10; turn++) size.took(4_000, 100);
  expect(size.recordsMax(true)).toBe(201);
});
