import { expect, test } from 'vitest';
import { SealBook } from './seal-book.ts';

test('a seal is its last maker’s, and the oldest is forgotten first', () => {
  const book = new SealBook(2);
  book.note('a', 'one/main');
  book.note('b', 'one/main');
  book.note('a', 'two/main');
  book.note('c', 'one/main');
  expect(['a', 'b', 'c', 'd'].map((seal) => book.makerOf(seal))).toEqual([
    'two/main',
    undefined,
    'one/main',
    undefined,
  ]);
});
