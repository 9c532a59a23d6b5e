import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { SABOTAGES } from '../../support/sabotage/list.ts';
import type { Row } from './row.ts';

/** What became of the proof with one deliberate fault in the product. */
export interface SabotageResult {
  readonly sabotage: string;
  /** The row that holds without the fault and does not with it. */
  readonly caughtBy: Row | undefined;
  /** Why it could not be tried. */
  readonly problem: string | undefined;
}

/** The faults that this proof promises to notice. */
export const OURS = SABOTAGES.filter(({ caughtBy }) => caughtBy.includes('conformance'));

const TRIAL_MS_MAX = 300_000;
const SHOWN_CHARS = 400;

export function rowName({ recording, lane, client }: Row): string {
  return `${recording} ${lane} ${client}`;
}

/**
 * Runs the proof anew with one line of the product replaced, until a row turns
 * red that holds without that.
 *
 * @param args of the run, its folder among them
 */
export async function trySabotage(
  sabotage: string,
  args: readonly string[],
  held: ReadonlySet<string>,
): Promise<SabotageResult> {
  const preload = join(import.meta.dirname, '../../support/sabotage/preload.ts');
  const script = join(import.meta.dirname, '../conformance.ts');
  const trial = spawn(process.execPath, ['--import', preload, script, '--rows', ...args], {
    env: { ...process.env, LEEWARD_SABOTAGE: sabotage },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const deadline = setTimeout(() => trial.kill('SIGKILL'), TRIAL_MS_MAX);
  let said = '';
  trial.stderr.setEncoding('utf8').on('data', (more: string) => (said = (said + more).slice(-SHOWN_CHARS)));
  let rest = '';
  let caughtBy: Row | undefined;
  let rows = 0;
  for await (const chunk of trial.stdout.setEncoding('utf8')) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const row = JSON.parse(line) as Row;
      rows++;
      if (row.verdict === 'fail' && held.has(rowName(row))) caughtBy ??= row;
    }
    if (caughtBy !== undefined) break;
  }
  trial.kill('SIGKILL');
  clearTimeout(deadline);
  return { sabotage, caughtBy, problem: rows === 0 ? `the proof did not run: ${said}` : undefined };
}

export function sabotageText({ sabotage, caughtBy, problem }: SabotageResult): string {
  if (problem !== undefined) return `fail  ${sabotage}: ${problem}`;
  if (caughtBy === undefined) return `fail  ${sabotage}: every row stays as it was`;
  return `pass  ${sabotage}: ${rowName(caughtBy)} says: ${(caughtBy.problems[0] ?? '').slice(0, 160)}`;
}
