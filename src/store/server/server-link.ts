import pg from 'pg';
import { type Clock, sleep, type Timer } from '../../kernel/clock.ts';
import { errorMessage, GatewayError } from '../../kernel/errors.ts';
import type { StoreLog } from '../log.ts';
import { RepeatedComplaint } from '../repeated-complaint.ts';
import { storeUnavailable } from '../store-error.ts';
import type { StoreState } from '../store-state.ts';
import { clientConfig } from './client-config.ts';
import type { ServerAddress } from './server-address.ts';
import { isMistake, storeError, unavailableReason } from './server-error.ts';

export interface ServerLinkOptions {
  readonly address: ServerAddress;
  readonly clock: Clock;
  readonly log: StoreLog;
  /** Makes the database ready for us (schema, partitions, the default tenant); called until it once succeeded. */
  prepare(sentinel: pg.Client): Promise<void>;
}

const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 5_000;
/** Open for this long, the server counts as recovered, and the next retry is a quick one again. */
const HEALTHY_MS = 10_000;
/** How long a server that hangs may go unnoticed. One that dies closes its sockets, and is noticed at once. */
const PING_MS = 5_000;
const PING_ANSWER_MS_MAX = 5_000;

/** A standby accepts connections and reads; whoever holds money in the store must not take it for the server. */
const PING = `select current_setting('transaction_read_only') as read_only`;

/**
 * Whether the server Postgres can be used, told by one connection that does nothing else.
 *
 *     opening ──▶ open ── its socket ends, a ping fails ──▶ restarting ──▶ open
 *        │                                                     ▲ │ backoff 100 ms … 5 s
 *        ▼ a mistake, or nobody there: `open` throws           └─┘
 *     closed ◀── close, from any state
 *
 * While it is not open every statement is refused at once with a 503, so that
 * nobody waits for a time limit. A single session that breaks changes nothing:
 * it only has the server asked at once.
 */
export class ServerLink {
  readonly #options: ServerLinkOptions;
  readonly #stopping = new AbortController();
  #state: StoreState = { state: 'restarting', reason: 'it is being opened' };
  #sentinel: pg.Client | undefined;
  #prepared = false;
  #opened = 0;
  #retryMs = RETRY_MS_MIN;
  #openAtMs = 0;
  #pingTimer: Timer | undefined;
  #pinging: Promise<void> | undefined;
  #reconnecting: Promise<void> | undefined;
  readonly #complaint = new RepeatedComplaint();
  readonly #firstOpen = Promise.withResolvers<void>();

  constructor(options: ServerLinkOptions) {
    this.#options = options;
    // Nobody may wait for it, when the store is closed before the server was ever there.
    this.#firstOpen.promise.catch(() => undefined);
  }

  state(): StoreState {
    return this.#state;
  }

