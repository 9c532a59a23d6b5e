import { Worker } from 'node:worker_threads';
import type { Clock, Timer } from '../../kernel/clock.ts';
import { errorMessage } from '../../kernel/errors.ts';
import type { JournalSettings } from '../journal/journal-settings.ts';
import type { Replay } from '../journal/store-journal.ts';
import type { StoreLog } from '../log.ts';
import { storeUnavailable } from '../store-error.ts';
import type { StoreState } from '../store-state.ts';
import type { ReplayReport, ReplayRequest, ReplaySettings } from './replay-messages.ts';
import type { ServerAddress } from './server-address.ts';

export interface ReplayThreadOptions {
  readonly address: ServerAddress;
  readonly clock: Clock;
  readonly log: StoreLog;
  /** The store's own. */
  state(): StoreState;
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const WORKER = new URL(import.meta.url.endsWith('.ts') ? './replay-worker.ts' : './replay-worker.js', import.meta.url);
const RESTART_MS = 1_000;
/** What is not in Postgres by then stays in the journal and is replayed at the next start. */
const CLOSE_MS_MAX = 10_000;
const WAITING_MAX = 1_000;

/**
 * The main thread's side of the replay onto a server Postgres. The thread's
 * sessions break and come back without anybody's help; should the thread itself
 * end, another one begins at the cursor.
 */
export class ReplayThread implements Replay {
  readonly #options: ReplayThreadOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #journal: JournalSettings | undefined;
  #restartTimer: Timer | undefined;
  #lastId = 0;
  #closed = false;

  constructor(options: ReplayThreadOptions) {
    this.#options = options;
  }

  state(): StoreState {
    return this.#closed ? { state: 'closed', reason: 'it was closed' } : this.#options.state();
  }

  /** Begins to replay what earlier processes left, and then what is appended. The schema has to be there. */
  start(journal: JournalSettings): void {
    if (this.#closed) return;
    this.#journal = journal;
    const workerData: ReplaySettings = { address: this.#options.address, journal };
    const worker = new Worker(WORKER, { workerData, execArgv: [], name: 'journal' });
    this.#worker = worker;
    worker.on('message', (report: ReplayReport) => this.#receive(report));
    worker.on('error', (error) => this.#broke(worker, errorMessage(error)));
    worker.on('exit', (code) => this.#broke(worker, `its thread ended with code ${code}`));
  }

  flushJournal(): Promise<void> {
    return this.#ask((id) => ({ type: 'flush', id }));
  }

  /** Replays what there is, once, and ends the thread. What the server does not take in time stays in the journal. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#restartTimer?.cancel();
    const worker = this.#worker;
    if (worker === undefined) return;
    await this.#lastReplay().catch((error: unknown) => {
      this.#options.log.warn({ reason: errorMessage(error) }, 'the journal is replayed at the next start');
    });
    this.#worker = undefined;
    await worker.terminate();
    this.#rejectAll('it was closed');
  }

  #lastReplay(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = this.#options.clock.after(CLOSE_MS_MAX, () => {
      reject(storeUnavailable('it did not take the journal in time'));
    });
    this.#ask((id) => ({ type: 'close', id })).then(resolve, reject);
    return promise.finally(() => timer.cancel());
  }

  #ask(request: (id: number) => ReplayRequest): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return Promise.reject(storeUnavailable('the journal is not being replayed yet'));
    if (this.#waiting.size >= WAITING_MAX) return Promise.reject(storeUnavailable('too much waits for the journal'));
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage(request(id));
    });
  }

  #receive(report: ReplayReport): void {
    if (report.type === 'log') return this.#options.log[report.level](report.facts, report.message);
    if (report.type === 'recovered') {
      if (this.#journal !== undefined) this.#journal = { ...this.#journal, resumed: true };
      return;
    }
    const waiting = this.#waiting.get(report.id);
    this.#waiting.delete(report.id);
    if (report.type === 'done') waiting?.resolve();
    else waiting?.reject(storeUnavailable(report.reason));
  }

  /** Called for each sign of a thread's end; the first one counts. */
  #broke(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#rejectAll(reason);
    if (this.#closed) return;
    this.#options.log.error({ reason, againInMs: RESTART_MS }, 'the replay of the journal broke off');
    this.#restartTimer = this.#options.clock.after(RESTART_MS, () => {
      if (this.#journal !== undefined) this.start(this.#journal);
    });
  }

  #rejectAll(reason: string): void {
    for (const waiting of this.#waiting.values()) waiting.reject(storeUnavailable(reason));
    this.#waiting.clear();
  }
}
