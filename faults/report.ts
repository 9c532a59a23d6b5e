import type { RowResult } from './run.ts';

const COLUMNS = ['row', 'fault', 'streamed', 'client saw', 'recorded', 'provider', 'baseline', 'verdict'] as const;
const CELL_CHARS_MAX = 60;

/** The rows as a table of fixed columns, problems below the row they belong to. */
export function table(results: readonly RowResult[]): string {
  const cells = results.map((result) => [
    String(result.row),
    result.fault,
    result.streamed === null ? '-' : result.streamed ? 'yes' : 'no',
    result.saw,
    result.recorded,
    result.provider,
    result.baseline,
    result.verdict,
  ]);
  const widths = COLUMNS.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => Math.min(CELL_CHARS_MAX, row[column]?.length ?? 0))),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => shortened(cell).padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const lines = [line(COLUMNS), line(widths.map((width) => '-'.repeat(width)))];
  for (const [index, result] of results.entries()) {
    lines.push(line(cells[index] ?? []));
    for (const problem of result.problems) lines.push(`     ${result.verdict === 'fail' ? '!' : '.'} ${problem}`);
  }
  return lines.join('\n');
}

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  /** Rows that lack here what they need. */
  readonly skipped: number;
}

export function tally(results: readonly RowResult[]): Tally {
  const count = (verdict: RowResult['verdict']) => results.filter((result) => result.verdict === verdict).length;
  return { passed: count('pass'), failed: count('fail'), skipped: count('skipped') };
}

function shortened(cell: string): string {
  return cell.length > CELL_CHARS_MAX ? `${cell.slice(0, CELL_CHARS_MAX - 1)}…` : cell;
}
