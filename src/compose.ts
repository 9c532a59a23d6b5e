import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { findProviders } from './compose/find-providers.ts';
import type { Gateway, GatewayOptions } from './compose/gateway.ts';
import { listenRefusal } from './compose/listen-refusal.ts';
import type { LoadedConfig, ServerConfig } from './config/config.ts';
import { loadConfig } from './config/load-config.ts';
import { systemClock } from './kernel/clock.ts';
import { systemRandom } from './kernel/random.ts';
import { makeLog } from './observability/log.ts';
import { warm } from './sim/tokenizer.ts';
import { type EmbeddedStore, openStore } from './store/store.ts';

export type { Gateway, GatewayOptions } from './compose/gateway.ts';

/** Both results; when only the store opened, it is closed again. */
async function bothOrClose<Other>(
  opening: Promise<EmbeddedStore>,
  other: Promise<Other>,
): Promise<[EmbeddedStore, Other]> {
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
  const loaded = loadConfig({
    path: options.configPath ?? 'leeward.yaml',
    required: options.configPath !== undefined,
    env: options.env,
    found: found.providers.map(({ provider }) => provider),
  });
  const server = listening(loaded.config.server, options);
  const refusal = listenRefusal(server);
  if (refusal !== undefined) throw refusal;
  const log = makeLog({ level: options.mode === 'dev' ? devLevel(loaded) : loaded.config.log.level });
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  // The engine opens in its own thread: what serves calls is loaded meanwhile.
  const opening = openStore({
    dataDir,
    clock,
    log,
    retentionDays: loaded.config.retentionDays,
    onProgress: options.mode === 'dev' ? options.say : (line) => log.info(line),
  });
  const serving = Promise.all([import('./compose/gateway-process.ts'), warm()]);
  const [store, [{ GatewayProcess }]] = await bothOrClose(opening, serving);
  try {
    return await new GatewayProcess({ options, clock, random, dataDir, found, loaded, server, log, store }).start();
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** In dev the terminal belongs to the block and the call lines: only what is wrong is logged beside them. */
function devLevel(loaded: LoadedConfig): string {
  return loaded.path === undefined || loaded.config.log.level === 'info' ? 'error' : loaded.config.log.level;
}

function listening(config: ServerConfig, options: GatewayOptions): ServerConfig {
  return { ...config, host: options.host ?? config.host, port: options.port ?? config.port };
}
