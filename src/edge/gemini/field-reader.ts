import { GatewayError } from '../../kernel/errors.ts';
import { type Fields, isFields } from '../../providers/fields.ts';

/** Refuses a request in the manner of Google's own API. */
export function refuseCall(field: string, problem: string): never {
  throw new GatewayError('invalid_request', { message: `Invalid value at '${field}': ${problem}`, param: field });
}

/** A number within bounds; Google takes one as text too, and `null` is none. */
export function numericIn(
  fields: Fields,
  name: string,
  place: string,
  [least, most]: readonly [number, number] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
): number | undefined {
  const given = fields[name];
  if (given === undefined || given === null) return undefined;
  const value = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
  if (typeof value === 'number' && !Number.isNaN(value) && value >= least && value <= most) return value;
  const bounds = Number.isFinite(least) && Number.isFinite(most) ? ` from ${least} to ${most}` : '';
  return refuseCall(`${place}${name}`, `must be a number${bounds}`);
}

export function wholeIn(fields: Fields, name: string, place: string, least = 0): number | undefined {
  const value = numericIn(fields, name, place, [least, Number.MAX_SAFE_INTEGER]);
  return value === undefined || Number.isSafeInteger(value)
    ? value
    : refuseCall(`${place}${name}`, 'must be a whole number');
}

export function flagIn(fields: Fields, name: string, place: string): boolean | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  return typeof value === 'boolean' ? value : refuseCall(`${place}${name}`, 'must be true or false');
}

export function wordIn(fields: Fields, name: string, place: string): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : refuseCall(`${place}${name}`, 'must be a text');
}

export function objectIn(fields: Fields, name: string, place = ''): Fields | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  return isFields(value) ? value : refuseCall(`${place}${name}`, 'must be an object');
}

export function listIn(fields: Fields, name: string, place = ''): readonly unknown[] | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  return Array.isArray(value) ? value : refuseCall(`${place}${name}`, 'must be a list');
}

export function wordsIn(fields: Fields, name: string, place: string): readonly string[] | undefined {
  const list = listIn(fields, name, place);
  const other = list?.findIndex((value) => typeof value !== 'string') ?? -1;
  return other < 0
    ? (list as readonly string[] | undefined)
    : refuseCall(`${place}${name}[${other}]`, 'must be a text');
}
