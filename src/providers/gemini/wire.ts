import type { Rest } from '../../protocol/chat/content.ts';
import type { Dialect } from '../../protocol/operation.ts';
import { type Fields, isFields, restIn } from '../fields.ts';

export const GEMINI = 'gemini' satisfies Dialect;

/** What is not known of an object, but for what is `null`. */
export function restOf(fields: Fields, known: ReadonlySet<string>): Rest | undefined {
  return restIn(GEMINI, fields, known);
}

/** What was kept for this dialect; nothing of what another one said. */
export function ownRest(rest: Rest | undefined): Fields | undefined {
  return rest?.dialect === GEMINI ? rest.fields : undefined;
}

/** The members of a list that are objects; none where there is no list. */
export function objectsIn(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}
