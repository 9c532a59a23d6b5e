import { join } from 'node:path';
import { openDatabase } from './database.ts';
import { JournalWriter } from './journal/journal-writer.ts';
import { StoreJournal } from './journal/store-journal.ts';
import { ensureDefaultTenant } from './key-queries.ts';
import { lockDataDir } from './lock.ts';
import { Maintenance } from './maintenance.ts';
import { migrate } from './migrations/runner.ts';
import { ensurePartitions } from './partitions.ts';
import { PgliteHost } from './pglite/host.ts';
import { PglitePool } from './pool.ts';
import { RETENTION_DAYS, type Store, type StoreOptions, USAGE_RETENTION_DAYS } from './store.ts';

/** The journal's name in `journal_cursor`: an embedded store has one. */
const JOURNAL = 'local';

/**
 * Opens the embedded store in `dataDir`, making it when there is none.
 *
 *     dataDir/postgres/                  Postgres' own files
 *
 * @throws `internal` when another process has the directory, the store was made
 *   by a newer version, or Postgres cannot be opened; then nothing stays open
 */
export async function openEmbeddedStore(options: StoreOptions): Promise<Store> {
  const { dataDir, clock, log } = options;
  const closing = new AsyncDisposableStack();
  try {
    const lock = lockDataDir(dataDir, clock);
    closing.defer(() => lock.release());
    const [writer, host] = await openParts(options, closing);
    const pool = new PglitePool(host);
    const database = openDatabase(pool);
    closing.defer(() => database.destroy());
    await migrate(pool, clock.now());
    await ensurePartitions(database, clock.now());
    await ensureDefaultTenant(database, clock.now());
    startReplay(writer, host, options);
    const retentionDays = options.retentionDays ?? RETENTION_DAYS;
    const usageRetentionDays = options.usageRetentionDays ?? USAGE_RETENTION_DAYS;
    const maintenance = new Maintenance({
      pool,
      database,
      clock,
      log,
      retentionDays,
      usageRetentionDays,
      embedded: true,
    });
    closing.defer(() => maintenance.stop());
    await maintenance.run();
    return {
      kind: 'embedded',
      place: 'embedded',
      database,
      pool,
      connection: () => pool.urgent(),
      journal: new StoreJournal(JOURNAL, writer, host, clock),
      state: () => host.state(),
      get restarts() {
        return host.restarts;
      },
      close: () => closing.disposeAsync(),
    };
  } catch (error) {
    await closing.disposeAsync();
    throw error;
  }
}

/** Journal and engine are made ready side by side. Whichever opened is closed with the stack, also when the other fails. */
async function openParts(options: StoreOptions, closing: AsyncDisposableStack): Promise<[JournalWriter, PgliteHost]> {
  const { dataDir, clock, log, onProgress, unsafeNoFsync } = options;
  const [writer, host] = await Promise.allSettled([
    JournalWriter.open({ directory: join(dataDir, 'journal'), clock, log }),
    PgliteHost.open({
      directory: join(dataDir, 'postgres'),
      clock,
      log,
      ...(onProgress === undefined ? {} : { onProgress }),
      ...(unsafeNoFsync === undefined ? {} : { unsafeNoFsync }),
    }),
  ]);
  // The engine is closed last of the two: it still replays what the writer's close writes.
  if (host.status === 'fulfilled') closing.defer(() => host.value.close());
  if (writer.status === 'fulfilled') closing.defer(() => writer.value.stop());
  if (host.status === 'rejected') throw host.reason;
  if (writer.status === 'rejected') throw writer.reason;
  return [writer.value, host.value];
}

/** The gateway may answer while what an earlier process left is still being replayed. */
function startReplay(writer: JournalWriter, host: PgliteHost, { dataDir, log }: StoreOptions): void {
  const settings = {
    name: JOURNAL,
    directory: join(dataDir, 'journal'),
    firstLiveSegment: writer.firstSegment,
    shared: writer.shared.buffer,
    resumed: false,
  };
  host.replay(settings).catch((error: unknown) => {
    if (host.state().state !== 'closed')
      log.warn({ err: error }, 'the replay of the journal begins when the store is back');
  });
}
