import { z } from 'zod';
import type { Clock } from '../kernel/clock.ts';
import { type AdminServer, adminRequest } from './admin-client.ts';
import { EXIT } from './exit-codes.ts';
import { CliFailure } from './failure.ts';

export interface Question<T> {
  /** The part of the answer that is read; fields it does not name are let through. */
  readonly schema: z.ZodType<T>;
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
}

/** The most that the admin API gives at once. */
const PAGE_ENTRIES_MAX = 200;
/** Pages of one list are not followed beyond this many: a cursor that leads in a circle must not either. */
const PAGES_MAX = 10_000;

/**
 * One question to a running server's admin API.
 *
 * @throws `ServerAbsent` when nothing listens; `CliFailure` for every other trouble
 */
export async function askServer<T>(server: AdminServer, question: Question<T>, clock: Clock): Promise<T> {
  const { schema, method = 'GET', path, body } = question;
  const answer = schema.safeParse(await adminRequest(server, { method, path, body }, clock));
  if (answer.success) return answer.data;
  const what = `the server at ${server.url} answered something else than ${method} ${path} should`;
  throw new CliFailure(what, {
    exitCode: EXIT.unexpected,
    next: 'use the leeward of the same version',
    cause: answer.error,
  });
}

/** Answers questions: a running server, or the store in its place. */
export type Ask = <T>(question: Question<T>) => Promise<T>;

export function asking(server: AdminServer, clock: Clock): Ask {
  return (question) => askServer(server, question, clock);
}

/**
 * The entries of a paged list, in order, following its cursor.
 *
 * @param path with whatever filters, without `limit` and `cursor`
 * @param countMax how many are wanted; absent: all
 */
export async function askForList<T>(
  ask: Ask,
  list: { readonly entry: z.ZodType<T>; readonly path: string; readonly countMax?: number },
): Promise<T[]> {
  const page = z.looseObject({ data: z.array(list.entry), next_cursor: z.string().nullish() });
  const countMax = list.countMax ?? Number.POSITIVE_INFINITY;
  const found: T[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < PAGES_MAX && found.length < countMax; pages++) {
    const url = new URL(list.path, 'http://server');
    url.searchParams.set('limit', String(Math.min(PAGE_ENTRIES_MAX, countMax - found.length)));
    if (cursor !== undefined) url.searchParams.set('cursor', cursor);
    const answer = await ask({ schema: page, path: `${url.pathname}${url.search}` });
    found.push(...answer.data);
    cursor = answer.next_cursor ?? undefined;
    if (cursor === undefined) break;
  }
  return found.slice(0, countMax);
}

/** The entries of a paged list one by one, however many; only a page of them is held. */
export async function* eachOfList<T>(
  ask: Ask,
  list: { readonly entry: z.ZodType<T>; readonly path: string },
): AsyncGenerator<T> {
  const page = z.looseObject({ data: z.array(list.entry), next_cursor: z.string().nullish() });
  const url = new URL(list.path, 'http://server');
  url.searchParams.set('limit', String(PAGE_ENTRIES_MAX));
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const answer = await ask({ schema: page, path: `${url.pathname}${url.search}` });
    yield* answer.data;
    if (answer.next_cursor == null) return;
    url.searchParams.set('cursor', answer.next_cursor);
  }
  // A part must not be passed off as all there is.
  throw new CliFailure(`there are more than ${PAGES_MAX * PAGE_ENTRIES_MAX} entries`, {
    exitCode: EXIT.usage,
    next: 'ask for a shorter stretch of time',
  });
}