  /** How often the server came back. */
  get restarts(): number {
    return Math.max(0, this.#opened - 1);
  }

  /** Resolves when the server was open and prepared once; rejects when the link is closed before. */
  get firstOpen(): Promise<void> {
    return this.#firstOpen.promise;
  }

  /** @throws a 503 while the server is away */
  assertOpen(): void {
    if (this.#state.state !== 'open') throw storeUnavailable(this.#state.reason);
  }

  /**
   * Connects and prepares. While nobody is there it is tried again for `waitMs`.
   *
   * @param goOnWithout whether to go on trying in the background then, instead of throwing
   * @throws `internal` for a mistake (a wrong password, a newer schema), at once; 503 when nobody is there
   */
  async open(waitMs: number, goOnWithout: boolean): Promise<void> {
    const { clock, log, address } = this.#options;
    const untilMs = clock.monotonicMs() + waitMs;
    for (;;) {
      try {
        return await this.#connect();
      } catch (error) {
        if (isMistake(error)) throw mistake(error, address);
        this.#state = { state: 'restarting', reason: unavailableReason(error) };
        if (clock.monotonicMs() >= untilMs) {
          if (!goOnWithout) throw storeError(error);
          log.warn({ err: error, server: address.shown }, 'the server Postgres is not there; calls go on without it');
          this.#reconnect();
          return;
        }
        await sleep(clock, RETRY_MS_MIN, this.#stopping.signal);
      }
    }
  }

  /** Somebody met an error that may be the server's: it is asked at once. */
  suspect(): void {
    if (this.#state.state === 'open') this.#ping();
  }

  async close(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const closed = storeUnavailable('it was closed');
    this.#stopping.abort(closed);
    this.#pingTimer?.cancel();
    await this.#reconnecting;
    await this.#pinging;
    const sentinel = this.#sentinel;
    this.#sentinel = undefined;
    await sentinel?.end();
    this.#state = { state: 'closed', reason: 'it was closed' };
    this.#firstOpen.reject(closed);
  }

  async #connect(): Promise<void> {
    const { address, clock, prepare } = this.#options;
    const limits = { statementMsMax: PING_ANSWER_MS_MAX, answerMsMax: PING_ANSWER_MS_MAX };
    const sentinel = new pg.Client(clientConfig(address, 'health', limits));
    sentinel.on('error', (error) => this.#lost(sentinel, error));
    sentinel.on('end', () => this.#lost(sentinel, new Error('the connection ended')));
    try {
      await sentinel.connect();
      await assertWritable(sentinel);
      if (!this.#prepared) await prepare(sentinel);
    } catch (error) {
      await sentinel.end();
      throw error;
    }
    this.#prepared = true;
    this.#sentinel = sentinel;
    this.#state = { state: 'open' };
    this.#openAtMs = clock.monotonicMs();
    this.#opened++;
    this.#firstOpen.resolve();
    this.#schedulePing();
  }

  #schedulePing(): void {
    this.#pingTimer?.cancel();
    this.#pingTimer = this.#options.clock.after(PING_MS, () => this.#ping());
  }

  #ping(): void {
    const sentinel = this.#sentinel;
    if (sentinel === undefined || this.#pinging !== undefined) return;
    this.#pinging = assertWritable(sentinel)
      .then(() => this.#schedulePing())
      .catch((error: unknown) => this.#lost(sentinel, error))
      .finally(() => {
        this.#pinging = undefined;
      });
  }

  /** Called for each sign of a connection's end; the first one counts. */
  #lost(sentinel: pg.Client, error: unknown): void {
    if (this.#sentinel !== sentinel || this.#stopping.signal.aborted) return;
    const { clock, log, address } = this.#options;
    this.#sentinel = undefined;
    this.#pingTimer?.cancel();
    const reason = unavailableReason(error);
    this.#state = { state: 'restarting', reason };
    if (clock.monotonicMs() - this.#openAtMs > HEALTHY_MS) this.#retryMs = RETRY_MS_MIN;
    log.error({ err: error, server: address.shown }, 'the server Postgres is away; calls go on without it');
    sentinel.end().catch((err: unknown) => log.warn({ err }, 'a broken connection could not be closed'));
    this.#reconnect();
  }

  #reconnect(): void {
    this.#reconnecting ??= this.#reconnectAtLast().finally(() => {
      this.#reconnecting = undefined;
    });
  }

  async #reconnectAtLast(): Promise<void> {
    const { clock, log, address } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await sleep(clock, this.#retryMs, signal);
        this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS_MAX);
        await this.#connect();
        this.#complaint.end();
        log.info({ server: address.shown, restarts: this.restarts }, 'the server Postgres is back');
        return;
      } catch (error) {
        if (signal.aborted) return;
        const reason = unavailableReason(error);
        this.#state = { state: 'restarting', reason };
        if (!this.#complaint.isDue(reason, clock.monotonicMs())) continue;
        const again = { err: error, server: address.shown, againInMs: this.#retryMs };
        if (isMistake(error)) log.error(again, 'the server Postgres cannot be used as it is');
        else log.warn(again, 'the server Postgres is not back yet');
      }
    }
  }
}

/** What somebody has to mend, with the place where it is written. */
function mistake(error: unknown, { shown, source }: ServerAddress): GatewayError {
  if (error instanceof GatewayError) return error;
  return new GatewayError('internal', {
    message: `the server Postgres at ${shown} refuses: ${errorMessage(error)}; correct ${source}, or the server`,
    cause: error,
  });
}

async function assertWritable(sentinel: pg.Client): Promise<void> {
  const { rows } = await sentinel.query(PING);
  if (rows[0]?.read_only === 'on') throw storeUnavailable('its server takes no writes (it is a standby, or read only)');
}
