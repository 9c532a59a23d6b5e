import { expect, test } from 'vitest';
import { readAnswer } from './answer.ts';
import { OutputText } from './output-text.ts';

function said(...deltas: readonly unknown[]): string {
  const output = new OutputText();
  for (const delta of deltas) output.addDelta(delta);
  return output.text();
}

test.each([
  [{ content: 'a' }, 'a'],
  [{ content: null, refusal: 'no' }, 'no'],
  [{ reasoning_content: 'hm', content: 'a' }, 'ahm'],
  [{ reasoning_content: 'hm', reasoning: 'hm' }, 'hm'],
  [{ reasoning: 'hm' }, 'hm'],
  [
    {
      content: [
        { type: 'text', text: 'a' },
        { type: 'thinking', thinking: [{ type: 'text', text: 'b' }] },
      ],
    },
    'ab',
  ],
  [{ content: [{ type: 'thinking', thinking: 'b' }, 7, null] }, 'b'],
  [{ tool_calls: [{ function: { name: 'f', arguments: '{}' } }, { function: { arguments: '1' } }] }, 'f{}1'],
  [{ function_call: { name: 'f', arguments: '{"a":1}' } }, 'f{"a":1}'],
  [{ role: 'assistant', content: '' }, ''],
  [null, ''],
  ['text', ''],
  [{ content: 5, tool_calls: 'x', function_call: null }, ''],
])('all that a delta puts out is counted: %j', (delta, text) => {
  expect(said(delta)).toBe(text);
});

test('many pieces join in their order, and asking in between changes nothing', () => {
  const output = new OutputText();
  let whole = '';
  for (let n = 0; n < 1_000; n++) {
    output.add(`${n} `);
    whole += `${n} `;
    if (n % 97 === 0) expect(output.text()).toBe(whole);
  }
  expect(output.text()).toBe(whole);
});

test('of an answer without end the beginning is kept, and how long it was', () => {
  const output = new OutputText();
  for (let n = 0; n < 1_000; n++) output.add('x'.repeat(1_000));
  expect(output.text()).toHaveLength(64 * 1024);
  expect(output.chars).toBe(1_000_000);
});

test('a whole answer has the output of each of its choices, chat or text', () => {
  const of = (choices: unknown) => readAnswer(Buffer.from(JSON.stringify({ choices }))).output?.();
  expect(of([{ message: { content: 'a' } }, { message: { content: 'b' } }])).toBe('ab');
  expect(of([{ text: 'a' }, null, { text: 'b' }])).toBe('ab');
  expect(of('none')).toBe('');
});
