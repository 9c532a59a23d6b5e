import { expect, test } from 'vitest';
import { z } from 'zod';
import { pageByName, readCursor, writeCursor } from './cursor.ts';

const entries = ['d', 'a', 'e', 'c', 'b'].map((name) => ({ name }));
const page = (limit: number, cursor?: string | null) =>
  pageByName('letters', entries, ({ name }) => name, { limit, cursor: cursor ?? undefined });

test('pages hold each entry once, in the order of their names, whatever their size', () => {
  for (const limit of [1, 2, 3, 5, 6]) {
    const seen: string[] = [];
    let cursor: string | null | undefined;
    do {
      const { data, next_cursor } = page(limit, cursor);
      seen.push(...data.map(({ name }) => name));
      cursor = next_cursor;
    } while (cursor !== null);
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e']);
  }
});

test('what was removed meanwhile leaves no gap: the next page begins after the name', () => {
  const { next_cursor } = page(3);
  const rest = entries.filter(({ name }) => name !== 'c');
  const next = pageByName('letters', rest, ({ name }) => name, { limit: 3, cursor: next_cursor ?? undefined });
  expect(next.data.map(({ name }) => name)).toEqual(['d', 'e']);
});

test.each([
  ['of another list', writeCursor('numbers', 'a')],
  ['with another position', writeCursor('letters', 7)],
  ['with too much', writeCursor('letters', 'a', 'b')],
  ['that is no list', Buffer.from('{"a":1}').toString('base64url')],
  ['that is no JSON', Buffer.from('letters').toString('base64url')],
  ['that is nothing', ''],
])('a cursor %s is refused', (_, cursor) => {
  expect(() => readCursor('letters', z.tuple([z.string()]), cursor)).toThrow(
    expect.objectContaining({ code: 'invalid_request', param: 'cursor' }),
  );
});
