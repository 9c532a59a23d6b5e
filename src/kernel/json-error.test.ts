import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonErrorAt, lineAndColumn } from './json-error.ts';

test.each([
  ['{"a":1,}', 7],
  ['{a:1}', 1],
  ['', 0],
  ['{"a":"text', 10],
  ['{"a":tru}', 8],
  ['{"a":01}', 6],
  ['{"a":1}x', 7],
  ['[1,2', 4],
  ['[1 2]', 3],
  ['{"a" 1}', 5],
  ['{"a":"b\nc"}', 7],
  ['{"a":"\\x"}', 7],
  ['{"a":"\\u12g4"}', 10],
  ['{"a":NaN}', 5],
  ['[1.]', 3],
  ['[1e+]', 4],
  ['[-]', 2],
  ['[}', 1],
  ['{"a":1]', 6],
  ['{"a":"b"},}', 9],
  ['\ufeff{}', 0],
])('%j stops being JSON at %i', (text, at) => {
  expect(jsonErrorAt(text)).toBe(at);
});

test('whatever JSON is written finds no error', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
      expect(jsonErrorAt(JSON.stringify(value, null, indent))).toBeUndefined();
    }),
  );
});

test('a text is faulted when, and only when, the engine faults it, and at the engine’s place where it names one', () => {
  const spoilt = fc
    .tuple(fc.json(), fc.nat(200), fc.constantFrom('', '"', '\\', ',', '}', ']', '{', '0', 'e', '-', '.', '\n', 'x'))
    .map(([text, place, extra]) => {
      const at = place % (text.length + 1);
      return text.slice(0, at) + extra + text.slice(extra === '' ? at + 1 : at);
    });
  fc.assert(
    fc.property(spoilt, (text) => {
      const message = engineMessage(text);
      const at = jsonErrorAt(text);
      expect(at === undefined).toBe(message === undefined);
      const named = /at position (\d+)/.exec(message ?? '');
      if (named !== null) expect(at).toBe(Number(named[1]));
    }),
    { numRuns: 2_000 },
  );
});

test('a million levels are walked without a stack', () => {
  expect(jsonErrorAt('['.repeat(1_000_000))).toBe(1_000_000);
});

test('lines and columns count from one', () => {
  expect(lineAndColumn('{\n  "a": x\n}', 9)).toEqual({ line: 2, column: 8 });
  expect(lineAndColumn('x', 0)).toEqual({ line: 1, column: 1 });
  expect(lineAndColumn('a\n', 2)).toEqual({ line: 2, column: 1 });
});

function engineMessage(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
