import { GatewayError } from '../../kernel/errors.ts';
import type { Rest } from '../../protocol/chat/content.ts';

/** A JSON object of this wire, before it is read. */
export type WireObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is WireObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text that says something; `undefined` for an empty one, `null` and everything else. */
export function someText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * Makes the error for a field that is not what it has to be: a client's fault
 * where a client wrote it, the provider's where a provider did.
 */
export type Misfit = (field: string, wanted: string) => GatewayError;

/** What a provider sent in the place of an answer, named by its field. */
export const answerMisfit: Misfit = (field, wanted) => notUnderstood(`\`${field}\` is not ${wanted}`);

/** @param what names what was met, never quoting an answer's text */
export function notUnderstood(what: string, cause?: unknown): GatewayError {
  return new GatewayError('upstream_error', {
    message: `The provider's answer is none of Chat Completions: ${what}.`,
    retry: 'other-target',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** What of an object is beyond the names that are understood; `undefined` when nothing is. */
export function restOf(fields: WireObject, known: ReadonlySet<string>): Rest | undefined {
  let rest: Record<string, unknown> | undefined;
  // Twice for every event of a stream: a list of entries would cost more than all the rest of this.
  for (const name in fields) {
    if (known.has(name) || !Object.hasOwn(fields, name)) continue;
    const value = fields[name];
    if (value === undefined) continue;
    rest ??= {};
    rest[name] = value;
  }
  return rest === undefined ? undefined : ownRestOf(rest);
}

export function ownRestOf(fields: WireObject): Rest {
  return { dialect: 'openai-chat', fields };
}

/** What this dialect said beyond the vocabulary; nothing of what another one did. */
export function ownFields(rest: Rest | undefined): WireObject {
  return rest?.dialect === 'openai-chat' ? rest.fields : NOTHING;
}

const NOTHING: WireObject = {};

/** Adds what was not understood to what is written; of objects that are in both, their members. */
export function withRest(written: Record<string, unknown>, rest: Rest | undefined): Record<string, unknown> {
  const fields = ownFields(rest);
  for (const [name, value] of Object.entries(fields)) {
    const present = written[name];
    if (present === undefined) written[name] = value;
    else if (isObject(present) && isObject(value)) written[name] = { ...value, ...present };
  }
  return written;
}
