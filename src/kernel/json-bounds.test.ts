import { expect, test } from 'vitest';
import { checkJsonBounds, JSON_KEYS_MAX } from './json-bounds.ts';

const keys = (count: number) => `{${Array.from({ length: count }, (_, n) => `"k${n}":1`).join(',')}}`;
const nested = (depth: number) => `{"x":${'['.repeat(depth)}${']'.repeat(depth)}}`;
const padded = (text: string) => Buffer.from(text + ' '.repeat(70_000));

test.each([
  ['the most keys', keys(JSON_KEYS_MAX)],
  ['the deepest nesting', nested(511)],
  ['many levels and keys that are text', `{"x":"${'[{:'.repeat(JSON_KEYS_MAX)}\\"${'['.repeat(1_000)}"}`],
  ['many siblings', `[${'[],'.repeat(50_000)}[]]`],
  ['a string that never ends', '{"x":"'],
])('%s is left to the parser', (_name, text) => {
  expect(() => checkJsonBounds(padded(text))).not.toThrow();
});

test.each([
  ['one key too many', keys(JSON_KEYS_MAX + 1), 'more than 100000 keys'],
  ['one level too deep', nested(512), 'deeper than 512 levels'],
  ['a million levels', '['.repeat(1_000_000), 'deeper than 512 levels'],
])('%s is refused before it is parsed', (_name, text, message) => {
  expect(() => checkJsonBounds(padded(text))).toThrow(message);
});

test('a small body is not looked at: it cannot hold up anybody', () => {
  expect(() => checkJsonBounds(Buffer.from('['.repeat(60_000)))).not.toThrow();
});
