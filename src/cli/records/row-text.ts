import { type CsvCell, csvLine } from '../../kernel/csv-text.ts';
import type { Context } from '../context.ts';
import { printJsonLine } from '../io.ts';

type Row = Readonly<Record<string, unknown>>;

/** Prints rows one by one. The first row's members are a CSV's headings; where there is none, nothing is printed. */
export async function printRows(context: Context, format: 'csv' | 'jsonl', rows: AsyncIterable<Row>): Promise<void> {
  const { io, outputGone } = context;
  let columns: string[] | undefined;
  for await (const row of rows) {
    if (outputGone?.aborted === true) return;
    if (format === 'jsonl') {
      printJsonLine(io, row);
      continue;
    }
    if (columns === undefined) {
      columns = Object.keys(row);
      io.out(csvLine(columns));
    }
    io.out(csvLine(columns.map((column) => cellOf(row[column]))));
  }
}

/** Lists are joined by a semicolon; objects are JSON. */
function cellOf(value: unknown): CsvCell {
  if (Array.isArray(value)) return value.join(';');
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return value as CsvCell;
}
