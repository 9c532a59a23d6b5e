import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Clock } from '../kernel/clock.ts';
import { GatewayError } from '../kernel/errors.ts';
import { makeLog } from '../observability/log.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { type Environment, offlineStoreServer } from './store-place.ts';

/**
 * Opens the store of a data directory that no gateway runs on: the embedded
 * one in it, or the server Postgres that the configuration or `DATABASE_URL` names.
 *
 * @throws `not_found` where there is no store: a mistyped directory must not become a new one;
 *   `internal` when a gateway has it open; 503 when the server cannot be reached
 */
export async function openOfflineStore(dataDir: string, clock: Clock, env: Environment): Promise<Store> {
  const directory = resolve(dataDir);
  const log = makeLog({ level: 'error' });
  const server = await offlineStoreServer(env);
  // With a server, too: the peppers stand here, and keys made with others would open nothing.
  if (!existsSync(join(directory, server === undefined ? 'postgres' : 'instance-id'))) {
    throw new GatewayError('not_found', {
      message: `there is no store in ${directory}; start "leeward dev" or "leeward serve" once, or name its directory with --data`,
    });
  }
  if (server !== undefined) return openStore({ dataDir: directory, clock, log, server });
  return openStore({ dataDir: directory, clock, log });
}
