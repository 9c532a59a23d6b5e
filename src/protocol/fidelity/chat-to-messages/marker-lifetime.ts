import { only } from '../harmless.ts';
import { type FieldFate, warned } from '../table.ts';

/** For how long what is marked is kept: what lies between is rounded up, what is longer is cut. */
export function markerLifetime(field: string, extras: Pick<FieldFate, 'extra'> = {}): FieldFate[] {
  return warned(field, 'this provider keeps a prompt for an hour at most', {
    harmless: only('5m', '30m', '1h'),
    ...extras,
  });
}
