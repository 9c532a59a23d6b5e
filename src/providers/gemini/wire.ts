import type { Rest } from '../../protocol/chat/content.ts';
import type { Dialect } from '../../protocol/operation.ts';

export const GEMINI = 'gemini' satisfies Dialect;

/** A JSON object before it is read. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Throws the reader's error: a client's request is refused, a provider's answer is not understood. */
export type Refuse = (field: string, problem: string) => never;

/** What is not known of an object, but for what is `null`: in this dialect that is the same as absent. */
export function restOf(fields: Fields, known: ReadonlySet<string>): Rest | undefined {
  let rest: Record<string, unknown> | undefined;
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    if (known.has(name) || value === null || value === undefined) continue;
    rest ??= {};
    rest[name] = value;
  }
  return rest === undefined ? undefined : { dialect: GEMINI, fields: rest };
}

/** What was kept for this dialect; nothing of what another one said. */
export function ownRest(rest: Rest | undefined): Fields | undefined {
  return rest?.dialect === GEMINI ? rest.fields : undefined;
}

export function textIn(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' ? value : undefined;
}

export function numberIn(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** The members of a list that are objects; none where there is no list. */
export function objectsIn(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}
