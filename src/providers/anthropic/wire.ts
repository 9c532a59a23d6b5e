import type { Rest } from '../../protocol/chat/content.ts';
import type { Dialect } from '../../protocol/operation.ts';
import { type Fields, restIn } from '../fields.ts';

export const MESSAGES = 'anthropic-messages' satisfies Dialect;

/** What is not known of an object, but for what is `null`. */
export function restOf(fields: Fields, known: ReadonlySet<string>): Rest | undefined {
  return restIn(MESSAGES, fields, known);
}

/** What was kept for this dialect; nothing of what another one said. */
export function ownRest(rest: Rest | undefined): Fields | undefined {
  return rest?.dialect === MESSAGES ? rest.fields : undefined;
}
