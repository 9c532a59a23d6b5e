import { Worker } from 'node:worker_threads';
import type { Clock, Timer } from '../../kernel/clock.ts';
import { sleep } from '../../kernel/clock.ts';
import { errorMessage, GatewayError } from '../../kernel/errors.ts';
import { DatabaseError } from '../database-error.ts';
import type { JournalSettings } from '../journal/journal-settings.ts';
import type { StoreLog } from '../log.ts';
import { storeUnavailable } from '../store-error.ts';
import type { StoreState } from '../store-state.ts';
import type { Report, Request, WorkerSettings } from './messages.ts';
import { toParameter } from './parameters.ts';
import { type QueryResult, restoreBuffers } from './result.ts';
import type { ClientId } from './session.ts';

export interface HostOptions {
  /** The Postgres data directory itself. */
  readonly directory: string;
  readonly clock: Clock;
  readonly log: StoreLog;
  readonly onProgress?: (text: string) => void;
  /** Leaves out the real fsync. For tests whose data may be lost. */
  readonly unsafeNoFsync?: boolean;
}

interface Waiting {
  readonly resolve: (result: QueryResult | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** Statements that wait for the engine. Beyond it the store is slower than its callers, and says so at once. */
const WAITING_MAX = 4_096;
const RESTART_MS_MIN = 100;
const RESTART_MS_MAX = 5_000;
/** Open for this long, the engine counts as recovered, and the next restart is a quick one again. */
const HEALTHY_MS = 10_000;
/** With statements waiting and no word from the thread for this long, it is given up: Postgres' own timeouts do not work there. */
const SILENCE_MS_MAX = 120_000;
const SILENCE_CHECK_MS = 10_000;

const WORKER = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

/**
 * The main thread's side of the embedded Postgres: sends statements, brings
 * answers, and starts the thread anew when the engine breaks (a full disk makes
 * Postgres PANIC, which ends the WebAssembly instance for good).
 *
 *     opening ──▶ open ──engine breaks──▶ restarting ──▶ open
 *        │                                    ▲ │ backoff 100 ms … 5 s
 *        ▼ first opening fails: throws        └─┘
 *     closed ◀── close, from any state
 *
 * While it is not open every statement is refused at once with a 503; those
 * under way when the engine broke are refused too, and whether they took effect
 * is not known.
 */
export class PgliteHost {
  readonly #options: HostOptions;
  readonly #waiting = new Map<number, Waiting>();
  readonly #stopping = new AbortController();
  #worker: Worker | undefined;
  #state: StoreState = { state: 'restarting', reason: 'it is being opened' };
  #journal: JournalSettings | undefined;
  #lastId = 0;
  #restartMs = RESTART_MS_MIN;
  #lastWordAtMs: number;
  #silenceTimer: Timer | undefined;
  #healthyTimer: Timer | undefined;
  #restarting: Promise<void> | undefined;
  #restarts = 0;

  private constructor(options: HostOptions) {
    this.#options = options;
    this.#lastWordAtMs = options.clock.monotonicMs();
  }

  /** @throws `internal` when the store cannot be opened; nothing runs then */
  static async open(options: HostOptions): Promise<PgliteHost> {
    const host = new PgliteHost(options);
    try {
      await host.#start();
    } catch (error) {
      await host.close();
      throw error;
    }
    host.#watchSilence();
    return host;
  }

  state(): StoreState {
    return this.#state;
  }

  /** How often the engine had to be started anew. */
  get restarts(): number {
    return this.#restarts;
  }

  /**
   * @throws {DatabaseError} what Postgres refused
   * @throws `internal` (503) while the engine is away, `overloaded` when too much waits for it
   * @param urgent goes before what waits
   */
  async query(client: ClientId, text: string, values: readonly unknown[], urgent = false): Promise<QueryResult> {
    const parameters = values.map(toParameter);
    const result = await this.#call((id) => ({ type: 'query', id, client, urgent, text, values: parameters }));
    if (result === undefined) throw new Error('the worker answered a statement without a result');
    return restoreBuffers(result);
  }

  /** Rolls back what the client left open and resets what it set. */
  release(client: ClientId): void {
    if (this.#state.state === 'open') this.#worker?.postMessage({ type: 'release', client } satisfies Request);
  }

  /** Has the worker replay the journal from now on, also after a restart. Returns once what dead processes left is in. */
  async replay(settings: JournalSettings): Promise<void> {
    this.#journal = settings;
    await this.#call((id) => ({ type: 'journal-start', id, settings }));
    this.#journal = { ...settings, resumed: true };
  }

  /** Everything that was in the journal at this moment is in Postgres when it returns. */
  async flushJournal(): Promise<void> {
    await this.#call((id) => ({ type: 'journal-flush', id }));
  }

  /** Lets statements under way finish, checkpoints and ends the thread. */
  async close(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#silenceTimer?.cancel();
    this.#healthyTimer?.cancel();
    this.#stopping.abort(storeUnavailable('it is being closed'));
    await this.#restarting;
    if (this.#state.state === 'open') {
      await this.#call((id) => ({ type: 'close', id })).catch((error: unknown) => {
        this.#options.log.warn({ err: error }, 'the store did not close cleanly; it will recover when it is opened');
      });
    }
    this.#state = { state: 'closed', reason: 'it was closed' };
    await this.#worker?.terminate();
    this.#worker = undefined;
    this.#rejectAll(storeUnavailable('it was closed'));
  }

  #call(request: (id: number) => Request): Promise<QueryResult | undefined> {
    const { state } = this.#state;
    if (state !== 'open') return Promise.reject(storeUnavailable(this.#state.reason));
    if (this.#waiting.size >= WAITING_MAX) return Promise.reject(overloaded());
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      if (this.#waiting.size === 0) this.#lastWordAtMs = this.#options.clock.monotonicMs();
      this.#waiting.set(id, { resolve, reject });
      this.#worker?.postMessage(request(id));
    });
  }

  #start(): Promise<void> {
    const { directory, unsafeNoFsync = false } = this.#options;
    const workerData: WorkerSettings = { directory, unsafeNoFsync };
    const worker = new Worker(WORKER, { workerData, execArgv: [], name: 'store' });
    this.#worker = worker;
    return new Promise((resolve, reject) => {
      const fail = (reason: string, cause?: unknown) => {
        reject(cannotOpen(directory, reason, cause));
        this.#broke(worker, reason);
      };
      worker.on('message', (report: Report) => {
        this.#lastWordAtMs = this.#options.clock.monotonicMs();
        if (report.type === 'opened') {
          this.#state = { state: 'open' };
          resolve();
        } else if (report.type === 'failed') fail(report.message);
        else if (report.type === 'aborted') fail(report.reason);
        else this.#receive(report);
      });
      worker.on('error', (error) => fail(errorMessage(error), error));
      worker.on('exit', (code) => fail(`its thread ended with code ${code}`));
    });
  }

  #receive(report: Exclude<Report, { type: 'opened' | 'failed' | 'aborted' }>): void {
    if (report.type === 'progress') return this.#options.onProgress?.(report.text);
    if (report.type === 'log') return this.#options.log[report.level](report.facts, report.message);
    const waiting = this.#waiting.get(report.id);
    this.#waiting.delete(report.id);
    if (report.type === 'result') waiting?.resolve(report.result);
    else if (report.type === 'refused') waiting?.reject(new DatabaseError(report.fields));
    else waiting?.reject(storeUnavailable(report.message));
  }

