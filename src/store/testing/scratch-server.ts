import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import pg from 'pg';
import { systemRandom } from '../../kernel/random.ts';
import { openDatabase } from '../database.ts';
import type { ServerOptions } from '../store.ts';

const DUPLICATE_DATABASE = '42P04';

/**
 * Where the store of a scratch directory stands on a test's server: each
 * directory has a database of its own, made when it is new.
 *
 * @param given the URL of a role that may create databases
 */
export async function scratchServer(given: string, dataDir: string): Promise<ServerOptions> {
  const name = `test_${createHash('sha256').update(dataDir).digest('hex').slice(0, 24)}`;
  const database = openDatabase(new pg.Pool({ connectionString: given, max: 1 }));
  try {
    await sql`create database ${sql.id(name)}`.execute(database);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && error.code === DUPLICATE_DATABASE)) throw error;
  } finally {
    await database.destroy();
  }
  const url = new URL(given);
  url.pathname = `/${name}`;
  return { url: url.href, source: 'LEEWARD_TEST_POSTGRES', random: systemRandom() };
}
