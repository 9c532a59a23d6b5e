import type { Recording } from './recordings.ts';
import { notSupported, type Row } from './row.ts';

export async function translatedRows(recording: Recording, _quick: boolean): Promise<Row[]> {
  return [notSupported({ recording: recording.id, lane: 'translated', client: '-' }, 'not supported: to come')];
}
