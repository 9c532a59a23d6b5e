import { expect, test } from 'vitest';
import { readBlocks } from './block-reader.ts';
import { writeBlocks } from './block-writer.ts';
import { ToolCallIds } from './tool-call-ids.ts';

const refuse = (place: string, wanted: string): never => {
  throw new Error(`${place} ${wanted}`);
};

test('a tool that the search of a client found comes back as it was said', () => {
  const found = [
    { type: 'tool_reference', tool_name: 'TaskCreate' },
    { type: 'tool_reference', tool_name: 'WebFetch', cache_control: { type: 'ephemeral', ttl: '1h' }, since: 'x' },
  ];
  const result = [{ type: 'tool_result', tool_use_id: 'toolu_1', content: found }];
  const parts = readBlocks(result, 'content', refuse);
  expect(parts).toMatchObject([{ type: 'tool-result', parts: [{ type: 'tool-reference', name: 'TaskCreate' }, {}] }]);
  expect(
    writeBlocks(parts, 'content', { role: 'user', ids: new ToolCallIds(['toolu_1']), losses: [], apart: true }),
  ).toEqual(result);
  expect(() => readBlocks([{ type: 'tool_reference' }], 'content', refuse)).toThrow('content[0].tool_name');
});
