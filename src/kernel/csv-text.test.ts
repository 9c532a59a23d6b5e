import { expect, test } from 'vitest';
import { csvLine } from './csv-text.ts';

test.each([
  [['a', 1, 2n, true, null, undefined, ''], 'a,1,2,true,,,'],
  [['a,b', 'say "hi"', 'two\nlines'], '"a,b","say ""hi""","two\nlines"'],
  [['=1+1', '+1', '-2.50', '+cmd', '-x', '@SUM(A1)', '\tx'], "'=1+1,+1,-2.50,'+cmd,'-x,'@SUM(A1),'\tx"],
  [['=HYPERLINK("http://x","y")'], '"\'=HYPERLINK(""http://x"",""y"")"'],
  [['\r=1'], '"\'\r=1"'],
  [[-5, -5n, '-5e3'], "-5,-5,'-5e3"],
])('a record is what a reader and a spreadsheet take it for (%#)', (cells, line) => {
  expect(csvLine(cells)).toBe(`${line}\r\n`);
});
