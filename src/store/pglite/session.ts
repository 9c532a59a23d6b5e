import type { Clock, Timer } from '../../kernel/clock.ts';
import { DatabaseError } from '../database-error.ts';
import type { Answer, Execution, TransactionStatus } from './engine.ts';
import type { Parameter } from './parameters.ts';
import type { QueryResult } from './result.ts';

/** Who asks: each of the pool's clients has a number of its own; 0 is the journal's replayer. */
export type ClientId = number;

type Execute = (text: string, values: readonly Parameter[], how?: Execution) => Promise<Answer>;

interface Job {
  readonly client: ClientId;
  readonly urgent: boolean;
  run(): Promise<void>;
}

/** Called this recently by somebody urgent, the session should not be kept for long. */
const IN_DEMAND_MS = 1_000;

/** Their effect outlives the statement; whoever runs one keeps the session until its release undoes it. */
const LASTING_COMMANDS: ReadonlySet<string> = new Set(['SET', 'PREPARE', 'LISTEN', 'DECLARE', 'LOAD']);

/** A transaction that asks nothing for this long while others wait is rolled back. */
const IDLE_OWNER_MS = 10_000;

/**
 * Lets many clients share Postgres' one session. Statements run in the order of
 * their arrival, except that a client inside a transaction has the session to
 * itself until the engine says that it ended. An urgent one goes before all that wait, though not into a transaction:
 *
 *     free ── statement leaves a transaction open, or a setting ──▶ owned
 *     owned ── the engine reports no transaction, no setting left ──▶ free
 *     owned ── release, or idle too long while others wait ── rollback, DISCARD ALL ──▶ free
 *
 * The engine's own report decides, never the statement's text.
 */
export class Session {
  readonly #execute: Execute;
  readonly #clock: Clock;
  #owner: ClientId | undefined;
  #status: TransactionStatus = 'I';
  #settings = false;
  #urgent: Job[] = [];
  #lastUrgentMs = Number.NEGATIVE_INFINITY;
  #waiting: Job[] = [];
  #ownerJobs: Job[] = [];
  #running = false;
  #idleTimer: Timer | undefined;
  readonly #expired = new Set<ClientId>();

  constructor(execute: Execute, clock: Clock) {
    this.#execute = execute;
    this.#clock = clock;
  }

  /**
   * @throws {DatabaseError} what Postgres refused, or `25P03` after the client's
   *   transaction was idle for too long
   * @param input what a `COPY … FROM STDIN` reads; it may change once the promise is settled
   */
  query(client: ClientId, text: string, values: readonly Parameter[], input?: Uint8Array): Promise<QueryResult> {
    return this.#query(client, false, text, values, { input });
  }

  /** As `query`, before everything that waits: a call stands still until it is answered. The few texts of such come again and again. */
  queryUrgently(client: ClientId, text: string, values: readonly Parameter[]): Promise<QueryResult> {
    this.#lastUrgentMs = this.#clock.monotonicMs();
    return this.#query(client, true, text, values, { again: true });
  }

  /** Somebody urgent was here lately: whoever works in the background keeps the session for a moment at a time. */
  get inDemand(): boolean {
    return this.#clock.monotonicMs() - this.#lastUrgentMs < IN_DEMAND_MS;
  }

  #query(
    client: ClientId,
    urgent: boolean,
    text: string,
    values: readonly Parameter[],
    how: Execution,
  ): Promise<QueryResult> {
    return new Promise((resolve, reject) => {
      const run = async () => {
        if (this.#expired.has(client)) return reject(idleTooLong());
        const answer = await this.#ask(text, values, how);
        this.#keep(client, answer);
        if (answer.error !== undefined) reject(answer.error);
        else resolve(answer.result ?? { command: '', rowCount: null, rows: [], fields: [] });
      };
      this.#enqueue({ client, urgent, run: () => run().catch(reject) });
    });
  }

  /** The client is done: what it left open is rolled back, what it set is reset. */
  release(client: ClientId): void {
    const run = async () => {
      this.#expired.delete(client);
      if (this.#owner === client) await this.#clean();
    };
    this.#enqueue({ client, urgent: false, run });
  }

  /** Stops the timer; statements that wait are never answered. */
  close(): void {
    this.#idleTimer?.cancel();
    this.#urgent = [];
    this.#waiting = [];
    this.#ownerJobs = [];
  }

  #enqueue(job: Job): void {
    if (job.client === this.#owner) this.#ownerJobs.push(job);
    else if (job.urgent) this.#urgent.push(job);
    else this.#waiting.push(job);
    if (!this.#running) void this.#work();
  }

  async #work(): Promise<void> {
    this.#running = true;
    for (let job = this.#next(); job !== undefined; job = this.#next()) {
      this.#idleTimer?.cancel();
      this.#idleTimer = undefined;
      await job.run();
    }
    this.#running = false;
    if (this.#owner === undefined || this.#waiting.length + this.#urgent.length === 0) return;
    this.#idleTimer ??= this.#clock.after(IDLE_OWNER_MS, () => this.#expireOwner());
  }

  #next(): Job | undefined {
    return this.#owner === undefined ? (this.#urgent.shift() ?? this.#waiting.shift()) : this.#ownerJobs.shift();
  }

  async #ask(text: string, values: readonly Parameter[], how?: Execution): Promise<Answer> {
    const answer = await this.#execute(text, values, how);
    this.#status = answer.status;
    return answer;
  }

  #keep(client: ClientId, answer: Answer): void {
    if (answer.commands.some((command) => LASTING_COMMANDS.has(command))) this.#settings = true;
    if (this.#status === 'I' && !this.#settings) this.#free();
    else if (this.#owner === undefined) this.#own(client);
  }

  #own(client: ClientId): void {
    this.#owner = client;
    this.#ownerJobs = this.#waiting.filter((job) => job.client === client);
    this.#waiting = this.#waiting.filter((job) => job.client !== client);
  }

  #free(): void {
    if (this.#owner === undefined) return;
    this.#owner = undefined;
    this.#waiting = [...this.#ownerJobs, ...this.#waiting];
    this.#ownerJobs = [];
  }

  async #clean(): Promise<void> {
    if (this.#status !== 'I') await this.#ask('rollback', []);
    if (this.#settings) await this.#ask('discard all', []);
    this.#settings = false;
    this.#free();
  }

  #expireOwner(): void {
    this.#idleTimer = undefined;
    const client = this.#owner;
    if (client === undefined || this.#running) return;
    this.#expired.add(client);
    this.#ownerJobs.push({ client, urgent: false, run: () => this.#clean() });
    void this.#work();
  }
}

function idleTooLong(): DatabaseError {
  return new DatabaseError({
    message: `the transaction was rolled back: it was idle for ${IDLE_OWNER_MS} ms while others waited`,
    severity: 'ERROR',
    code: '25P03',
  });
}
