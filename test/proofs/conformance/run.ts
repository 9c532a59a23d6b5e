import { errorMessage } from '../../../src/kernel/errors.ts';
import { nativeRows } from './native-lane.ts';
import { type Recording, readFolder } from './recordings.ts';
import { unreplayedRow } from './report.ts';
import type { Row } from './row.ts';
import { translatedRows } from './translated-lane.ts';

export interface RunOptions {
  readonly folder: string;
  /** `provider/feature`, or the beginning of it. */
  readonly only: string | undefined;
  readonly quick: boolean;
  onRow(row: Row): void;
  /** Asked after each row; true ends the run. */
  enough?(row: Row): boolean;
}

const LANES = [
  ['native', nativeRows],
  ['translated', translatedRows],
] as const;

/** Replays a folder: one row per recording, lane and client, each told as soon as it is known. */
export async function runFolder({ folder, only, quick, onRow, enough }: RunOptions): Promise<Row[]> {
  const rows: Row[] = [];
  const { recordings, unreplayed } = readFolder(folder);
  const wanted = ({ id }: { readonly id: string }) => only === undefined || id.startsWith(only);
  const add = (found: readonly Row[]) => {
    for (const row of found) {
      rows.push(row);
      onRow(row);
    }
    return found.some((row) => enough?.(row) ?? false);
  };
  for (const recording of recordings.filter(wanted)) {
    for (const [lane, rowsOf] of LANES) {
      if (add(await rowsOrProblem(recording, lane, () => rowsOf(recording, quick)))) return rows;
    }
  }
  add(unreplayed.filter(wanted).map(unreplayedRow));
  return rows;
}

/** What is thrown while a recording is replayed is its failure, never the end of the run. */
async function rowsOrProblem(
  { id }: Recording,
  lane: Row['lane'],
  rowsOf: () => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  try {
    return await rowsOf();
  } catch (error) {
    const said = error instanceof Error ? (error.stack ?? error.message) : errorMessage(error);
    return [{ recording: id, lane, client: 'the replay itself', verdict: 'fail', problems: [said] }];
  }
}
