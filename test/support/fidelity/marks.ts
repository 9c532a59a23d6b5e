export interface Mark {
  readonly field: string;
  readonly mark: string;
}

/** The values of a request that stand nowhere else, with their places. */
export function marksOf(value: unknown, field = ''): Mark[] {
  if (typeof value === 'string') return /mark-|bWFyay/.test(value) ? [{ field, mark: spoken(value) }] : [];
  if (typeof value === 'number')
    return Math.abs(value) % 10 === 0 || value < 0.01 ? [] : [{ field, mark: String(value) }];
  if (Array.isArray(value)) return value.flatMap((each, at) => marksOf(each, `${field}[${at}]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => marksOf(member, field === '' ? name : `${field}.${name}`));
}

/** Of a data URL the bytes; of JSON text what stands in it. */
function spoken(value: string): string {
  return /base64,(.*)/.exec(value)?.[1] ?? /mark-[\w.-]+/.exec(value)?.[0] ?? value;
}
