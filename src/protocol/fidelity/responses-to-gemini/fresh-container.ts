import type { Harmless } from '../table.ts';

/** A container that the provider makes for the answer, with nothing in it: that is how others run code too. */
export const freshContainer: Harmless = {
  says: '`{"type":"auto"}` without files',
  holds(value) {
    if (typeof value !== 'object' || value === null) return false;
    const { type, file_ids: files } = value as Readonly<Record<string, unknown>>;
    return type === 'auto' && (files === undefined || files === null || (Array.isArray(files) && files.length === 0));
  },
};
