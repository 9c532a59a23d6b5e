import { expect, test } from 'vitest';
import { inputItemPage } from './input-items.ts';

const INPUT = [
  { role: 'user', content: 'a' },
  { type: 'function_call', id: 'fc_1', call_id: 'c', name: 'look', arguments: '{}' },
  { type: 'message', role: 'assistant', content: 'b', id: 'msg_own' },
  { type: 'function_call_output', call_id: 'c', output: 'x' },
];
const ids = (query: string) => {
  const { data } = inputItemPage('resp_9', INPUT, query) as { data: { id: string }[] };
  return data.map(({ id }) => id);
};

test('items are listed as if they had been sent in full, the last one first', () => {
  expect(inputItemPage('resp_9', INPUT, '')).toEqual({
    object: 'list',
    data: [
      { type: 'function_call_output', call_id: 'c', output: 'x', id: 'msg_9_3' },
      {
        type: 'message',
        id: 'msg_own',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'b' }],
      },
      INPUT[1],
      {
        type: 'message',
        id: 'msg_9_0',
        role: 'user',
        status: 'completed',
        content: [{ type: 'input_text', text: 'a' }],
      },
    ],
    first_id: 'msg_9_3',
    last_id: 'msg_9_0',
    has_more: false,
  });
});

test('and page by page in either order', () => {
  expect(ids('order=asc&limit=3')).toEqual(['msg_9_0', 'fc_1', 'msg_own']);
  expect(ids('order=asc&limit=3&after=msg_own')).toEqual(['msg_9_3']);
  expect(inputItemPage('resp_9', INPUT, 'limit=2')).toMatchObject({ has_more: true, last_id: 'msg_own' });
  expect(inputItemPage('resp_9', [], '')).toMatchObject({ data: [], first_id: null, has_more: false });
});

test.each(['limit=0', 'limit=101', 'limit=x', 'after=msg_nobody'])('what cannot be is refused: %s', (query) => {
  expect(() => ids(query)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
});
