import { describe, expect, test } from 'vitest';
import { tableText } from './io.ts';
import { paintFor } from './paint.ts';

describe('a table', () => {
  const rows = [
    ['key_1', 'a name that goes on and on', 'active'],
    ['key_2', 'short', 'revoked'],
  ];

  test('in a file is as wide as it must be', () => {
    expect(tableText(['ID', 'NAME', 'STATE'], rows)).toBe(
      'ID     NAME                        STATE\n' +
        'key_1  a name that goes on and on  active\n' +
        'key_2  short                       revoked\n',
    );
  });

  test('on a terminal is cut in its widest column until it fits', () => {
    const text = tableText(['ID', 'NAME', 'STATE'], rows, { columns: 30 });
    expect(text).toMatchInlineSnapshot(`
      "ID     NAME            STATE
      key_1  a name that g…  active
      key_2  short           revoked
      "
    `);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBe(30);
  });

  test('keeps a few letters of every column on a terminal that is far too narrow', () => {
    const longest = Math.max(
      ...tableText(['ID', 'NAME', 'STATE'], rows, { columns: 4 })
        .split('\n')
        .map((line) => line.length),
    );
    expect(longest).toBe(5 + 2 + 6 + 2 + 6);
  });

  test('never cuts what the next command wants', () => {
    const id = 'call_01m7z40wkq4gjw83zzswwhw6bq';
    expect(tableText(['CALL', 'MODEL'], [[id, 'a-long-name-of-a-model']], { columns: 20 })).toContain(`${id}  a-lon…`);
  });

  test('never lets a cell move the cursor', () => {
    expect(tableText(['NAME'], [['a\u001b[2Jb\nc']])).toBe('NAME\na [2Jb c\n');
  });
});

describe('colours', () => {
  const terminal = { columns: 80 };

  test('stand on a terminal only', () => {
    expect(paintFor(terminal, {}).bad('no')).toBe('\u001b[31mno\u001b[0m');
    expect(paintFor(undefined, {}).bad('no')).toBe('no');
  });

  test.each([{ NO_COLOR: '1' }, { TERM: 'dumb' }])('are left away with %j', (env) => {
    expect(paintFor(terminal, env).bad('no')).toBe('no');
  });

  test('stay with an empty NO_COLOR, which says nothing', () => {
    expect(paintFor(terminal, { NO_COLOR: '' }).good('yes')).toContain('\u001b[');
  });
});
