import { undoAtExit } from '../../../faults/harness/at-exit.ts';
import { systemRandom } from '../../../src/kernel/random.ts';
import type { ServerOptions } from '../../../src/store/store.ts';
import { type PostgresServer, postgresBinaries, startPostgres } from '../../support/postgres-server.ts';

/** A server Postgres of the proof's own, which crashes when it is told to. */
export class KillableServer implements AsyncDisposable {
  /** How often it crashed. */
  crashes = 0;
  readonly options: ServerOptions;
  readonly #server: PostgresServer;
  readonly #forget: () => void;

  private constructor(server: PostgresServer, url: string) {
    this.#server = server;
    this.options = { url, source: 'DATABASE_URL', random: systemRandom(), waitMs: 10_000 };
    this.#forget = undoAtExit(() => void server.stop('immediate'));
  }

  /** @throws where no server Postgres is installed */
  static async start(): Promise<KillableServer> {
    if ((await postgresBinaries()) === undefined) {
      throw new Error('no server Postgres is installed: apt-get install postgresql, or say --store embedded');
    }
    const server = await startPostgres();
    return new KillableServer(server, await server.createDatabase('kill'));
  }

  /** As `kill -9` of all its processes: what it had not confirmed is gone, what it had is recovered. */
  async crash(): Promise<void> {
    this.crashes++;
    await this.#server.stop('immediate');
  }

  async comeBack(): Promise<void> {
    await this.#server.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    this.#forget();
  }
}
