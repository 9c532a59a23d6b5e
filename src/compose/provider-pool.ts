import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ProviderConfig } from '../config/config.ts';
import { Secret } from '../config/secret.ts';
import type { RoutableProvider } from '../routing/router.ts';

/** A provider that can be called, and what it was made from. */
export interface PooledProvider {
  /** Equal for declarations that make the same provider, secrets and certificates included. Not to be shown. */
  readonly fingerprint: string;
  readonly provider: RoutableProvider;
}

export type ProviderPool = ReadonlyMap<string, PooledProvider>;

/** How a provider is made, and from what. */
export interface ProviderRecipe {
  readonly fingerprint: string;
  make(): RoutableProvider;
}

export interface NextPool {
  readonly pool: ProviderPool;
  /** In the previous pool only: to be closed once nobody uses them any more. */
  readonly retired: readonly RoutableProvider[];
  /** In the new pool only. */
  readonly fresh: readonly string[];
}

/**
 * The providers of a new configuration. One whose recipe has not changed stays
 * the same object, with its sockets and its state.
 *
 * @throws what a recipe throws; what was made until then is closed again
 */
export function nextPool(previous: ProviderPool, recipes: ReadonlyMap<string, ProviderRecipe>): NextPool {
  const pool = new Map<string, PooledProvider>();
  const fresh: string[] = [];
  try {
    for (const [name, { fingerprint, make }] of recipes) {
      const kept = previous.get(name);
      if (kept?.fingerprint === fingerprint) {
        pool.set(name, kept);
        continue;
      }
      pool.set(name, { fingerprint, provider: make() });
      fresh.push(name);
    }
  } catch (error) {
    for (const name of fresh) void pool.get(name)?.provider.handle.transport.close();
    throw error;
  }
  const retired = [...previous].filter(([name, old]) => pool.get(name) !== old).map(([, { provider }]) => provider);
  return { pool, retired, fresh };
}

/** A hash over everything a provider is made from: its declaration, its secrets, and what its files hold now. Policies are routing's. */
export function providerFingerprint({ policies: _, ...config }: ProviderConfig): string {
  const files = [config.caFile, config.clientCertFile, config.clientKeyFile].map((path) =>
    path === undefined ? '' : readFileSync(path, 'base64'),
  );
  return fingerprintOf([config, files]);
}

/** A hash over any plain value, secrets and bigints included. */
export function fingerprintOf(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(revealed(value)))
    .digest('base64url');
}

function revealed(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal();
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Map) return [...value].map(revealed);
  if (value instanceof Set) return [...value].map(revealed);
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value).map(([name, member]) => [name, revealed(member)]);
}
