import type { FidelityTable, FieldFate } from '../../../src/protocol/fidelity/table.ts';
import { tableOf } from '../../../src/protocol/fidelity/tables.ts';
import type { ChatDialect } from './dialects.ts';
import { isJson, type Json, objectOf } from './json.ts';

/** One entry of `x-leeward-warnings`. */
interface Warning {
  readonly field: string;
  readonly reason: string;
}

/** What does not hold of the warnings of a translated call: each must be in the table, and what the table warns of must be there. */
export function warningProblems(
  { client, provider }: { readonly client: ChatDialect; readonly provider: ChatDialect },
  request: Json,
  header: string | null,
): string[] {
  if (header === null) return ['the answer has no x-leeward-warnings'];
  const table = tableOf(client, provider);
  if (table === undefined) return [`there is no table from ${client} to ${provider}`];
  const told = warningsOf(header);
  const places = placesIn(request, table);
  const lossy = table.request.filter(({ fate, unless }) => fate === 'warned' || unless !== undefined);
  const unexplained = told.filter(({ field }) => !isExplained(field, places, lossy));
  const named = new Set(told.map(({ field }) => field));
  const untold = places.filter((place) => !named.has(place.concrete) && isLostAlways(place, table.request));
  return [
    ...unexplained.map(({ field, reason }) => `warned of ${field} (${reason}), which the table does not name`),
    ...untold.map(({ concrete }) => `not warned of ${concrete}, which the table says is lost`),
  ];
}

export function warningsOf(header: string): Warning[] {
  if (header === 'none') return [];
  return header.split('; ').map((entry) => {
    const [, field = entry, reason = ''] = /^(.*?): (.*)$/.exec(entry) ?? [];
    return { field, reason };
  });
}

/** A value of the request by where it stands, and by the name that a row of the table would have for it. */
interface Place {
  readonly concrete: string;
  /** With and without the kinds of what it stands in. */
  readonly fields: readonly string[];
  readonly value: unknown;
}

/** Walks a request on its own, so that a walk of the product that misses something is noticed. */
function placesIn(request: Json, { untyped = {}, toldBy = {} }: FidelityTable): Place[] {
  const places: Place[] = [];
  const visit = (value: unknown, concrete: string, fields: readonly string[]) => {
    if (concrete !== '') places.push({ concrete, fields, value });
    if (places.length > PLACES_MAX) return;
    if (Array.isArray(value)) {
      const name = /([a-zA-Z_]+)$/.exec(concrete)?.[1] ?? '';
      for (const [at, each] of value.entries()) {
        const kind = isJson(each) ? (each[name === 'messages' ? 'role' : 'type'] ?? untyped[name]) : undefined;
        const members = toldBy[name] === 'member' ? Object.keys(objectOf(each)) : [];
        const kinds = typeof kind === 'string' ? ['', kind] : ['', ...members];
        visit(
          each,
          `${concrete}[${at}]`,
          fields.flatMap((field) => kinds.map((one) => `${field}[${one}]`)),
        );
      }
    } else if (isJson(value)) {
      const kind = value['type'];
      const isElement = concrete.endsWith(']');
      const own =
        typeof kind === 'string' && !isElement ? [...fields, ...fields.map((field) => `${field}(${kind})`)] : fields;
      if (own.length > fields.length) places.push({ concrete, fields: own, value });
      for (const [name, each] of Object.entries(value)) {
        visit(
          each,
          concrete === '' ? name : `${concrete}.${name}`,
          concrete === '' ? [name] : own.map((field) => `${field}.${name}`),
        );
      }
    }
  };
  visit(request, '', ['']);
  return places;
}

const PLACES_MAX = 50_000;

/** What is not in the request may be named where its absence is the loss, as of a bound that the provider demands. */
function isExplained(field: string, places: readonly Place[], rows: readonly FieldFate[]): boolean {
  if (rows.some((row) => row.field === field && row.unless !== undefined)) return true;
  return places.some((place) => place.concrete === field && rows.some((row) => covers(row, place)));
}

/** A row covers what stands below it too. */
function covers({ field, unless }: FieldFate, { fields }: Place): boolean {
  return fields.some((name) => {
    // What of a field is lost for some of its values is told of what it stands in.
    if (unless !== undefined && field.startsWith(`${name}.`)) return true;
    if (name === field || name.startsWith(`${field}.`) || name.startsWith(`${field}[`) || field.startsWith(`${name}(`))
      return true;
    return (
      field.includes('*') &&
      new RegExp(`^${field.replace(/[.[\]()]/g, '\\$&').replaceAll('*', '[^\\])]*')}$`).test(name)
    );
  });
}

function isLostAlways(place: Place, rows: readonly FieldFate[]): boolean {
  const { value } = place;
  if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) return false;
  const row = rows.find(({ field }) => place.fields.includes(field));
  return row?.fate === 'warned' && row.harmless?.holds(value) !== true;
}
