import type { Rest } from '../protocol/chat/content.ts';
import type { Dialect } from '../protocol/operation.ts';

/** A JSON object before it is read. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Throws the reader's error: a client's request is refused, a provider's answer is not understood. */
export type Refuse = (field: string, problem: string) => never;

/** What is not known of an object of a dialect in which `null` is the same as absent. */
export function restIn(dialect: Dialect, fields: Fields, known: ReadonlySet<string>): Rest | undefined {
  let rest: Record<string, unknown> | undefined;
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    if (known.has(name) || value === null || value === undefined) continue;
    rest ??= {};
    rest[name] = value;
  }
  return rest === undefined ? undefined : { dialect, fields: rest };
}

export function textIn(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' ? value : undefined;
}

export function numberIn(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
