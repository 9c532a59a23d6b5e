import type { Harmless } from '../table.ts';

/** Edits that take nothing out of the context, as coding agents send them with each call. */
export const keepsAllThoughts: Harmless = {
  says: 'only `clear_thinking_20251015` that keeps `all`',
  holds(value) {
    const edits = member(value, 'edits');
    return Array.isArray(edits) && edits.every((edit) => isThoughtEdit(edit) && member(edit, 'keep') === 'all');
  },
};

function isThoughtEdit(edit: unknown): boolean {
  return member(edit, 'type') === 'clear_thinking_20251015';
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
