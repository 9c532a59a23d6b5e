import { GatewayError } from '../../kernel/errors.ts';
import type { Rest } from '../../protocol/chat/content.ts';
import type { Dialect } from '../../protocol/operation.ts';
import { isObject, type Misfit, type WireObject } from '../openai/wire.ts';

export const RESPONSES = 'openai-responses' satisfies Dialect;

/** What a provider sent in the place of an answer, named by its field. */
export const answerMisfit: Misfit = (field, wanted) => notUnderstood(`\`${field}\` is not ${wanted}`);

/** @param what names what was met, never quoting an answer's text */
export function notUnderstood(what: string, cause?: unknown): GatewayError {
  return new GatewayError('upstream_error', {
    message: `The provider's answer is none of the Responses API: ${what}.`,
    retry: 'other-target',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** What of an object is beyond the names that are understood, but for what is `null`; `undefined` when nothing is. */
export function restOf(fields: WireObject, known: ReadonlySet<string>): Rest | undefined {
  let rest: Record<string, unknown> | undefined;
  for (const [name, value] of Object.entries(fields)) {
    if (known.has(name) || value === null || value === undefined) continue;
    rest ??= {};
    rest[name] = value;
  }
  return rest === undefined ? undefined : ownRestOf(rest);
}

export function ownRestOf(fields: WireObject): Rest {
  return { dialect: RESPONSES, fields };
}

const NOTHING: WireObject = {};

/** What this dialect said beyond the vocabulary; nothing of what another one did. */
export function ownFields(rest: Rest | undefined): WireObject {
  return rest?.dialect === RESPONSES ? rest.fields : NOTHING;
}

/** Adds what was not understood to what is written; of objects that are in both, their members. */
export function withRest(written: Record<string, unknown>, rest: Rest | undefined): Record<string, unknown> {
  for (const [name, value] of Object.entries(ownFields(rest))) {
    const present = written[name];
    if (present === undefined) written[name] = value;
    else if (isObject(present) && isObject(value)) written[name] = { ...value, ...present };
  }
  return written;
}
