import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Clock } from '../kernel/clock.ts';
import { GatewayError } from '../kernel/errors.ts';
import { makeLog } from '../observability/log.ts';
import { openStore, type Store } from '../store/store.ts';

/**
 * Opens the store of a data directory that no server runs on.
 *
 * @throws `not_found` where there is no store: a mistyped directory must not become a new one;
 *   `internal` when a server has it open
 */
export function openOfflineStore(dataDir: string, clock: Clock): Promise<Store> {
  const directory = resolve(dataDir);
  if (!existsSync(join(directory, 'postgres'))) {
    throw new GatewayError('not_found', {
      message: `there is no store in ${directory}; start "leeward dev" or "leeward serve" once, or name its directory with --data`,
    });
  }
  return openStore({ dataDir: directory, clock, log: makeLog({ level: 'error' }) });
}
