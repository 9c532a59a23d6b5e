import type { Config } from '../config/config.ts';
import type { Clock } from '../kernel/clock.ts';
import { systemRandom } from '../kernel/random.ts';
import type { ServerInspection } from '../store/server/inspect-server.ts';
import type { ServerOptions } from '../store/store.ts';
import { readIfThere } from './secret-files.ts';

export type Environment = Readonly<Record<string, string | undefined>>;
type StorePlace = Pick<ServerOptions, 'url' | 'source' | 'random'>;

const VARIABLE = 'DATABASE_URL';

/** The server Postgres that holds the store: what the file says, otherwise the environment. `undefined`: the embedded one. */
export function storeServer(config: Pick<Config, 'store'> | undefined, env: Environment): StorePlace | undefined {
  const random = systemRandom();
  const declared = config?.store.databaseUrl;
  if (declared !== undefined) return { url: declared.reveal(), source: 'store.database_url', random };
  const url = env[VARIABLE]?.trim();
  return url === undefined || url === '' ? undefined : { url, source: VARIABLE, random };
}

/**
 * The same for a command that opens the store while no gateway runs. The file
 * is read only where it says something about it: with a mistake elsewhere in
 * it, keys can still be listed.
 *
 * @throws ConfigError when the file names a server and is not valid
 */
export async function offlineStoreServer(env: Environment, configPath?: string): Promise<StorePlace | undefined> {
  const path = configPath ?? env['LEEWARD_CONFIG'] ?? 'leeward.yaml';
  if (!readIfThere(path)?.includes('database_url')) return storeServer(undefined, env);
  const [{ loadConfig }, { isKey }] = await Promise.all([
    import('../config/load-config.ts'),
    import('./declared-key.ts'),
  ]);
  return storeServer(loadConfig({ path, required: true, env, isKey }).config, env);
}

/** The server that {@link offlineStoreServer} finds, looked at without changing anything on it. `undefined`: there is none. */
export async function inspectStoreServer(
  env: Environment,
  configPath: string | undefined,
  clock: Clock,
): Promise<ServerInspection | undefined> {
  const place = await offlineStoreServer(env, configPath);
  if (place === undefined) return undefined;
  const { inspectServer } = await import('../store/server/inspect-server.ts');
  return inspectServer(place.url, place.source, clock);
}
