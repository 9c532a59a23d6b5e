/**
 * The thread that Postgres lives in. Its statements are synchronous WebAssembly
 * that would stall the event loop which answers calls; here they stall nobody.
 * One worker has one engine; when the engine breaks, the thread ends and the
 * host starts another.
 */
import { readFile } from 'node:fs/promises';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../kernel/clock.ts';
import { errorMessage } from '../../kernel/errors.ts';
import { DatabaseError, databaseErrorFields } from '../database-error.ts';
import { JournalReplayer } from '../journal/journal-replayer.ts';
import type { StoreLog } from '../log.ts';
import { Engine } from './engine.ts';
import type { Report, Request, WorkerSettings } from './messages.ts';
import { ensureStore } from './new-store.ts';
import { Session } from './session.ts';
import { SessionConnection } from './session-connection.ts';

const TEMPLATE = new URL('../../../assets/store-template.zst', import.meta.url);

class StoreWorker {
  readonly #port: MessagePort;
  readonly #settings: WorkerSettings;
  #engine: Engine | undefined;
  #session: Session | undefined;
  #replayer: JournalReplayer | undefined;

  constructor(port: MessagePort, settings: WorkerSettings) {
    this.#port = port;
    this.#settings = settings;
  }

  async run(): Promise<void> {
    const { directory, unsafeNoFsync } = this.#settings;
    const compiled = compileEngine();
    await ensureStore(directory, TEMPLATE, (text) => this.#report({ type: 'progress', text }));
    const engine = await Engine.open({
      directory,
      unsafeNoFsync,
      wasmModule: await compiled,
      onAbort: (reason) => this.#abort(reason),
    });
    this.#engine = engine;
    this.#session = new Session((text, values, how) => engine.execute(text, values, how), systemClock);
    this.#port.on('message', (request: Request) => void this.#answer(request));
    this.#report({ type: 'opened' });
  }

  async #answer(request: Request): Promise<void> {
    try {
      await this.#serve(request);
    } catch (error) {
      if (!('id' in request)) throw error;
      if (error instanceof DatabaseError) {
        this.#report({ type: 'refused', id: request.id, fields: databaseErrorFields(error) });
      } else {
        this.#report({ type: 'broken', id: request.id, message: errorMessage(error) });
      }
    }
  }

  async #serve(request: Request): Promise<void> {
    const session = this.#session;
    if (session === undefined) throw new Error('the store is closed');
    switch (request.type) {
      case 'query': {
        const { client, urgent, text, values } = request;
        const result = await (urgent
          ? session.queryUrgently(client, text, values)
          : session.query(client, text, values));
        return this.#report({ type: 'result', id: request.id, result });
      }
      case 'release':
        return session.release(request.client);
      case 'journal-start':
        this.#replayer = new JournalReplayer({
          target: new SessionConnection(session),
          settings: request.settings,
          clock: systemClock,
          log: this.#log,
        });
        await this.#replayer.run();
        return this.#done(request.id);
      case 'journal-flush':
        await this.#replayer?.flush();
        return this.#done(request.id);
      case 'close':
        return this.#close(request.id);
    }
  }

  async #close(id: number): Promise<void> {
    await this.#replayer?.stop();
    this.#session?.close();
    this.#session = undefined;
    await this.#engine?.execute('checkpoint', []);
    await this.#engine?.close();
    this.#done(id);
    this.#port.close();
  }

  /** Ends this thread at once, in the midst of whatever the engine was doing. */
  #abort(reason: string): never {
    this.#report({ type: 'aborted', reason });
    process.exit(1);
  }

  #done(id: number): void {
    this.#report({ type: 'result', id, result: undefined });
  }

  #report(report: Report): void {
    this.#port.postMessage(report);
  }

  readonly #log: StoreLog = {
    info: (facts, message) => this.#report({ type: 'log', level: 'info', facts: { ...facts }, message }),
    warn: (facts, message) => this.#report({ type: 'log', level: 'warn', facts: { ...facts }, message }),
    error: (facts, message) => this.#report({ type: 'log', level: 'error', facts: { ...facts }, message }),
  };
}

/** Compiles the engine on V8's own threads, while this one still unpacks the store. */
async function compileEngine(): Promise<WebAssembly.Module> {
  const entry = import.meta.resolve('@electric-sql/pglite');
  return WebAssembly.compile(await readFile(new URL('./pglite.wasm', entry)));
}

if (parentPort !== null) {
  const port = parentPort;
  await new StoreWorker(port, workerData as WorkerSettings).run().catch((error: unknown) => {
    port.postMessage({ type: 'failed', message: errorMessage(error) } satisfies Report);
    port.close();
  });
}
