import type { ConfigPath } from './problem.ts';

/** The entries of a mapping in a document whose shape is not certain; none when it is not there or no mapping. */
export function members(document: unknown, section: string): [string, unknown][] {
  const value = memberOf(document, section);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

/** One own member of a mapping, or `undefined`. */
export function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name))
    return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

/** What stands at a path, or `undefined`. */
export function valueAt(document: unknown, path: ConfigPath): unknown {
  let value = document;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[step];
  }
  return value;
}
