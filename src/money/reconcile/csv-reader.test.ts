import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CsvReader } from './csv-reader.ts';

function rowsOf(pieces: readonly string[]): string[][] {
  const reader = new CsvReader();
  const rows = pieces.flatMap((piece) => reader.push(piece));
  const last = reader.end();
  return [...rows, ...(last === undefined ? [] : [last])].map(({ fields }) => [...fields]);
}

test('any table is read back, whatever its fields hold and wherever the text is cut', () => {
  const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é') });
  fc.assert(
    fc.property(
      fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 5 }),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      fc.array(fc.nat(200), { maxLength: 5 }),
      (table, lineEnd, endsWithLine, cuts) => {
        const text = table
          .map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(','))
          .join(lineEnd)
          .concat(endsWithLine && table.length > 0 ? lineEnd : '');
        const at = [0, ...cuts.map((cut) => Math.min(cut, text.length)), text.length].sort((one, other) => one - other);
        const pieces = at.slice(1).map((end, index) => text.slice(at[index], end));
        expect(rowsOf(pieces)).toEqual(table);
      },
    ),
  );
});

test('rows know the line they begin on, and empty lines are none', () => {
  const reader = new CsvReader();
  const rows = reader.push('a,b\n\n"x\ny",z\n1,2\n');
  expect(rows).toEqual([
    { line: 1, fields: ['a', 'b'] },
    { line: 3, fields: ['x\ny', 'z'] },
    { line: 5, fields: ['1', '2'] },
  ]);
  expect(reader.end()).toBeUndefined();
});

test.each(['"a', 'a"b,c\n', '"a"b\n', 'a\rb', `${'x'.repeat(65_537)}`, ','.repeat(1_001)])(
  'what is no CSV is refused with its line: %#',
  (text) => {
    expect(() => rowsOf([text])).toThrow(/^Line 1 is no CSV: /);
  },
);
