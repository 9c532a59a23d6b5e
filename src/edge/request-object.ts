import { isUtf8 } from 'node:buffer';
import { GatewayError } from '../kernel/errors.ts';
import { checkJsonBounds } from '../kernel/json-bounds.ts';
import { jsonErrorAt, lineAndColumn } from '../kernel/json-error.ts';

/**
 * The JSON object that a request body is, within bounds of depth and size of
 * its parts.
 *
 * @throws `invalid_request` that says where it is none
 */
export function requestObject(body: Buffer): Record<string, unknown> {
  if (!isUtf8(body)) throw invalidField(undefined, 'The request body is not valid UTF-8.');
  checkJsonBounds(body);
  const text = body.toString('utf8');
  if (text.trim() === '') throw invalidField(undefined, 'The request body is empty; send a JSON object.');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The engine's message quotes the text around the error, which may be the prompt: say only where it is.
    throw invalidField(
      undefined,
      `The request body is not valid JSON${placeOf(text)}. Check quotes, commas and brackets there.`,
    );
  }
  if (!isObject(value)) throw invalidField(undefined, 'The request body must be a JSON object.');
  return value;
}

/** What a client did wrong in a field, or in its body as a whole. */
export function invalidField(param: string | undefined, message: string): GatewayError {
  return new GatewayError('invalid_request', { message, ...(param === undefined ? {} : { param }) });
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A number of tokens as a client may bound an answer with. */
export function isTokenBound(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function placeOf(text: string): string {
  const { line, column } = lineAndColumn(text, jsonErrorAt(text) ?? 0);
  return ` at line ${line}, column ${column}`;
}
