import { isObject, type Misfit, type WireObject } from '../providers/openai/wire.ts';
import { invalidField } from './request-object.ts';

/*
 * Fields of a request, each read once at the boundary: absent and `null` are
 * the same to OpenAI, and what has another type is refused in its words.
 */

/** What a client wrote in a field that wants something else. */
export const misfit: Misfit = (field, wanted) => invalidField(field, `Invalid type for '${field}': give ${wanted}.`);

export function text(fields: WireObject, name: string): string | undefined {
  const value = fields[name] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw misfit(name, 'a string');
}

export function flag(fields: WireObject, name: string): boolean | undefined {
  const value = fields[name] ?? undefined;
  if (value === undefined || typeof value === 'boolean') return value;
  throw misfit(name, 'true or false');
}

export function object(fields: WireObject, name: string): WireObject | undefined {
  const value = fields[name] ?? undefined;
  if (value === undefined || isObject(value)) return value;
  throw misfit(name, 'an object');
}

export function list(fields: WireObject, name: string): readonly unknown[] | undefined {
  const value = fields[name] ?? undefined;
  if (value === undefined || Array.isArray(value)) return value;
  throw misfit(name, 'an array');
}

/** A number, within bounds that are part of them. */
export function numeric(
  fields: WireObject,
  name: string,
  min = Number.NEGATIVE_INFINITY,
  max = Number.POSITIVE_INFINITY,
): number | undefined {
  const value = fields[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== 'number') throw misfit(name, 'a number');
  if (value < min || value > max) throw invalidField(name, `Invalid '${name}': give a number from ${min} to ${max}.`);
  return value;
}

/** A whole number that is not negative. */
export function count(fields: WireObject, name: string): number | undefined {
  const value = numeric(fields, name);
  if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) return value;
  throw misfit(name, 'a whole number from 0');
}

export function oneOf<Word extends string>(fields: WireObject, name: string, words: readonly Word[]): Word | undefined {
  const value = text(fields, name);
  if (value === undefined) return undefined;
  const word = words.find((each) => each === value);
  if (word !== undefined) return word;
  throw invalidField(name, `Invalid value for '${name}': give one of ${words.map((each) => `'${each}'`).join(', ')}.`);
}
