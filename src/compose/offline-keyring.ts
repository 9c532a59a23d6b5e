import { resolve } from 'node:path';
import { type KeyRequest, Keyring } from '../access/keyring.ts';
import { keyJson } from '../admin/key-json.ts';
import type { Clock } from '../kernel/clock.ts';
import { IdMaker } from '../kernel/ids.ts';
import { systemRandom } from '../kernel/random.ts';
import { DEFAULT_ORGANISATION, DEFAULT_PROJECT } from '../store/key-queries.ts';
import { keyStore } from './key-store.ts';
import { openOfflineStore } from './offline-store.ts';
import { loadPeppers } from './secret-files.ts';
import type { Environment } from './store-place.ts';

/** The keys of a store that no server has open. Answers are JSON values as the admin API gives them. */
export interface OfflineKeyring {
  /** @param cap as `POST /admin/keys` takes it */
  create(request: Omit<KeyRequest, 'createdBy'>, cap?: unknown): Promise<Record<string, unknown>>;
  list(): Promise<Record<string, unknown>[]>;
  /** @throws `not_found` */
  revoke(id: string): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

/**
 * Opens the store of a data directory for its keys alone.
 *
 * @throws `not_found` where there is no store: a mistyped directory must not become a new one;
 *   `internal` when a server has it open
 */
export async function openOfflineKeyring(dataDir: string, clock: Clock, env: Environment): Promise<OfflineKeyring> {
  const directory = resolve(dataDir);
  const store = await openOfflineStore(directory, clock, env);
  try {
    const random = systemRandom();
    const keyring = new Keyring({
      store: keyStore(store.database),
      peppers: loadPeppers(directory, random),
      random,
      ids: new IdMaker(clock, random),
      clock,
      tenant: { organisation: DEFAULT_ORGANISATION, project: DEFAULT_PROJECT },
      // Nobody remembers anything about keys while no server runs.
      onChange: () => undefined,
    });
    return {
      async create(request, cap) {
        let budget: string | null = null;
        const { secret, key } = await keyring.create({ ...request, createdBy: 'cli' }, async (made) => {
          // Only a key with a cap needs what reads and writes budgets.
          if (cap !== undefined) budget = await (await import('./offline-money.ts')).setKeyCap(made, cap, store, clock);
        });
        return { ...keyJson(key), budget, key: secret };
      },
      list: async () => (await keyring.list()).map(keyJson),
      revoke: async (id) => keyJson(await keyring.revoke(id)),
      close: () => store.close(),
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}
