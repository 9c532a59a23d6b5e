import type { Store, StoreOptions } from './store.ts';

/**
 * Opens the store of a data directory, which holds in either case
 *
 *     dataDir/lock.db, lock-owner.json   this process has it
 *     dataDir/journal/                   segments, rejected.log
 *
 * @throws `internal` when another process has the directory, the schema was made
 *   by a newer version, or Postgres cannot be used; then nothing stays open
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { server } = options;
  // Each brings modules that the other never needs.
  if (server === undefined) return (await import('./embedded-store.ts')).openEmbeddedStore(options);
  return (await import('./server/server-store.ts')).openServerStore(options, server);
}
