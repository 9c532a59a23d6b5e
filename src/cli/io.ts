/** Where a command reads and writes. Data goes to `out`, everything said to a person goes to `err`. */
export interface Io {
  out(text: string): void;
  err(text: string): void;
  readonly env: NodeJS.ProcessEnv;
}

/** One JSON value as scripts want it: on stdout, alone, two spaces deep. */
export function printJson(io: Io, value: unknown): void {
  io.out(`${JSON.stringify(value, null, 2)}\n`);
}

/** Rows under their headings, in columns as wide as they must be, two spaces apart. */
export function tableText(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const clean = [headings, ...rows].map((row) => row.map((cell) => cell.replace(/\p{Cc}/gu, ' ')));
  const widths = headings.map((_, column) => Math.max(...clean.map((row) => (row[column] ?? '').length)));
  return clean
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
