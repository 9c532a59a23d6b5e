import { sql } from 'kysely';
import { GatewayError } from '../kernel/errors.ts';
import type { KeptConversation, KeptItem } from '../protocol/kept-conversation.ts';
import { HISTORY_BYTES_MAX, type ResponseOwner } from '../protocol/kept-response.ts';
import type { Database } from './database.ts';

const DROPPED_AT_ONCE = 100;

/** What a conversation is found by: one of another project's, or whose time is over, is not there. */
interface Place {
  readonly owner: ResponseOwner;
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** @param items those that it begins with */
export async function insertConversation(
  database: Database,
  owner: ResponseOwner,
  { id, createdAt, metadata }: KeptConversation,
  items: readonly KeptItem[],
  expiresAt: number,
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await transaction
      .insertInto('conversations')
      .values({
        organisation: owner.organisation,
        project: owner.project,
        id,
        created_at: new Date(createdAt),
        expires_at: new Date(expiresAt),
        metadata: JSON.stringify(metadata),
        bytes: 0n,
      })
      .execute();
    await appendItems(transaction, { owner, id, at: createdAt }, items, expiresAt);
  });
}

/** @returns `undefined` where there is none */
export async function conversationById(
  database: Database,
  { owner, id, at }: Place,
): Promise<KeptConversation | undefined> {
  const row = await database
    .selectFrom('conversations')
    .selectAll()
    .where('project', '=', owner.project)
    .where('organisation', '=', owner.organisation)
    .where('id', '=', id)
    .where('expires_at', '>', new Date(at))
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const metadata = JSON.parse(row.metadata) as Record<string, unknown>;
  return { id: row.id, createdAt: row.created_at.getTime(), metadata };
}

/** @returns false where there is none */
export async function setConversationMetadata(
  database: Database,
  { owner, id, at }: Place,
  metadata: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  const { numUpdatedRows } = await database
    .updateTable('conversations')
    .set({ metadata: JSON.stringify(metadata) })
    .where('project', '=', owner.project)
    .where('organisation', '=', owner.organisation)
    .where('id', '=', id)
    .where('expires_at', '>', new Date(at))
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** With all of its items. @returns false where there was none */
export async function deleteConversation(database: Database, owner: ResponseOwner, id: string): Promise<boolean> {
  const { numDeletedRows } = await database
    .deleteFrom('conversations')
    .where('project', '=', owner.project)
    .where('organisation', '=', owner.organisation)
    .where('id', '=', id)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/**
 * Adds items at the end, and keeps the conversation until `expiresAt`.
 *
 * @returns false where there is no such conversation
 * @throws `context_length_exceeded` where it would be too long
 */
export async function appendItems(
  database: Database,
  { owner, id, at }: Place,
  items: readonly KeptItem[],
  expiresAt: number,
): Promise<boolean> {
  const texts = items.map(({ item }) => JSON.stringify(item));
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const { rows } = await sql<{ readonly bytes: string }>`
    update conversations set bytes = bytes + ${bytes}, expires_at = greatest(expires_at, ${new Date(expiresAt)})
    where project = ${owner.project} and organisation = ${owner.organisation} and id = ${id}
      and expires_at > ${new Date(at)} and bytes + ${bytes} <= ${HISTORY_BYTES_MAX}
    returning bytes::text as bytes`.execute(database);
  if (rows.length === 0) {
    if ((await conversationById(database, { owner, id, at })) === undefined) return false;
    throw tooLong(id);
  }
  // One statement for all of them: their places are given in the order of the values.
  if (items.length > 0) {
    await database
      .insertInto('conversation_items')
      .values(
        items.map(({ id: itemId, deployment }, place) => ({
          project: owner.project,
          conversation_id: id,
          id: itemId,
          item: texts[place] ?? 'null',
          deployment: deployment ?? null,
        })),
      )
      .execute();
  }
  return true;
}

/** All items, the first one first. @returns `undefined` where there is no such conversation */
export async function conversationItems(database: Database, place: Place): Promise<KeptItem[] | undefined> {
  if ((await conversationById(database, place)) === undefined) return undefined;
  const rows = await database
    .selectFrom('conversation_items')
    .select(['id', 'item', 'deployment'])
    .where('project', '=', place.owner.project)
    .where('conversation_id', '=', place.id)
    .orderBy('position')
    .execute();
  return rows.map(({ id, item, deployment }) => ({
    id,
    item: JSON.parse(item) as unknown,
    ...(deployment === null ? {} : { deployment }),
  }));
}

/** @returns false where there is no such item, or no such conversation */
export async function deleteItem(database: Database, place: Place, itemId: string): Promise<boolean> {
  if ((await conversationById(database, place)) === undefined) return false;
  const { rows } = await sql<{ readonly gone: string }>`
    with dropped as (
      delete from conversation_items
      where project = ${place.owner.project} and conversation_id = ${place.id} and id = ${itemId}
      returning octet_length(item) as bytes
    )
    update conversations set bytes = bytes - (select sum(dropped.bytes) from dropped)
    where project = ${place.owner.project} and id = ${place.id} and exists (select from dropped)
    returning id as gone`.execute(database);
  return rows.length > 0;
}

/** Drops conversations that have expired, a few at a time. @returns how many */
export async function dropExpiredConversations(
  database: Database,
  at: number,
  stopped: () => boolean,
): Promise<number> {
  let dropped = 0;
  while (!stopped()) {
    const { numAffectedRows = 0n } = await sql`
      delete from conversations where (project, id) in (
        select project, id from conversations where expires_at <= ${new Date(at)}
        order by expires_at limit ${DROPPED_AT_ONCE}
      )`.execute(database);
    dropped += Number(numAffectedRows);
    if (numAffectedRows < DROPPED_AT_ONCE) break;
  }
  return dropped;
}

function tooLong(id: string): GatewayError {
  return new GatewayError('context_length_exceeded', {
    message: `The conversation '${id.slice(0, 100)}' cannot have more than ${HISTORY_BYTES_MAX} bytes. Begin a new one, or delete items of this one.`,
    param: 'conversation',
  });
}
