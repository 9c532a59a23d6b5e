import { z } from 'zod';
import { GatewayError } from '../kernel/errors.ts';

/** No text in Postgres holds U+0000, so no cursor of ours does. */
const fields = z.array(z.union([z.string().refine((text) => !text.includes('\0')), z.number()]));

/**
 * Where a page ended, as text that clients hand back as it is: the list's name
 * and what its order goes by.
 */
export function writeCursor(list: string, ...position: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify([list, ...position])).toString('base64url');
}

/**
 * @param position what stands behind the list's name
 * @throws `invalid_request` for a cursor of another list, or for none of ours
 */
export function readCursor<Position>(list: string, position: z.ZodType<Position>, text: string): Position {
  const [name, ...rest] = fieldsOf(text);
  const read = position.safeParse(rest);
  if (name === list && read.success) return read.data;
  throw new GatewayError('invalid_request', {
    message: 'The cursor is not one of this list. Take next_cursor as it came, or leave it out to begin at the start.',
    param: 'cursor',
  });
}

function fieldsOf(text: string): (string | number)[] {
  try {
    return fields.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch {
    // Whatever it is, it is no cursor: no fields say so to the caller.
    return [];
  }
}

const named = z.tuple([z.string()]);

export interface PageAsked {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A page of a list that is in memory, in the order of its names. A name must be an entry's alone. */
export function pageByName<Entry>(
  list: string,
  entries: readonly Entry[],
  nameOf: (entry: Entry) => string,
  { limit, cursor }: PageAsked,
): { data: Entry[]; next_cursor: string | null } {
  const [after] = cursor === undefined ? [undefined] : readCursor(list, named, cursor);
  const all = entries.map((entry) => ({ name: nameOf(entry), entry }));
  const rest = after === undefined ? all : all.filter(({ name }) => name > after);
  rest.sort((one, other) => (one.name < other.name ? -1 : 1));
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return {
    data: page.map(({ entry }) => entry),
    next_cursor: last === undefined || rest.length === page.length ? null : writeCursor(list, last.name),
  };
}
