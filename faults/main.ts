/**
 * Faults, one after the other, between a real client socket, a gateway process
 * and a provider that misbehaves, and what must come of each.
 *
 *     npm run faults -- [--rows 1-10,34] [--quick] [--json] [--sabotage]
 */
import { parseArgs } from 'node:util';
import { killAll } from './harness/processes.ts';
import { table, tally } from './report.ts';
import type { Row } from './row.ts';
import { ROWS } from './rows/all.ts';
import { type RowResult, runRows } from './run.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    sabotage: { type: 'boolean', default: false },
  },
});

process.on('exit', killAll);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => process.exit(130));
}

const chosen = ROWS.filter((row) => isAsked(row, values.rows) && !(values.quick && row.slow));
const results = await runRows(chosen, { quick: values.quick, onResult: tell });
const { passed, failed } = tally(results);
console.log(values.json ? JSON.stringify({ passed, failed, rows: results }, undefined, 2) : table(results));
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);

function tell(result: RowResult): void {
  console.error(`${result.verdict.padEnd(8)} ${result.row} ${result.fault} (${result.tookMs} ms)`);
  for (const problem of result.problems) console.error(`         ${problem}`);
}

/** `1-10,34`: numbers of the matrix. */
function isAsked(row: Row, text: string | undefined): boolean {
  if (text === undefined) return true;
  return text.split(',').some((part) => {
    const [, from, to] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part) ?? [];
    if (from === undefined) throw new Error(`--rows ${text}: write it as 1-10,34`);
    return row.row >= Number(from) && row.row <= Number(to ?? from);
  });
}
