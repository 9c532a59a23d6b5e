import { sql } from 'kysely';
import { GatewayError } from '../kernel/errors.ts';
import {
  HISTORY_BYTES_MAX,
  HISTORY_TURNS_MAX,
  type KeptHistory,
  type KeptResponse,
  type ResponseOwner,
} from '../protocol/kept-response.ts';
import type { Database } from './database.ts';

const DROPPED_AT_ONCE = 500;

/** Keeps an answer until `expiresAt`. The same one again changes nothing. */
export async function insertResponse(
  database: Database,
  owner: ResponseOwner,
  kept: KeptResponse,
  expiresAt: number,
): Promise<void> {
  const input = JSON.stringify(kept.input);
  const response = JSON.stringify(kept.response);
  await database
    .insertInto('responses')
    .values({
      organisation: owner.organisation,
      project: owner.project,
      id: kept.id,
      key_id: kept.keyId,
      created_at: new Date(kept.createdAt),
      expires_at: new Date(expiresAt),
      previous_id: kept.previousId ?? null,
      deployment: kept.deployment,
      upstream_keeps: kept.upstreamKeeps,
      input,
      response,
      bytes: Buffer.byteLength(input) + Buffer.byteLength(response),
    })
    .onConflict((conflict) => conflict.columns(['project', 'id']).doNothing())
    .execute();
}

/** @returns `undefined` for one that is not there, is another's, or has expired */
export async function responseById(
  database: Database,
  owner: ResponseOwner,
  id: string,
  at: number,
): Promise<KeptResponse | undefined> {
  const row = await database
    .selectFrom('responses')
    .selectAll()
    .where('project', '=', owner.project)
    .where('organisation', '=', owner.organisation)
    .where('id', '=', id)
    .where('expires_at', '>', new Date(at))
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    id: row.id,
    keyId: row.key_id,
    createdAt: row.created_at.getTime(),
    ...(row.previous_id === null ? {} : { previousId: row.previous_id }),
    deployment: row.deployment,
    upstreamKeeps: row.upstream_keeps,
    input: JSON.parse(row.input) as unknown[],
    response: JSON.parse(row.response) as Record<string, unknown>,
  };
}

/** @returns false where there was none */
export async function deleteResponse(database: Database, owner: ResponseOwner, id: string): Promise<boolean> {
  const { numDeletedRows } = await database
    .deleteFrom('responses')
    .where('project', '=', owner.project)
    .where('organisation', '=', owner.organisation)
    .where('id', '=', id)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

interface TurnRow {
  readonly previous_id: string | null;
  readonly deployment: string;
  readonly upstream_keeps: boolean;
  readonly input: string;
  readonly response: string;
  readonly total: string;
}

/**
 * All turns up to an answer. The chain is walked backwards by its primary key,
 * and no further than it may be long.
 *
 * @returns `undefined` where the answer, or one before it, is not there any more
 * @throws `context_length_exceeded` for a conversation of too many turns or bytes
 */
export async function historyUpTo(
  database: Database,
  owner: ResponseOwner,
  id: string,
  at: number,
): Promise<KeptHistory | undefined> {
  const { organisation, project } = owner;
  const now = new Date(at);
  const { rows } = await sql<TurnRow>`
    with recursive chain as (
      select r.*, 1 as turn, r.bytes::int8 as total from responses r
      where r.project = ${project} and r.organisation = ${organisation} and r.id = ${id} and r.expires_at > ${now}
      union all
      select r.*, turn + 1, total + r.bytes from chain
      join responses r on r.project = chain.project and r.organisation = chain.organisation and r.id = chain.previous_id
      where r.expires_at > ${now} and turn < ${HISTORY_TURNS_MAX} and total < ${HISTORY_BYTES_MAX}
    )
    select previous_id, deployment, upstream_keeps, input, response, total::text as total
    from chain order by turn desc`.execute(database);
  const [first] = rows;
  if (first === undefined) return undefined;
  const long = rows.length >= HISTORY_TURNS_MAX || Number(first.total) >= HISTORY_BYTES_MAX;
  if (long) throw tooLong(id);
  if (first.previous_id !== null) return undefined;
  return rows.map((row) => ({
    items: itemsOf(row),
    deployment: row.deployment,
    upstreamKeeps: row.upstream_keeps,
  }));
}

function itemsOf({ input, response }: TurnRow): unknown[] {
  const { output } = JSON.parse(response) as { output?: unknown };
  return [...(JSON.parse(input) as unknown[]), ...(Array.isArray(output) ? (output as unknown[]) : [])];
}

function tooLong(id: string): GatewayError {
  return new GatewayError('context_length_exceeded', {
    message: `The conversation up to '${id.slice(0, 100)}' has more than ${HISTORY_TURNS_MAX} turns or ${HISTORY_BYTES_MAX} bytes. Begin a new one, with what is to be known of this one in its input.`,
    param: 'previous_response_id',
  });
}

/**
 * Drops answers that have expired, a few at a time.
 *
 * @returns how many
 */
export async function dropExpiredResponses(database: Database, at: number, stopped: () => boolean): Promise<number> {
  let dropped = 0;
  while (!stopped()) {
    const { numAffectedRows = 0n } = await sql`
      delete from responses where (project, id) in (
        select project, id from responses where expires_at <= ${new Date(at)} order by expires_at limit ${DROPPED_AT_ONCE}
      )`.execute(database);
    dropped += Number(numAffectedRows);
    if (numAffectedRows < DROPPED_AT_ONCE) break;
  }
  return dropped;
}
