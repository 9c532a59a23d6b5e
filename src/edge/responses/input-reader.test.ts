import { expect, test } from 'vitest';
import { placeOf } from '../../protocol/chat/places.ts';
import { readMessages } from './input-reader.ts';

test('a search that another provider made is left out of the turn that it stood in', () => {
  const messages = readMessages({
    input: [
      { role: 'user', content: 'q' },
      { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'q' } },
      { type: 'mcp_list_tools', id: 'mcpl_1', server_label: 's', tools: [] },
      { type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text: 'found' }] },
    ],
  });
  expect(messages.map(({ role, parts }) => [role, parts.length])).toEqual([
    ['user', 1],
    ['assistant', 1],
  ]);
});

test('each part is known by the place of its item, whatever message it has become part of', () => {
  const messages = readMessages({
    instructions: 'be brief',
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'a' },
          { type: 'input_text', text: 'b' },
        ],
      },
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'hm' }] },
      { type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text: 'c' }] },
      { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c', output: [{ type: 'input_text', text: 'd' }] },
    ],
  });
  const parts = messages.flatMap((message) => message.parts);
  expect(parts.map((part) => placeOf(part, '-'))).toEqual([
    '-',
    'input[0].content[0]',
    'input[0].content[1]',
    'input[1]',
    'input[2].content[0]',
    'input[3]',
    'input[4]',
  ]);
  const result = parts.at(-1);
  expect(result?.type === 'tool-result' && placeOf(result.parts[0], '-')).toBe('input[4].output[0]');
});
