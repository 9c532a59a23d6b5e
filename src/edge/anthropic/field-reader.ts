import { GatewayError } from '../../kernel/errors.ts';
import { type Fields, isFields } from '../../providers/fields.ts';

/** Refuses a request in the manner of Anthropic's own API: places are written with dots there. */
export function refuseCall(field: string, problem: string): never {
  throw new GatewayError('invalid_request', {
    message: `${field.replaceAll(/\[(\d+)\]/g, '.$1')}: ${problem}`,
    param: field,
  });
}

/** A number within bounds; `null` is none. */
export function numberIn(fields: Fields, name: string, least: number, most: number): number | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && value >= least && value <= most) return value;
  return refuseCall(name, `Input should be a number from ${least} to ${most}`);
}

export function objectIn(fields: Fields, name: string): Fields | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  return isFields(value) ? value : refuseCall(name, 'Input should be a valid object');
}

export function listIn(fields: Fields, name: string): readonly unknown[] | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  return Array.isArray(value) ? value : refuseCall(name, 'Input should be a valid list');
}

export function textListIn(fields: Fields, name: string): readonly string[] | undefined {
  const list = listIn(fields, name);
  const other = list?.findIndex((value) => typeof value !== 'string') ?? -1;
  return other < 0
    ? (list as readonly string[] | undefined)
    : refuseCall(`${name}[${other}]`, 'Input should be a valid string');
}
