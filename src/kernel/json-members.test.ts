import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonElements, jsonMembers, spliced } from './json-members.ts';

const at = (text: string) => {
  const bytes = Buffer.from(text);
  return Object.fromEntries(
    jsonMembers(bytes).map((member) => [member.key, bytes.subarray(member.valueStart, member.valueEnd).toString()]),
  );
};

test('finds each top-level value, whatever stands inside it', () => {
  expect(at('{"model" : "a\\"b" ,"n":[1,{"model":"inner"}], "s":"}{,:" ,"e":{}}')).toEqual({
    model: '"a\\"b"',
    n: '[1,{"model":"inner"}]',
    s: '"}{,:"',
    e: '{}',
  });
});

test('agrees with JSON.parse on every object', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), fc.nat(2), (object, indent) => {
      const bytes = Buffer.from(JSON.stringify(object, null, indent));
      const members = jsonMembers(bytes);
      expect(members.map((member) => member.key)).toEqual(Object.keys(JSON.parse(bytes.toString())));
      for (const member of members) {
        const value: unknown = JSON.parse(bytes.subarray(member.valueStart, member.valueEnd).toString());
        expect(JSON.stringify(value)).toBe(JSON.stringify(object[member.key]));
      }
    }),
  );
});

test('refuses a key that stands twice, also when one of them is written with escapes', () => {
  expect(() => at('{"model":"a","mod\\u0065l":"b"}')).toThrow(/"model" stands twice/);
});

test('refuses nesting that recursive code would die of', () => {
  expect(() => at(`{"a":${'['.repeat(600)}${']'.repeat(600)}}`)).toThrow(/deeper than 512/);
});

test.each([2, 11, 12, 13, 14, 100])('refuses a key that stands twice among %i others, wherever it is', (count) => {
  const keys = Array.from({ length: count }, (_, index) => `k${index}`);
  expect(jsonMembers(Buffer.from(`{${keys.map((key) => `"${key}":1`).join()}}`))).toHaveLength(count);
  for (const again of [0, count >> 1, count - 1]) {
    const text = `{${[...keys, `k${again}`].map((key) => `"${key}":1`).join()}}`;
    expect(() => jsonMembers(Buffer.from(text))).toThrow(`"k${again}" stands twice`);
  }
});

test('a splice touches no other byte', () => {
  const bytes = Buffer.from('{"model":"sim/é", "x": 1}');
  const [model] = jsonMembers(bytes);
  expect(model).toBeDefined();
  if (model === undefined) return;
  const out = spliced(bytes, [
    { start: model.valueStart, end: model.valueEnd, text: '"z"' },
    { start: 1, end: 1, text: '"first":0,' },
  ]);
  expect(out.toString()).toBe('{"first":0,"model":"z", "x": 1}');
});

test('finds the elements of every array that JSON.parse finds', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.nat(2), (array, indent) => {
      const bytes = Buffer.from(JSON.stringify(array, null, indent));
      const found = jsonElements(bytes).map(({ valueStart, valueEnd }) => bytes.toString('utf8', valueStart, valueEnd));
      expect(found.map((text) => JSON.stringify(JSON.parse(text)))).toEqual(array.map((one) => JSON.stringify(one)));
    }),
  );
});
