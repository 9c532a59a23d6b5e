/** What a cell may hold; null and undefined are nothing. */
export type CsvCell = string | number | bigint | boolean | null | undefined;

const NUMBER = /^[+-]?\d+(?:\.\d+)?$/;
/** How a spreadsheet sees that a cell is a formula. */
const FORMULA = /^[=+\-@\t\r\n]/;
const SPECIAL = /[",\r\n]/;

/**
 * One record of a CSV file, with its line end (RFC 4180). A text that a
 * spreadsheet would take for a formula gets an apostrophe before it, because
 * names in it come from whoever calls; a number stays a number.
 */
export function csvLine(cells: readonly CsvCell[]): string {
  return `${cells.map(cellText).join(',')}\r\n`;
}

function cellText(cell: CsvCell): string {
  if (cell === null || cell === undefined) return '';
  const text = String(cell);
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return SPECIAL.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
