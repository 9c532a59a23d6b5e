/** A stream that ends in a person's terminal. */
export interface Terminal {
  readonly columns: number;
}

/** Where a command reads and writes. Data goes to `out`, everything said to a person goes to `err`. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  readonly env: NodeJS.ProcessEnv;
  /** Absent when the stream is a file, a pipe, or nothing. */
  readonly outTerminal?: Terminal | undefined;
  readonly errTerminal?: Terminal | undefined;
  /** Absent where nothing can be read. */
  readonly input?: Input | undefined;
}

/** Standard input. */
export interface Input {
  readonly isTerminal: boolean;
  /** All of it as UTF-8. @throws `CliFailure` beyond `bytesMax` */
  text(bytesMax: number): Promise<string>;
}

/** One JSON value as scripts want it: on stdout, alone, two spaces deep. */
export function printJson(io: Io, value: unknown): void {
  io.out(`${JSON.stringify(value, null, 2)}\n`);
}

/** One JSON value of a list that has no end: a line of its own. */
export function printJsonLine(io: Io, value: unknown): void {
  io.out(`${JSON.stringify(value)}\n`);
}

const GAP = 2;
/** A column is not cut to less than this: three letters would say nothing. */
const COLUMN_CHARS_MIN = 6;
/** What stands there is typed into the next command: half of it would be of no use. */
const WHOLE = new Set(['ID', 'CALL']);

/**
 * Rows under their headings, in columns as wide as they must be, two spaces
 * apart. On a terminal the widest columns are cut, with an ellipsis, until a
 * row fits; in a file nothing is.
 */
export function tableText(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  terminal?: Terminal,
): string {
  const clean = [headings, ...rows].map((row) => row.map((cell) => cell.replace(/\p{Cc}/gu, ' ')));
  const widths = headings.map((_, column) => Math.max(...clean.map((row) => (row[column] ?? '').length)));
  if (terminal !== undefined) narrow(widths, headings, terminal.columns);
  return clean
    .map(
      (row) =>
        `${row
          .map((cell, column) => cut(cell, widths[column] ?? 0).padEnd(widths[column] ?? 0))
          .join(' '.repeat(GAP))
          .trimEnd()}\n`,
    )
    .join('');
}

function narrow(widths: number[], headings: readonly string[], columns: number): void {
  let excess = widths.reduce((sum, width) => sum + width + GAP, -GAP) - columns;
  while (excess > 0) {
    const cuttable = widths.map((width, column) => (WHOLE.has(headings[column] ?? '') ? 0 : width));
    const widest = Math.max(...cuttable);
    if (widest <= COLUMN_CHARS_MIN) return;
    widths[cuttable.indexOf(widest)] = widest - 1;
    excess--;
  }
}

function cut(cell: string, width: number): string {
  return cell.length <= width ? cell : `${cell.slice(0, Math.max(0, width - 1))}…`;
}
