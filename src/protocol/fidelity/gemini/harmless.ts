import type { Harmless } from '../table.ts';

/** Answers of nothing but text, in any spelling that Google takes. */
export const textAlone: Harmless = {
  says: '`["TEXT"]`',
  holds: (value) =>
    Array.isArray(value) &&
    value.every((each) => typeof each === 'string' && /^(?:text|modality_unspecified)$/i.test(each)),
};

/** Settings that switch Google's own filters off: others have none of them. */
export const noFilters: Harmless = {
  says: 'each `threshold` is `OFF` or `BLOCK_NONE`',
  holds: (value) => Array.isArray(value) && value.every((each) => OFF.has(thresholdOf(each))),
};

const OFF: ReadonlySet<unknown> = new Set(['OFF', 'BLOCK_NONE']);

function thresholdOf(setting: unknown): unknown {
  return typeof setting === 'object' && setting !== null
    ? (setting as Record<string, unknown>)['threshold']
    : undefined;
}
