import { type Selectable, sql } from 'kysely';
import type { Allowance } from '../protocol/allowance.ts';
import type { Database } from './database.ts';
import type { KeysTable } from './schema.ts';

/** A key as it is kept: its hash, never the key. Instants are milliseconds since the epoch. */
export interface StoredKey {
  readonly id: string;
  readonly organisation: string;
  readonly project: string;
  readonly parentKeyId?: string;
  readonly name: string;
  /** The visible beginning and end of the key, to recognise it by. */
  readonly prefix: string;
  readonly last4: string;
  /** Which pepper the hash was made with. */
  readonly pepperId: string;
  readonly hash: Buffer;
  readonly scopes: readonly string[];
  readonly expiresAt?: number;
  readonly revokedAt?: number;
  /** What it may reach. Absent: it restricts nothing. */
  readonly allow?: Allowance;
  readonly createdAt: number;
  readonly createdBy: string;
  /** `database`, or the configuration that declares it. */
  readonly source: string;
}

export const DEFAULT_ORGANISATION = 'org_default';
export const DEFAULT_PROJECT = 'proj_default';

/** @throws {DatabaseError} `23505` when id or hash is taken, `23503` when project, organisation or parent is unknown */
export async function insertKey(database: Database, key: StoredKey): Promise<void> {
  await database
    .insertInto('keys')
    .values({
      id: key.id,
      organisation_id: key.organisation,
      project_id: key.project,
      parent_key_id: key.parentKeyId ?? null,
      name: key.name,
      prefix: key.prefix,
      last4: key.last4,
      pepper_id: key.pepperId,
      hash: key.hash,
      scopes: [...key.scopes],
      expires_at: instant(key.expiresAt),
      revoked_at: instant(key.revokedAt),
      allow_models: key.allow?.models === undefined ? null : [...key.allow.models],
      allow_routes: key.allow?.routes === undefined ? null : [...key.allow.routes],
      allow_addresses: key.allow?.addresses === undefined ? null : [...key.allow.addresses],
      created_at: new Date(key.createdAt),
      created_by: key.createdBy,
      source: key.source,
    })
    .execute();
}

/** Keys in the order they were made, revoked ones included. */
export async function listKeys(database: Database, projectId?: string): Promise<StoredKey[]> {
  let query = database.selectFrom('keys').selectAll();
  if (projectId !== undefined) query = query.where('project_id', '=', projectId);
  const rows = await query.orderBy('created_at').orderBy('id').execute();
  return rows.map(storedKey);
}

export interface KeyPage {
  readonly limit: number;
  readonly project?: string;
  /** Only keys after this one: the last of the page before. */
  readonly after?: { readonly createdAt: number; readonly id: string };
}

/** Some keys in the order they were made, revoked ones included. */
export async function listKeyPage(database: Database, { limit, project, after }: KeyPage): Promise<StoredKey[]> {
  let query = database.selectFrom('keys').selectAll().orderBy('created_at').orderBy('id').limit(limit);
  if (project !== undefined) query = query.where('project_id', '=', project);
  if (after !== undefined) {
    query = query.where(sql<boolean>`(created_at, id) > (${new Date(after.createdAt)}::timestamptz, ${after.id})`);
  }
  return (await query.execute()).map(storedKey);
}

/**
 * Revokes a key as of an instant; one revoked earlier keeps its instant.
 *
 * @param at milliseconds since the epoch
 * @returns the key, or `undefined` when there is none with this id
 */
export async function revokeKey(database: Database, keyId: string, at: number): Promise<StoredKey | undefined> {
  const row = await database
    .updateTable('keys')
    .set((column) => ({ revoked_at: column.fn.coalesce('revoked_at', column.val(new Date(at))) }))
    .where('id', '=', keyId)
    .returningAll()
    .executeTakeFirst();
  return row === undefined ? undefined : storedKey(row);
}

/** The key with this hash, revoked and expired ones included: it is the caller who says why one is refused. */
export async function keyByHash(database: Database, hash: Buffer): Promise<StoredKey | undefined> {
  const row = await database.selectFrom('keys').selectAll().where('hash', '=', hash).executeTakeFirst();
  return row === undefined ? undefined : storedKey(row);
}

/** The key with this id. */
export async function keyById(database: Database, keyId: string): Promise<StoredKey | undefined> {
  const row = await database.selectFrom('keys').selectAll().where('id', '=', keyId).executeTakeFirst();
  return row === undefined ? undefined : storedKey(row);
}

/** More than keys are ever nested; ends the walk up even where rows lead in a circle. */
const LEVELS_MAX = 9;

/** All parents of a key, the nearest first, in one statement: a call of a sub-key waits for it. */
export async function parentsOf(database: Database, keyId: string): Promise<StoredKey[]> {
  const { rows } = await sql<Selectable<KeysTable>>`
    with recursive line as (
      select parent_key_id as id, 1 as level from keys where id = ${keyId}
      union all
      select keys.parent_key_id, line.level + 1 from line join keys on keys.id = line.id where line.level < ${LEVELS_MAX}
    )
    select keys.* from line join keys on keys.id = line.id order by line.level`.execute(database);
  return rows.map(storedKey);
}

/** The organisation of a project; `undefined` when there is no such project. */
export async function organisationOf(database: Database, projectId: string): Promise<string | undefined> {
  const row = await database
    .selectFrom('projects')
    .select('organisation_id')
    .where('id', '=', projectId)
    .executeTakeFirst();
  return row?.organisation_id;
}

/** Makes the organisation and project that everything belongs to until there are others. Does nothing when they are there. */
export async function ensureDefaultTenant(database: Database, nowMs: number): Promise<void> {
  const created_at = new Date(nowMs);
  await database
    .insertInto('organisations')
    .values({ id: DEFAULT_ORGANISATION, name: 'Default', created_at })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await database
    .insertInto('projects')
    .values({ id: DEFAULT_PROJECT, organisation_id: DEFAULT_ORGANISATION, name: 'Default', created_at })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

function storedKey(row: Selectable<KeysTable>): StoredKey {
  return {
    id: row.id,
    organisation: row.organisation_id,
    project: row.project_id,
    ...(row.parent_key_id === null ? {} : { parentKeyId: row.parent_key_id }),
    name: row.name,
    prefix: row.prefix,
    last4: row.last4,
    pepperId: row.pepper_id,
    hash: row.hash,
    scopes: row.scopes,
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at.getTime() }),
    ...(row.revoked_at === null ? {} : { revokedAt: row.revoked_at.getTime() }),
    ...allowanceOf(row),
    createdAt: row.created_at.getTime(),
    createdBy: row.created_by,
    source: row.source,
  };
}

function allowanceOf(row: Selectable<KeysTable>): { allow?: Allowance } {
  const { allow_models: models, allow_routes: routes, allow_addresses: addresses } = row;
  if (models === null && routes === null && addresses === null) return {};
  return {
    allow: {
      ...(models === null ? {} : { models }),
      ...(routes === null ? {} : { routes }),
      ...(addresses === null ? {} : { addresses }),
    },
  };
}

function instant(ms: number | undefined): Date | null {
  return ms === undefined ? null : new Date(ms);
}
