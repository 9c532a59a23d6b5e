import { z } from 'zod';
import { GatewayError } from '../../kernel/errors.ts';
import { type CallFilter, listCalls } from '../../store/call-list-queries.ts';
import { findCall } from '../../store/find-call.ts';
import type { AdminParts } from '../admin-parts.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import { freshen } from '../freshness.ts';
import type { Answer, Question } from './answers.ts';
import { callAdminJson } from './call-json.ts';
import { isoTime } from './instants.ts';
import { rangeOf } from './range.ts';

const LIST = 'calls';
/** The last call's instant and id, and the range of the first page, so that the list does not move while it is read. */
const position = z.tuple([z.number(), z.string(), z.number(), z.number()]);

type CallsQuery = Question<'list_calls'>['query'];

/** Also what a store has that no server has open. */
type CallsParts = Pick<AdminParts, 'clock' | 'store' | 'journal' | 'warn'>;

export async function callsAnswer(parts: CallsParts, { query }: Question<'list_calls'>): Promise<Answer<'list_calls'>> {
  const { limit, cursor } = query;
  const after = cursor === undefined ? undefined : readCursor(LIST, position, cursor);
  const nowAt = parts.clock.now();
  const [since, until] =
    after === undefined
      ? rangeOf({ from: query.since, to: query.until, names: ['since', 'until'] }, nowAt)
      : [after[2], after[3]];
  const replayedAt = await freshen(parts);
  const before = after === undefined ? {} : { before: { startedAt: after[0], id: after[1] } };
  const calls = await listCalls(parts.store.database, filterOf(query, since, until), { limit: limit + 1, ...before });
  const page = calls.slice(0, limit);
  const last = page.at(-1);
  return {
    data: page.map(callAdminJson),
    next_cursor:
      last === undefined || calls.length === page.length
        ? null
        : writeCursor(LIST, last.startedAt, last.id, since, until),
    since: isoTime(since),
    until: isoTime(until),
    replayed_until: isoTime(replayedAt),
  };
}

function filterOf(
  { project, key, task, provider, model, outcome }: CallsQuery,
  since: number,
  until: number,
): CallFilter {
  return {
    since,
    until,
    ...(project === undefined ? {} : { project }),
    ...(key === undefined ? {} : { keyId: key }),
    ...(task === undefined ? {} : { task }),
    ...(provider === undefined ? {} : { provider }),
    ...(model === undefined ? {} : { model }),
    ...(outcome === undefined ? {} : { outcome }),
  };
}

/** From memory while it is there: nothing is fresher, and a call that was refused is nowhere else. */
export async function callAnswer(
  parts: Pick<AdminParts, 'store' | 'journal' | 'clock' | 'recentCall'>,
  { params }: Question<'get_call'>,
): Promise<Answer<'get_call'>> {
  const call =
    parts.recentCall(params.id) ??
    (await findCall({ database: parts.store.database, journal: parts.journal, clock: parts.clock }, params.id));
  if (call !== undefined) return callAdminJson(call);
  throw new GatewayError('not_found', {
    message: `There is no call ${params.id.slice(0, 64)}. The id is in the x-leeward-request-id header of the answer.`,
  });
}
