import { Kysely, PostgresDialect, type PostgresPool } from 'kysely';
import type { Schema } from './schema.ts';

/** Typed tables over the embedded store or a server. Free SQL only through Kysely's `sql` tag, whose values are parameters. */
export type Database = Kysely<Schema>;

export function openDatabase(pool: PostgresPool): Database {
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
}
