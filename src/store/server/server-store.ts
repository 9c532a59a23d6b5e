import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../database.ts';
import { JournalWriter } from '../journal/journal-writer.ts';
import { StoreJournal } from '../journal/store-journal.ts';
import { lockDataDir } from '../lock.ts';
import { Maintenance } from '../maintenance.ts';
import { RETENTION_DAYS, type ServerOptions, type Store, type StoreOptions, USAGE_RETENTION_DAYS } from '../store.ts';
import { instanceId } from './instance-id.ts';
import { prepareDatabase } from './prepare-database.ts';
import { ReplayThread } from './replay-thread.ts';
import { type ServerAddress, serverAddress } from './server-address.ts';
import { ServerConnection } from './server-connection.ts';
import { ServerLink } from './server-link.ts';
import { ServerPool } from './server-pool.ts';

/**
 * Opens the store on a server Postgres. What is this gateway's alone stays in its data directory:
 *
 *     dataDir/instance-id                this directory's name among the gateways on the server
 *
 * @throws `internal` when another process has the directory, or for a mistake that waiting does
 *   not mend; 503 when nobody is there and `goOnWithout` is not set; then nothing stays open
 */
export async function openServerStore(options: StoreOptions, server: ServerOptions): Promise<Store> {
  const { dataDir, clock, log } = options;
  const address = serverAddress(server.url, server.source);
  const closing = new AsyncDisposableStack();
  try {
    const lock = lockDataDir(dataDir, clock);
    closing.defer(() => lock.release());
    const name = instanceId(dataDir, server.random);
    const journalDir = join(dataDir, 'journal');
    const link = new ServerLink({
      address,
      clock,
      log,
      prepare: (sentinel) => prepareDatabase(sentinel, address, clock.now(), log),
    });
    closing.defer(() => link.close());
    const { pool, connection } = connections(address, link, closing);
    const database = openDatabase(pool);
    closing.defer(() => database.destroy());
    const replay = new ReplayThread({ address, clock, log, state: () => link.state() });
    // It still replays what the writer's close writes.
    closing.defer(() => replay.close());
    const writer = await JournalWriter.open({ directory: journalDir, clock, log });
    closing.defer(() => writer.stop());
    await link.open(server.waitMs ?? 0, server.goOnWithout ?? false);
    if (existsSync(join(dataDir, 'postgres'))) {
      log.info({ dataDir, server: address.shown }, 'the embedded store in the data directory is not used');
    }
    const journal = {
      name,
      directory: journalDir,
      firstLiveSegment: writer.firstSegment,
      shared: writer.shared.buffer,
      resumed: false,
    };
    link.firstOpen.then(
      () => replay.start(journal),
      () => undefined,
    );
    const retentionDays = options.retentionDays ?? RETENTION_DAYS;
    const usageRetentionDays = options.usageRetentionDays ?? USAGE_RETENTION_DAYS;
    const maintenance = new Maintenance({
      pool,
      database,
      clock,
      log,
      retentionDays,
      usageRetentionDays,
      embedded: false,
    });
    closing.defer(() => maintenance.stop());
    await maintenance.run();
    return {
      kind: 'server',
      place: address.shown,
      database,
      pool,
      connection,
      journal: new StoreJournal(name, writer, replay, clock),
      state: () => link.state(),
      get restarts() {
        return link.restarts;
      },
      close: () => closing.disposeAsync(),
    };
  } catch (error) {
    await closing.disposeAsync();
    throw error;
  }
}

/** The pool, and sessions apart from it; all of them refuse at once while the server is away, and tell when it seems to be. */
function connections(
  address: ServerAddress,
  link: ServerLink,
  closing: AsyncDisposableStack,
): Pick<Store, 'connection'> & { pool: ServerPool } {
  const watch = { assertOpen: () => link.assertOpen(), onLost: () => link.suspect() };
  const connection = (purpose: string) => {
    const own = new ServerConnection({ address, purpose, prepared: true, ...watch });
    closing.defer(() => own.end());
    return own;
  };
  return { pool: new ServerPool({ address, ...watch }), connection };
}
