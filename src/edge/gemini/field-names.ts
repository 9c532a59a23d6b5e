import { isObject } from '../request-object.ts';

/** What stands below these is the client's own: a tool's arguments and result, JSON Schema, values of a schema. */
const OPAQUE: ReadonlySet<string> = new Set([
  'args',
  'response',
  'labels',
  'partMetadata',
  'parametersJsonSchema',
  'responseJsonSchema',
  'default',
  'example',
  'enum',
  'structValue',
]);
/** Lists that Google takes as their one element too, as its documentation itself writes `parts`. */
const LISTS: ReadonlySet<string> = new Set([
  'contents',
  'parts',
  'tools',
  'functionDeclarations',
  'safetySettings',
  'requests',
]);
/** Objects whose members are named by the client, each with a value of Google's form. */
const NAMED_BY_CLIENT: ReadonlySet<string> = new Set(['properties', '$defs', 'defs']);

/**
 * A request with every field by its name in camel case. Google's API takes
 * `system_instruction` for `systemInstruction` anywhere in a request, and some
 * clients write so; where both stand, the latter counts. A list of one element
 * may be written as that. What has neither comes back as it is, not copied.
 */
export function withCamelNames(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return renamed(fields, false) as Readonly<Record<string, unknown>>;
}

function renamed(value: unknown, keepNames: boolean): unknown {
  if (Array.isArray(value)) return mappedList(value);
  if (!isObject(value)) return value;
  let changed = false;
  const entries = Object.entries(value).map(([name, member]): [string, unknown] => {
    const told = keepNames ? name : camelName(name);
    const read = keepNames ? renamed(member, false) : membersOf(told, member);
    changed ||= told !== name || read !== member;
    return [told, read];
  });
  if (!changed) return value;
  const names = Object.keys(value);
  const known = entries.filter(([name], at) => names[at] === name || !Object.hasOwn(value, name));
  return Object.fromEntries(known);
}

function membersOf(name: string, value: unknown): unknown {
  if (OPAQUE.has(name)) return value;
  const read = renamed(value, NAMED_BY_CLIENT.has(name));
  return LISTS.has(name) && isObject(read) ? [read] : read;
}

function mappedList(list: readonly unknown[]): readonly unknown[] {
  const read = list.map((each) => renamed(each, false));
  return read.some((each, at) => each !== list[at]) ? read : list;
}

/** `inline_data` → `inlineData`; a name that begins with an underscore is nobody's. */
export function camelName(name: string): string {
  return name.includes('_')
    ? name.replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
    : name;
}
