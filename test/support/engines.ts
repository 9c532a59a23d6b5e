/** Both engines behind one shape, for tests that must hold on either. */
import { systemClock } from '../../src/kernel/clock.ts';
import { systemRandom } from '../../src/kernel/random.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { collectedLog, scratchDirectory } from '../../src/store/testing/scratch.ts';
import { postgresBinaries, startPostgres } from './postgres-server.ts';

export type EngineName = 'embedded' | 'server';

export interface Engine extends AsyncDisposable {
  readonly name: EngineName;
  readonly store: Store;
  /** Closes the store and opens it again on the same data. */
  reopen(): Promise<Store>;
}

/** The embedded engine always, a server where Debian's Postgres is installed. */
export async function enginesHere(): Promise<readonly EngineName[]> {
  return (await postgresBinaries()) === undefined ? ['embedded'] : ['embedded', 'server'];
}

/** A new, empty store. @param fsync whether commits are real, which figures need and tests do not */
export async function openEngine(name: EngineName, { fsync }: { readonly fsync: boolean }): Promise<Engine> {
  const closing = new AsyncDisposableStack();
  const scratch = closing.use(await scratchDirectory());
  const server = name === 'server' ? closing.use(await startPostgres(fsync ? [] : ['fsync=off'])) : undefined;
  const open = () =>
    openStore({
      dataDir: scratch.path,
      clock: systemClock,
      log: collectedLog(),
      unsafeNoFsync: !fsync,
      ...(server === undefined ? {} : { server: { url: server.url, source: 'a test', random: systemRandom() } }),
    });
  let store = await open();
  closing.defer(() => store.close());
  return {
    name,
    get store() {
      return store;
    },
    async reopen() {
      await store.close();
      store = await open();
      return store;
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
