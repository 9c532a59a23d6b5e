/**
 * Faults, one after the other, between a real client socket, a gateway process
 * and a provider that misbehaves, and what must come of each.
 *
 *     npm run faults -- [--rows 1-10,34] [--quick] [--json]
 *     npm run faults -- --sabotage [--only name,…] [--json]
 */

import type { Sabotage } from '../test/support/sabotage/list.ts';
import { scriptOptions } from '../test/support/script-options.ts';
import { table, tally } from './report.ts';
import type { Row } from './row.ts';
import { ROWS } from './rows/all.ts';
import { type RowResult, runRows } from './run.ts';
import { isCaught, OURS, type SabotageResult, sabotageLine, trySabotage } from './sabotage.ts';

const USAGE_ERROR = 2;

const values = scriptOptions(import.meta.url, {
  rows: { type: 'string' },
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  sabotage: { type: 'boolean', default: false },
  only: { type: 'string' },
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => process.exit(130));
}
if (process.platform !== 'linux') {
  console.error('npm run faults counts sockets and memory in /proc, so it needs Linux.');
  process.exit(USAGE_ERROR);
}
process.exit(values.sabotage ? await runSabotages() : await runFaults());

async function runFaults(): Promise<number> {
  const results = await runRows(chosenRows(values.quick), { quick: values.quick, onResult: tell });
  const { passed, failed, skipped } = tally(results);
  console.log(values.json ? JSON.stringify({ passed, failed, skipped, rows: results }, undefined, 2) : table(results));
  return verdict(passed, failed, skipped);
}

/** Each deliberate fault of the product must turn a row red: a row that cannot fail proves nothing. */
async function runSabotages(): Promise<number> {
  const results: SabotageResult[] = [];
  for (const sabotage of chosenSabotages(values.only)) {
    const result = await trySabotage(sabotage, chosenRows(true));
    results.push(result);
    console.error(`${sabotageLine(result)} (${result.tookMs} ms)`);
  }
  const passed = results.filter(isCaught).length;
  const failed = results.length - passed;
  console.log(
    values.json
      ? JSON.stringify({ passed, failed, sabotages: results }, undefined, 2)
      : results.map(sabotageLine).join('\n'),
  );
  return verdict(passed, failed);
}

/** Nothing run is nothing proved. */
function verdict(passed: number, failed: number, skipped = 0): number {
  const beside = skipped === 0 ? '' : `, ${skipped} skipped`;
  // With --json, stdout is one JSON text and nothing else.
  (values.json ? console.error : console.log)(`${passed} passed, ${failed} failed${beside}`);
  return failed > 0 || passed === 0 ? 1 : 0;
}

function tell(result: RowResult): void {
  const { verdict: held, row, fault, tookMs, problems } = result;
  console.error(`${held.padEnd(8)} ${row} ${fault} (${tookMs} ms)`);
  for (const problem of problems) console.error(`         ${problem}`);
}

function chosenRows(quick: boolean): Row[] {
  const asked = rowFilter(values.rows);
  return ROWS.filter((row) => asked(row.row) && !(quick && row.slow));
}

function chosenSabotages(names: string | undefined): readonly Sabotage[] {
  if (names === undefined) return OURS;
  const wanted = names.split(',');
  const found = OURS.filter(({ name }) => wanted.includes(name));
  if (found.length === wanted.length) return found;
  console.error(`--only ${names}: known are ${OURS.map(({ name }) => name).join(', ')}`);
  process.exit(USAGE_ERROR);
}

/** `1-10,34`: numbers of the matrix. */
function rowFilter(text: string | undefined): (row: number) => boolean {
  if (text === undefined) return () => true;
  const ranges = text.split(',').map((part) => {
    const [, from, to] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part) ?? [];
    if (from === undefined) {
      console.error(`--rows ${text}: write it as 1-10,34`);
      process.exit(USAGE_ERROR);
    }
    return [Number(from), Number(to ?? from)] as const;
  });
  return (row) => ranges.some(([from, to]) => row >= from && row <= to);
}
