import pg from 'pg';
import { GatewayError } from '../../kernel/errors.ts';
import { openDatabase } from '../database.ts';
import { ensureDefaultTenant } from '../key-queries.ts';
import type { StoreLog } from '../log.ts';
import { migrate } from '../migrations/runner.ts';
import { ensurePartitions } from '../partitions.ts';
import { SCHEMA, type ServerAddress } from './server-address.ts';
import { risks, serverFacts, unusable } from './server-facts.ts';
import { ServerPool } from './server-pool.ts';

const NO_LIMIT = { statementMsMax: 0, answerMsMax: 0 };

/**
 * Makes a database ready for this version: our schema, migrations, partitions,
 * the default tenant. Processes that start together do it one after the other.
 *
 * @throws `internal` for a server that cannot be used, with what to do
 */
export async function prepareDatabase(
  sentinel: pg.Client,
  address: ServerAddress,
  nowMs: number,
  log: StoreLog,
): Promise<void> {
  const facts = await serverFacts(sentinel);
  const reason = unusable(facts);
  if (reason !== undefined) throw new GatewayError('internal', { message: `${address.shown}: ${reason}` });
  for (const { what, next } of risks(facts)) log.warn({ server: address.shown, next }, what);
  await ensureSchema(sentinel);
  await assertOurSession(sentinel, address);
  const pool = new ServerPool({
    address,
    assertOpen: () => undefined,
    onLost: () => undefined,
    connectionsMax: 1,
    // A migration may rewrite a table: it takes the time it takes.
    limits: NO_LIMIT,
  });
  const database = openDatabase(pool);
  try {
    for (const name of await migrate(pool, nowMs)) log.info({ migration: name }, 'the schema was migrated');
    await ensurePartitions(database, nowMs);
    await ensureDefaultTenant(database, nowMs);
  } finally {
    await database.destroy();
  }
}

/** The text spells out {@link SCHEMA}. Asked for first, because `create schema if not exists` wants the right to create even where there is one. */
async function ensureSchema(sentinel: pg.Client): Promise<void> {
  const { rows } = await sentinel.query('select to_regnamespace($1) is not null as there', [SCHEMA]);
  if (rows[0]?.there === true) return;
  try {
    await sentinel.query('create schema if not exists leeward');
  } catch (error) {
    // Two processes that start together may both make it.
    if (error instanceof pg.DatabaseError && error.code === UNIQUE_VIOLATION) return;
    throw error;
  }
}

/** A pooler may drop what a session begins with: then our tables would be made among somebody else's. */
async function assertOurSession(sentinel: pg.Client, { shown }: ServerAddress): Promise<void> {
  const { rows } = await sentinel.query(
    `select current_schema() as schema, current_setting('TimeZone') as zone, current_setting('DateStyle') as dates`,
  );
  const { schema, zone, dates } = rows[0] ?? {};
  if (schema === SCHEMA && zone === 'UTC' && String(dates).startsWith('ISO')) return;
  throw new GatewayError('internal', {
    message: `${shown}: a session begins in schema ${schema}, zone ${zone}, dates ${dates}, and not as it was asked for; connect to the server itself, or to a pooler that passes the startup parameter "options" on`,
  });
}

const UNIQUE_VIOLATION = '23505';
