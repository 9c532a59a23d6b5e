import { createHash } from 'node:crypto';
import { GatewayError } from '../../kernel/errors.ts';
import type { SqlClient, SqlPool } from '../pool.ts';
import { MIGRATIONS, type Migration } from './migrations.ts';

interface Applied {
  readonly name: string;
  readonly checksum: string;
}

/** Any number nobody else takes: processes that start together on one server migrate one after the other. */
const LOCK = 7_305_612_914;

const CREATE_TABLE = `
create table if not exists schema_migrations (
  name text primary key,
  position integer not null unique,
  checksum text not null,
  applied_at timestamptz not null
)`;

/**
 * Brings the schema to this version, in one transaction: all of it or nothing.
 *
 * @param nowMs recorded as the instant of what is applied, milliseconds since the epoch
 * @returns the names that were applied now
 * @throws `internal` when the store was made by a newer version, or by one whose released migrations differ
 */
export async function migrate(
  pool: SqlPool,
  nowMs: number,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<string[]> {
  const client = await pool.connect();
  try {
    await client.query('begin', []);
    const applied = await apply(client, nowMs, migrations);
    await client.query('commit', []);
    return applied;
  } catch (error) {
    await client.query('rollback', []);
    throw error;
  } finally {
    client.release();
  }
}

async function apply(client: SqlClient, nowMs: number, migrations: readonly Migration[]): Promise<string[]> {
  await client.query('select pg_advisory_xact_lock($1)', [LOCK]);
  const known = await appliedBefore(client);
  known.forEach((applied, index) => {
    checkKnown(applied, migrations[index]);
  });
  const missing = migrations.slice(known.length);
  for (const [index, migration] of missing.entries()) {
    await client.query(migration.sql, []);
    await client.query('insert into schema_migrations (name, position, checksum, applied_at) values ($1, $2, $3, $4)', [
      migration.name,
      known.length + index,
      checksum(migration),
      new Date(nowMs),
    ]);
  }
  return missing.map((migration) => migration.name);
}

async function appliedBefore(client: SqlClient): Promise<Applied[]> {
  const { rows: found } = await client.query(`select to_regclass('schema_migrations') is not null as there`, []);
  if (found[0]?.['there'] !== true) {
    await client.query(CREATE_TABLE, []);
    return [];
  }
  const { rows } = await client.query('select name, checksum from schema_migrations order by position', []);
  return rows.map((row) => ({ name: String(row['name']), checksum: String(row['checksum']) }));
}

function checkKnown(applied: Applied, migration: Migration | undefined): void {
  if (migration === undefined) {
    throw new GatewayError('internal', {
      message: `the store was made by a newer version of Leeward (it has migration ${applied.name}, which this one does not know); run that version, or point this one at another store`,
    });
  }
  if (migration.name === applied.name && checksum(migration) === applied.checksum) return;
  throw new GatewayError('internal', {
    message: `migration ${migration.name} is not what the store was made with (it has ${applied.name}, checksum ${applied.checksum.slice(0, 12)}, here it is ${checksum(migration).slice(0, 12)}); a released migration must not change: restore it, or use the version that made the store`,
  });
}

function checksum(migration: Migration): string {
  return createHash('sha256').update(migration.sql).digest('hex');
}
