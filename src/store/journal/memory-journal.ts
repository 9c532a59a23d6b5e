import type { AttemptRecord } from '../../protocol/attempt-record.ts';
import type { Journal } from './journal.ts';

export interface MemoryJournal extends Journal {
  readonly records: readonly AttemptRecord[];
}

/** A journal that only collects, for tests of whoever appends to one. */
export function memoryJournal(): MemoryJournal {
  const records: AttemptRecord[] = [];
  return {
    records,
    append: (record) => records.push(record),
    stage(record, onWritten) {
      records.push(record);
      onWritten();
    },
    canAdmit: () => true,
    flush: async () => undefined,
    lag: () => ({ records: 0, bytes: 0, oldestMs: 0, rejected: 0 }),
  };
}
