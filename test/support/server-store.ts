/**
 * Runs a test project's stores on a server Postgres: one server for all of its
 * files, one database for each data directory (see `src/store/testing/scratch.ts`).
 */
import type { TestProject } from 'vitest/node';
import { type PostgresServer, postgresBinaries, startPostgres } from './postgres-server.ts';

let server: PostgresServer | undefined;

export async function setup(project: TestProject): Promise<void> {
  if ((await postgresBinaries()) === undefined) {
    process.stderr.write('no Postgres is installed: the store is not tested on one (apt-get install postgresql)\n');
    project.config.include = [];
    return;
  }
  server = await startPostgres(['max_connections=200']);
  project.config.env = { ...project.config.env, LEEWARD_TEST_POSTGRES: server.url };
}

export async function teardown(): Promise<void> {
  await server?.[Symbol.asyncDispose]();
}