  /** Called for each sign of a worker's end; the first one counts. */
  #broke(worker: Worker, reason: string): void {
    if (this.#worker !== worker || this.#state.state !== 'open') return;
    this.#rejectAll(storeUnavailable(reason));
    if (this.#stopping.signal.aborted) return;
    this.#options.log.error({ reason }, 'the embedded Postgres broke off and is being restarted');
    this.#state = { state: 'restarting', reason };
    this.#restarting ??= this.#restart(worker).finally(() => {
      this.#restarting = undefined;
    });
  }

  async #restart(broken: Worker): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#stopping;
    this.#healthyTimer?.cancel();
    await broken.terminate();
    while (!signal.aborted) {
      try {
        await sleep(clock, this.#restartMs, signal);
        this.#restartMs = Math.min(this.#restartMs * 2, RESTART_MS_MAX);
        await this.#start();
        this.#restarts++;
        if (this.#journal !== undefined) await this.replay(this.#journal);
        log.info({ restarts: this.#restarts }, 'the embedded Postgres is back');
        this.#healthyTimer = clock.after(HEALTHY_MS, () => {
          this.#restartMs = RESTART_MS_MIN;
        });
        return;
      } catch (error) {
        if (signal.aborted) return;
        const reason = errorMessage(error);
        log.warn({ err: error, againInMs: this.#restartMs }, 'the embedded Postgres could not be restarted yet');
        this.#state = { state: 'restarting', reason };
        await this.#worker?.terminate();
      }
    }
  }

  #watchSilence(): void {
    const { clock } = this.#options;
    this.#silenceTimer = clock.after(SILENCE_CHECK_MS, () => {
      const silentMs = clock.monotonicMs() - this.#lastWordAtMs;
      const worker = this.#worker;
      if (worker !== undefined && this.#waiting.size > 0 && silentMs > SILENCE_MS_MAX) {
        this.#broke(worker, `a statement ran for more than ${SILENCE_MS_MAX} ms`);
      }
      this.#watchSilence();
    });
  }

  #rejectAll(error: GatewayError): void {
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}

function overloaded(): GatewayError {
  return new GatewayError('overloaded', {
    message: `${WAITING_MAX} statements already wait for the store. Try again shortly.`,
    retry: 'same-target',
    retryAfterMs: 1_000,
  });
}

function cannotOpen(directory: string, reason: string, cause: unknown): GatewayError {
  return new GatewayError('internal', {
    message: `the store in ${directory} cannot be opened: ${reason}`,
    ...(cause === undefined ? {} : { cause }),
  });
}
