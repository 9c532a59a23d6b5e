/** JSON as others wrote it: nothing is known of it until it is looked at. */
export type Json = Readonly<Record<string, unknown>>;

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object, or an empty one. */
export function objectOf(value: unknown): Json {
  return isJson(value) ? value : {};
}

/** The objects of a list; none where there is no list. */
export function objectsOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isJson) : [];
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** @returns undefined for what is no JSON at all */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The recording of something else than JSON: whoever asks says what that means.
    return undefined;
  }
}

/** Members in the order of their names at every level, so that texts can be compared. */
export function canonical(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? 'undefined';
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJson(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((name) => [name, sorted(value[name])]),
  );
}

/** Where two values differ, as `path: one / other`; the first few. */
export function differences(one: unknown, other: unknown, path = '', found: string[] = []): string[] {
  if (found.length >= DIFFERENCES_MAX || canonical(one) === canonical(other)) return found;
  if (isJson(one) && isJson(other)) {
    for (const name of new Set([...Object.keys(one), ...Object.keys(other)])) {
      differences(one[name], other[name], path === '' ? name : `${path}.${name}`, found);
    }
    return found;
  }
  if (Array.isArray(one) && Array.isArray(other) && one.length === other.length) {
    for (const [place, each] of one.entries()) differences(each, other[place], `${path}[${place}]`, found);
    return found;
  }
  found.push(`${path || 'value'}: ${shortened(canonical(one))} / ${shortened(canonical(other))}`);
  return found;
}

const DIFFERENCES_MAX = 6;
const SHOWN_CHARS = 160;

function shortened(text: string): string {
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…(${text.length})` : text;
}
