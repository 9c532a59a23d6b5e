import type { Config, LoadedConfig, ServerConfig } from './config.ts';
import { configVersion } from './config-version.ts';

/** What a running server has built into it, as the file spells it: its socket and its memory bounds. */
const BUILT_IN = {
  host: 'server.host',
  port: 'server.port',
  bodyBytesMax: 'server.body_bytes_max',
  inFlightBytesMax: 'server.in_flight_bytes_max',
} as const satisfies Partial<Record<keyof ServerConfig, string>>;

export interface KeptSettings {
  /** The new configuration with those settings as they are in force. */
  readonly kept: LoadedConfig;
  /** Names of the settings whose new values wait for a restart, as the file spells them. */
  readonly restartNeeded: readonly string[];
}

/** Takes a new configuration as far as it can come into force without a restart. */
export function withoutRestart(inForce: LoadedConfig, next: LoadedConfig): KeptSettings {
  const running = inForce.config.server;
  const wanted = next.config.server;
  const settings = Object.keys(BUILT_IN) as (keyof typeof BUILT_IN)[];
  const restartNeeded: string[] = settings
    .filter((name) => wanted[name] !== running[name])
    .map((name) => BUILT_IN[name]);
  if (JSON.stringify(wanted.admin) !== JSON.stringify(running.admin)) restartNeeded.push('server.admin');
  if (next.config.store.databaseUrl?.reveal() !== inForce.config.store.databaseUrl?.reveal()) {
    restartNeeded.push('store.database_url');
  }
  if (next.config.retentionDays !== inForce.config.retentionDays) restartNeeded.push('retention_days');
  if (next.config.usageRetentionDays !== inForce.config.usageRetentionDays) restartNeeded.push('usage_retention_days');
  if (restartNeeded.length === 0) return { kept: next, restartNeeded };
  const { host, port, bodyBytesMax, inFlightBytesMax, admin } = running;
  const { admin: _, ...rest } = wanted;
  const config: Config = {
    ...next.config,
    server: { ...rest, host, port, bodyBytesMax, inFlightBytesMax, ...(admin === undefined ? {} : { admin }) },
    store: inForce.config.store,
    retentionDays: inForce.config.retentionDays,
    usageRetentionDays: inForce.config.usageRetentionDays,
  };
  return { kept: { ...next, config, version: configVersion(config) }, restartNeeded };
}
