import { expect, test } from 'vitest';
import type { ContentPart } from '../../protocol/chat/content.ts';
import type { Fields } from '../../providers/fields.ts';
import { BlockLine } from './block-line.ts';

/** The blocks that a line wrote, each with what was added to it. */
function written(take: (line: BlockLine) => void): Fields[] {
  const blocks: Record<string, unknown>[] = [];
  const line = new BlockLine({
    start: (block) => blocks.push({ ...block }),
    delta: (_, member, value) => {
      const block = blocks.at(-1);
      if (block !== undefined) block[member] = `${String(block[member] ?? '')}${String(value)}`;
    },
    stop: () => undefined,
  });
  take(line);
  line.end();
  return blocks;
}

test.each<[string, ContentPart, Fields]>([
  ['a text', { type: 'text', text: 'Hello' }, { type: 'text', text: 'Hello' }],
  [
    'a call of a tool',
    { type: 'tool-call', kind: 'function', id: 'call_1', name: 'add', arguments: '{"a":1}' },
    { type: 'tool_use', id: 'call_1', name: 'add', partial_json: '{"a":1}' },
  ],
  [
    'a sealed thought',
    { type: 'reasoning', encrypted: { value: 'c2VhbA', dialect: 'openai-chat' } },
    { type: 'redacted_thinking', data: 'leeward-unsigned:openai-chat:encrypted:c2VhbA' },
  ],
])('%s that comes whole in a stream becomes a block of its own', (_, content, block) => {
  const blocks = written((line) => line.take({ type: 'part-add', choice: 0, part: 0, content }));
  expect(blocks).toHaveLength(1);
  expect(blocks[0]).toMatchObject(block);
});
