import type { Unreplayed } from './recordings.ts';
import type { Row } from './row.ts';

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly unsupported: number;
}

export function tally(rows: readonly Row[]): Tally {
  const count = (verdict: Row['verdict']) => rows.filter((row) => row.verdict === verdict).length;
  return { passed: count('pass'), failed: count('fail'), unsupported: count('not supported') };
}

const SHOWN_PROBLEMS = 8;

/** A row on a line, what did not hold below it. */
export function rowText({ recording, lane, client, verdict, problems }: Row): string {
  const head = `${verdict.padEnd(13)} ${recording}  ${lane}  ${client}`;
  const more = problems.length > SHOWN_PROBLEMS ? [`and ${problems.length - SHOWN_PROBLEMS} more`] : [];
  return [head, ...[...problems.slice(0, SHOWN_PROBLEMS), ...more].map((problem) => `              ${problem}`)].join(
    '\n',
  );
}

export function unreplayedRow({ id, why }: Unreplayed): Row {
  return { recording: id, lane: 'native', client: '-', verdict: 'not supported', problems: [why] };
}

export function tallyText({ passed, failed, unsupported }: Tally): string {
  const beside = unsupported === 0 ? '' : `, ${unsupported} not supported`;
  return `${passed} passed, ${failed} failed${beside}`;
}
