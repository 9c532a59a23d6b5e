import type { Draft } from '../../kernel/draft.ts';
import type { ToolCallPart } from '../../protocol/chat/content.ts';
import { callSignatureJson, readCallSignature, withoutCallSignature } from './call-signature.ts';
import { isObject, type Misfit, ownRestOf, restOf, someText, withRest } from './wire.ts';

const CALL_NAMES = new Set(['id', 'type', 'index', 'function', 'custom']);
const FUNCTION_NAMES = new Set(['name', 'arguments']);
const CUSTOM_NAMES = new Set(['name', 'input']);

/**
 * The name for a call whose provider gave it none, the same each time the same
 * bytes are read. With the answer's own id in it, calls of two turns differ.
 */
export function madeCallId(place: number, answerId: string | undefined): string {
  const suffix = answerId === undefined ? '' : `_${answerId.replace(/[^\w-]/g, '').slice(-24)}`;
  return `call_${place}${suffix}`;
}

/** A whole tool call of a message. @throws what `misfit` makes, when it has no name */
export function readToolCall(value: unknown, madeId: string, place: string, misfit: Misfit): ToolCallPart {
  if (!isObject(value)) throw misfit(place, 'an object');
  const kind = isObject(value['custom']) ? 'custom' : 'function';
  const body = value[kind];
  if (!isObject(body)) throw misfit(`${place}.function`, 'an object');
  const name = someText(body['name']);
  if (name === undefined) throw misfit(`${place}.${kind}.name`, 'a name');
  const part: Draft<ToolCallPart> = {
    type: 'tool-call',
    kind,
    id: someText(value['id']) ?? madeId,
    name,
    arguments: kind === 'custom' ? argumentsText(body['input']) : argumentsText(body['arguments']),
  };
  const signature = readCallSignature(value);
  if (signature !== undefined) part.signature = signature;
  const inner = restOf(body, kind === 'custom' ? CUSTOM_NAMES : FUNCTION_NAMES);
  const outer = restOf(withoutCallSignature(value), CALL_NAMES);
  if (inner !== undefined || outer !== undefined) {
    part.rest = ownRestOf({ ...outer?.fields, ...(inner === undefined ? {} : { [kind]: inner.fields }) });
  }
  return part;
}

/** Arguments are JSON text; some servers of the family send the JSON itself. */
export function argumentsText(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === undefined || value === null ? '' : JSON.stringify(value);
}

/** A tool call as a message holds it. A function without arguments is called with `{}`. */
export function toolCallJson({
  kind,
  id,
  name,
  arguments: given,
  signature,
  rest,
}: ToolCallPart): Record<string, unknown> {
  const signed = callSignatureJson(signature);
  const call =
    kind === 'custom'
      ? { id, type: kind, custom: { name, input: given }, ...signed }
      : { id, type: kind, function: { name, arguments: given.trim() === '' ? '{}' : given }, ...signed };
  return withRest(call, rest);
}
