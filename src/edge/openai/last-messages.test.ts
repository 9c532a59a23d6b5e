import { expect, test } from 'vitest';
import { lastMessages } from './last-messages.ts';

const said = (role: string, content: string) => ({ role, content });

test('the system stays, wherever it stands, and the last of the others', () => {
  const messages = [
    said('system', 's'),
    said('user', '1'),
    said('assistant', '2'),
    said('developer', 'd'),
    said('user', '3'),
  ];
  expect(lastMessages(messages, 1)).toEqual([said('system', 's'), said('developer', 'd'), said('user', '3')]);
  expect(lastMessages(messages, 9)).toEqual(messages);
  expect(lastMessages(messages, 0)).toEqual([said('system', 's'), said('developer', 'd')]);
});

test('a result of a tool does not come without its call', () => {
  const messages = [
    said('user', '1'),
    { role: 'assistant', tool_calls: [{ id: 'a' }] },
    { role: 'tool', tool_call_id: 'a', content: 'x' },
    said('user', '2'),
  ];
  expect(lastMessages(messages, 2)).toEqual([said('user', '2')]);
  expect(lastMessages(messages, 3)).toEqual(messages.slice(1));
});

test('what is no list of messages is the provider’s to refuse', () => {
  expect(lastMessages('x', 2)).toBe('x');
  expect(lastMessages([1, null, said('user', '1')], 2)).toEqual([null, said('user', '1')]);
});
