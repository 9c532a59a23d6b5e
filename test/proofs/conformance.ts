/**
 * Replays recorded answers of real providers through the gateway and reads
 * them back with official clients: natively, byte for byte; and translated
 * into each other dialect, where everything must be as recorded but for what
 * the table of fidelity says is lost.
 *
 *     npm run conformance -- [--fixtures folder] [--only provider/feature] [--quick] [--json]
 *     npm run conformance -- --sabotage [--fixtures folder] [--json]
 *
 * The recordings are not part of the repository: without `--fixtures` they are
 * looked for beside it, and where there are none this says so and ends well.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { scriptOptions } from '../support/script-options.ts';
import { rowText, tally, tallyText } from './conformance/report.ts';
import type { Row } from './conformance/row.ts';
import { runFolder } from './conformance/run.ts';
import { OURS, rowName, type SabotageResult, sabotageText, trySabotage } from './conformance/sabotages.ts';

const USAGE_ERROR = 2;

const flags = scriptOptions(import.meta.url, {
  fixtures: { type: 'string' },
  only: { type: 'string' },
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  sabotage: { type: 'boolean', default: false },
  /** Each row as one line of JSON, for the proof of the proof. */
  rows: { type: 'boolean', default: false },
});

const folder =
  flags.fixtures ?? process.env['LEEWARD_FIXTURES'] ?? join(import.meta.dirname, '../../../shared/fixtures');
process.exitCode = await main();

async function main(): Promise<number> {
  if (!existsSync(folder)) {
    console.log(`There are no recordings in ${folder}: --fixtures names a folder of them. Nothing was replayed.`);
    // Who names a folder wants it replayed; a clone without recordings has nothing to replay.
    return flags.fixtures === undefined ? 0 : USAGE_ERROR;
  }
  return flags.sabotage ? runSabotages(folder) : runRecordings(folder);
}

async function runRecordings(folder: string): Promise<number> {
  const { only, quick } = flags;
  const tell = flags.json || flags.rows ? console.error : console.log;
  const onRow = (row: Row) => (flags.rows ? console.log(JSON.stringify(row)) : tell(rowText(row)));
  const rows = await runFolder({ folder, only, quick, onRow });
  const told = tally(rows);
  if (flags.json) console.log(JSON.stringify({ ...told, rows }, undefined, 2));
  tell(tallyText(told));
  return told.failed > 0 || told.passed === 0 ? 1 : 0;
}

/** Each deliberate fault of the product must turn a row red: a row that cannot fail proves nothing. */
async function runSabotages(folder: string): Promise<number> {
  const { only } = flags;
  const args = ['--quick', '--fixtures', folder, ...(only === undefined ? [] : ['--only', only])];
  const rows = await runFolder({ folder, only, quick: true, onRow: () => undefined });
  const held = new Set(rows.filter(({ verdict }) => verdict === 'pass').map(rowName));
  const results: SabotageResult[] = [];
  for (const { name } of OURS) {
    const result = await trySabotage(name, args, held);
    results.push(result);
    (flags.json ? console.error : console.log)(sabotageText(result));
  }
  const passed = results.filter(({ caughtBy }) => caughtBy !== undefined).length;
  const failed = results.length - passed;
  if (flags.json) console.log(JSON.stringify({ passed, failed, sabotages: results }, undefined, 2));
  (flags.json ? console.error : console.log)(`${passed} passed, ${failed} failed`);
  return failed > 0 || passed === 0 ? 1 : 0;
}
