import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { isWellFormedKey } from './access/key-format.ts';
import { ConfigFiles } from './compose/config-files.ts';
import { type FoundProviders, findProviders } from './compose/find-providers.ts';
import type { Gateway, GatewayOptions } from './compose/gateway.ts';
import { listenRefusal } from './compose/listen-refusal.ts';
import type { ConfigLoader } from './compose/live-config.ts';
import { logLevel } from './compose/log-level.ts';
import { storeServer } from './compose/store-place.ts';
import type { LoadedConfig } from './config/config.ts';
import { loadConfig } from './config/load-config.ts';
import { systemClock } from './kernel/clock.ts';
import { systemRandom } from './kernel/random.ts';
import { makeLog } from './observability/log.ts';
import { warm } from './sim/tokenizer.ts';
import { openStore } from './store/open-store.ts';
import type { Store, StoreOptions } from './store/store.ts';

export type { Gateway, GatewayOptions } from './compose/gateway.ts';

/** Both results; when only the store opened, it is closed again. */
async function bothOrClose<Other>(opening: Promise<Store>, other: Promise<Other>): Promise<[Store, Other]> {
  const [store, rest] = await Promise.allSettled([opening, other]);
  if (store.status === 'rejected') throw store.reason;
  if (rest.status === 'fulfilled') return [store.value, rest.value];
  await store.value.close();
  throw rest.reason;
}

/** Puts the parts together in the order in which they need each other, and starts them. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const clock = systemClock;
  const random = systemRandom();
  const dataDir = resolve(options.dataDir);
  const found = await findProviders(options, clock);
  const load = configLoader(options, found);
  const files = new ConfigFiles();
  const loaded = load(files.readText, options.configPath !== undefined);
  const refusal = listenRefusal(loaded.config.server);
  if (refusal !== undefined) throw refusal;
  const log = makeLog({ level: logLevel(options.mode, loaded) });
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  // The engine opens in its own thread: what serves calls is loaded meanwhile.
  const opening = openStore({
    dataDir,
    clock,
    log,
    retentionDays: loaded.config.retentionDays,
    usageRetentionDays: loaded.config.usageRetentionDays,
    ...serverOf(loaded, options),
    onProgress: options.mode === 'dev' ? options.say : (line) => log.info(line),
  });
  const serving = Promise.all([import('./compose/gateway-process.ts'), warm()]);
  const [store, [{ GatewayProcess }]] = await bothOrClose(opening, serving);
  try {
    const parts = { options, clock, random, dataDir, found, loaded, files, load, log, store };
    return await new GatewayProcess(parts).start();
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** How long a start waits for a server Postgres that starts beside it. */
const SERVER_WAIT_MS = 5_000;

/** A served gateway goes on without its server, as it does when that goes away later; a newcomer is told instead. */
function serverOf({ config }: LoadedConfig, { env, mode }: GatewayOptions): Pick<StoreOptions, 'server'> {
  const place = storeServer(config, env);
  if (place === undefined) return {};
  return { server: { ...place, waitMs: SERVER_WAIT_MS, goOnWithout: mode === 'serve' } };
}

/** Reads the configuration, at the start and at each reload; what the command line says overrules the file. */
function configLoader(options: GatewayOptions, found: FoundProviders): ConfigLoader {
  return (readText, required) => {
    const loaded = loadConfig({
      path: options.configPath ?? 'leeward.yaml',
      required,
      env: options.env,
      found: found.providers.map(({ provider }) => provider),
      readText,
      isKey: isWellFormedKey,
    });
    const { server } = loaded.config;
    const listening = { ...server, host: options.host ?? server.host, port: options.port ?? server.port };
    return { ...loaded, config: { ...loaded.config, server: listening } };
  };
}
