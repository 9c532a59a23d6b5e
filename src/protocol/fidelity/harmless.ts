import type { Harmless } from './table.ts';

/** Exactly one of these values. */
export function only(...values: readonly (string | number | boolean)[]): Harmless {
  return {
    says: values.map((value) => `\`${JSON.stringify(value)}\``).join(' or '),
    holds: (value) => values.includes(value as string),
  };
}

/** A list in which nothing else stands than these values. */
export function listOf(...values: readonly string[]): Harmless {
  return {
    says: `\`${JSON.stringify(values)}\``,
    holds: (value) => Array.isArray(value) && value.every((each) => values.includes(each as string)),
  };
}

/** An object without members. */
export const nothingInIt: Harmless = {
  says: '`{}`',
  holds: (value) => typeof value === 'object' && value !== null && Object.keys(value).length === 0,
};
