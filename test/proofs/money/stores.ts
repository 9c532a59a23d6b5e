import { undoAtExit } from '../../../faults/harness/at-exit.ts';
import { type PostgresServer, postgresBinaries, startPostgres } from '../../support/postgres-server.ts';
import type { StoreKind, StorePlace } from './house.ts';

/** Many houses, one after the other: each has a pool. */
const SETTINGS = ['max_connections=200'];

/** The stores that the proof runs on: the embedded one needs nothing, the other a server, which is started here. */
export class Stores implements AsyncDisposable {
  #server: PostgresServer | undefined;
  #databases = 0;
  #kill: () => void = () => undefined;

  /** @throws where no server Postgres is installed */
  async start(kinds: readonly StoreKind[]): Promise<void> {
    if (!kinds.includes('server')) return;
    if ((await postgresBinaries()) === undefined) {
      throw new Error('no server Postgres is installed: apt-get install postgresql, or say --store embedded');
    }
    const server = await startPostgres(SETTINGS);
    this.#server = server;
    this.#kill = undoAtExit(() => {
      // Its immediate shutdown, which takes its children along.
      if (this.#server === server) process.kill(server.pid, 'SIGQUIT');
    });
  }

  get server(): PostgresServer | undefined {
    return this.#server;
  }

  /** A store that nobody has used. */
  async place(kind: StoreKind): Promise<StorePlace> {
    if (kind === 'embedded') return { kind, databaseUrl: undefined };
    if (this.#server === undefined) throw new Error('the server Postgres has not been started');
    this.#databases++;
    return { kind, databaseUrl: await this.#server.createDatabase(`proof_${this.#databases}`) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    this.#kill();
    await server[Symbol.asyncDispose]();
  }
}
