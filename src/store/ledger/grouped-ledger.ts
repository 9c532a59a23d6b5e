import { type Clock, sleep, type Timer } from '../../kernel/clock.ts';
import { errorMessage, GatewayError } from '../../kernel/errors.ts';
import type { HoldOrder, HoldVerdict, Ledger, OpenHold, Settlement, SettleOrder } from '../../money/ledger.ts';
import { DatabaseError } from '../database-error.ts';
import type { StoreLog } from '../log.ts';
import { KnownAccounts } from './known-accounts.ts';
import { releaseOf, type WaitingOrder, type WaitingSettle, type WaitingTake } from './ledger-order.ts';
import {
  APPLY,
  accountValues,
  amount,
  appliedOf,
  applyValues,
  FIND_ACCOUNTS,
  OPEN_HOLDS,
  type PlacedHold,
  type Row,
} from './ledger-statements.ts';
import { usuallyDone, usualSettle, usualStatement } from './usual-orders.ts';

/** One session of Postgres whose statements wait for nobody else's as far as that can be. */
export interface LedgerConnection {
  /** @throws {DatabaseError} what Postgres refused; anything else leaves open whether it took effect */
  query(text: string, values: readonly unknown[]): Promise<{ readonly rows: readonly Row[] }>;
}

export interface GroupedLedgerOptions {
  readonly connection: LedgerConnection;
  /** Which process takes the holds: recovery asks for those of one holder. */
  readonly holder: string;
  readonly clock: Clock;
  readonly log: StoreLog;
}

/** Orders that wait. Beyond it the store is slower than the calls, and more would only wait in vain. */
const WAITING_MAX = 10_000;
/** In one statement: some 10 ms of the embedded engine. */
const BATCH_MAX = 250;
/** Unanswered for this long, an order is given up by its caller. */
const DEADLINE_MS = 2_000;
const RETRY_MS_MIN = 10;
const RETRY_MS_MAX = 500;
const OPEN_HOLDS_MAX = 10_000;

const NO_SUCH_ACCOUNT = '23503';

/** SQLSTATE classes that blame the moment, not the order: connections, resources, an operator, a serialization. */
const PASSING = /^(08|40|53|55|57|58)/;

/**
 * The ledger over one session of Postgres. Orders that come while a statement
 * is under way go together into the next one, and share its commit:
 *
 *     take, settle ──▶ queue ──▶ one statement at a time ──▶ answers
 *                        ▲               │ store away: again, until the deadline
 *                        └───────────────┘
 *
 * What is usual goes in a statement of its own, which is quick because it can
 * say nothing but "all done"; the rest, and what it refuses, in the whole one.
 *
 * A caller hears within {@link DEADLINE_MS}. A hold whose caller was told that
 * it could not be taken is released once the store answers, whether or not it
 * had been taken: none leaks.
 */
export class GroupedLedger implements Ledger {
  readonly #options: GroupedLedgerOptions;
  readonly #accounts = new KnownAccounts();
  #queue: WaitingOrder[] = [];
  /** In the order of their deadlines, which is that of their arrival. */
  readonly #open = new Set<WaitingOrder>();
  #timer: Timer | undefined;
  #working: Promise<void> | undefined;
  #retryMs = RETRY_MS_MIN;
  readonly #stopping = new AbortController();

  constructor(options: GroupedLedgerOptions) {
    this.#options = options;
  }

  /** Under which name it takes holds. */
  get holder(): string {
    return this.#options.holder;
  }

  /** Orders that have no answer yet. */
  get waiting(): number {
    return this.#open.size;
  }

  take(order: HoldOrder): Promise<HoldVerdict> {
    if (order.accounts.length === 0) throw new Error(`the hold ${order.holdId} is on no account`);
    if (order.wanted < 0n || order.least < 0n || order.least > order.wanted) {
      throw new Error(`a hold of ${order.wanted}, at least ${order.least}, makes no sense`);
    }
    return new Promise((resolve, reject) => {
      this.#enqueue({ kind: 'take', order, ...this.#waiting(order.holdId), resolve, reject });
    });
  }

  settle(order: SettleOrder): Promise<Settlement> {
    const negative = order.lines.find((line) => line.amount < 0n);
    if (negative !== undefined) throw new Error(`a charge of ${negative.amount} for ${order.holdId} makes no sense`);
    return new Promise((resolve, reject) => {
      this.#enqueue({ kind: 'settle', order, ...this.#waiting(order.holdId), resolve, reject });
    });
  }

  async openHolds({ holder, limit }: { readonly holder?: string; readonly limit: number }): Promise<OpenHold[]> {
    const values = [holder ?? null, Math.min(limit, OPEN_HOLDS_MAX)];
    const { rows } = await this.#options.connection.query(OPEN_HOLDS, values).catch((error: unknown) => {
      throw unavailable(errorMessage(error), error);
    });
    return rows.map((row) => ({
      holdId: String(row['id']),
      holder: String(row['holder']),
      amount: amount(row['amount']),
      takenAt: instantOf(row['taken_at']),
      resolveBy: instantOf(row['resolve_by']),
    }));
  }

  /** Refuses new orders and sees those that wait to their answers, for so long. What the store does not take stays held for recovery. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const waited = new AbortController();
    const longEnough = sleep(this.#options.clock, DEADLINE_MS, waited.signal).catch(() => {
      // The work was done before.
    });
    await Promise.race([this.#working, longEnough]);
    waited.abort();
    this.#timer?.cancel();
    for (const order of this.#open) this.#answerUnavailable(order, 'it was stopped');
    this.#queue = [];
  }

  #waiting(holdId: string) {
    const deadlineMs = this.#options.clock.monotonicMs() + DEADLINE_MS;
    return { holdId, deadlineMs, answered: false, sent: false };
  }

  #enqueue(order: WaitingOrder): void {
    if (this.#stopping.signal.aborted) return order.reject(unavailable('it was stopped'));
    if (this.#queue.length >= WAITING_MAX)
      return order.reject(unavailable(`${WAITING_MAX} orders already wait for it`));
    this.#open.add(order);
    this.#queue.push(order);
    this.#watch();
    this.#working ??= this.#work();
  }

  async #work(): Promise<void> {
    // What is ordered in the same turn goes along.
    await undefined;
    while (this.#queue.length > 0) {
      const unusual = await this.#carryOutUsual(this.#nextBatch());
      if (unusual.length > 0) await this.#carryOut(unusual);
    }
    // In the same turn as the look at the queue: whatever comes next begins anew.
    this.#working = undefined;
  }

  /** The oldest orders that still matter, up to the first whose hold is in the batch already: its answer depends on it. */
  #nextBatch(): WaitingOrder[] {
    const batch = new Map<string, WaitingOrder>();
    let looked = 0;
    for (const order of this.#queue) {
      if (batch.size === BATCH_MAX || batch.has(order.holdId)) break;
      looked++;
      if (!order.answered) batch.set(order.holdId, order);
    }
    this.#queue.splice(0, looked);
    return [...batch.values()];
  }

  /**
   * What is refused here has changed nothing, and nobody has heard of it: the whole statement finds out why.
   *
   * @returns what that has to carry out
   */
  async #carryOutUsual(batch: readonly WaitingOrder[]): Promise<readonly WaitingOrder[]> {
    try {
      return await this.#applyUsual(batch);
    } catch (error) {
      if (!isPassing(error)) return batch;
      await this.#again(batch, error);
      return [];
    }
  }

  /** @returns the orders that are not usual */
  async #applyUsual(batch: readonly WaitingOrder[]): Promise<WaitingOrder[]> {
    const placed = await this.#placed(batch.filter((order) => order.kind === 'take'));
    const takes = placed.filter((take) => this.#accounts.mayPayInFull(take));
    const settles = batch.flatMap((waiting) => {
      if (waiting.kind === 'take') return [];
      const settle = usualSettle(waiting.order, (accounts) => this.#accounts.idsOf(accounts));
      return settle === undefined ? [] : [{ ...settle, waiting }];
    });
    const usual = new Set<WaitingOrder>([...takes, ...settles].map(({ waiting }) => waiting));
    if (usual.size > 0) {
      const { text, values } = usualStatement(this.holder, { takes, settles });
      const { verdicts, settlements } = usuallyDone(await this.#send(text, values, usual), { takes, settles });
      takes.forEach(({ waiting }, index) => {
        this.#answerTake(waiting, verdicts[index]);
      });
      settles.forEach(({ waiting }, index) => {
        this.#answerSettle(waiting, settlements[index]);
      });
    }
    const known = new Set<WaitingOrder>(placed.map(({ waiting }) => waiting));
    return batch.filter((order) => !usual.has(order) && (order.kind === 'settle' || known.has(order)));
  }

  async #carryOut(batch: readonly WaitingOrder[]): Promise<void> {
    try {
      await this.#apply(batch);
    } catch (error) {
      if (isPassing(error)) await this.#again(batch, error);
      else if (batch.length > 1) await this.#inHalves(batch);
      else this.#giveUp(batch[0], error);
    }
  }

  async #apply(batch: readonly WaitingOrder[]): Promise<void> {
    const settles = batch.filter((order) => order.kind === 'settle');
    const takes = await this.#placed(batch.filter((order) => order.kind === 'take'));
    if (settles.length + takes.length === 0) return;
    const orders = settles.map(({ order }) => order);
    const sent = [...settles, ...takes.map(({ waiting }) => waiting)];
    const rows = await this.#send(APPLY, applyValues(this.holder, orders, takes), sent);
    const { settlements, verdicts } = appliedOf(rows, orders, takes);
    settles.forEach((order, index) => {
      this.#answerSettle(order, settlements[index]);
    });
    takes.forEach(({ waiting, order }, index) => {
      const verdict = verdicts[index];
      if (verdict !== undefined) this.#accounts.learn(order.accounts, verdict);
      this.#answerTake(waiting, verdict);
    });
  }

  async #send(text: string, values: readonly unknown[], orders: Iterable<WaitingOrder>): Promise<readonly Row[]> {
    for (const order of orders) order.sent = true;
    const { rows } = await this.#options.connection.query(text, values);
    this.#retryMs = RETRY_MS_MIN;
    return rows;
  }

  /** With the accounts' ids. An order on a budget that the store does not have is answered here. */
  async #placed(takes: readonly WaitingTake[]): Promise<(PlacedHold & { readonly waiting: WaitingTake })[]> {
    const missing = this.#accounts.missing(takes.flatMap(({ order }) => order.accounts));
    if (missing.length > 0) {
      const { rows } = await this.#options.connection.query(FIND_ACCOUNTS, accountValues(missing));
      for (const row of rows) {
        const account = missing[Number(row['place']) - 1];
        if (account !== undefined) this.#accounts.remember(account, BigInt(String(row['account'])));
      }
    }
    return takes.flatMap((waiting) => {
      const { accounts } = waiting.order;
      const accountIds = this.#accounts.idsOf(accounts);
      if (accountIds !== undefined) return [{ waiting, order: waiting.order, accountIds }];
      const unknown = accounts.find((account) => this.#accounts.find(account) === undefined);
      this.#answerUnavailable(waiting, `it has no budget ${unknown?.budget.id}`);
      return [];
    });
  }

  #answerSettle(order: WaitingSettle, settlement: Settlement | undefined): void {
    if (!this.#conclude(order)) return;
    if (settlement === undefined) order.reject(unavailable('it left the order unanswered'));
    else order.resolve(settlement);
  }

  #answerTake(order: WaitingTake, verdict: HoldVerdict | undefined): void {
    const granted = verdict === undefined || 'granted' in verdict;
    if (!this.#conclude(order)) {
      if (granted) this.#queue.push(releaseOf(order));
    } else if (verdict === undefined) order.reject(unavailable('it left the order unanswered'));
    else order.resolve(verdict);
  }

  /** @returns whether the caller still waits */
  #conclude(order: WaitingOrder): boolean {
    this.#open.delete(order);
    const waits = !order.answered;
    order.answered = true;
    return waits;
  }

  #answerUnavailable(order: WaitingOrder, reason: string, cause?: unknown): void {
    if (this.#conclude(order)) order.reject(unavailable(reason, cause));
  }

  /** The store is away or busy: the same orders once more, which is safe, for as long as their callers wait. */
  async #again(batch: readonly WaitingOrder[], error: unknown): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#stopping;
    if (signal.aborted) {
      for (const order of batch) this.#giveUp(order, error);
      return;
    }
    log.warn({ err: error, orders: batch.length, againInMs: this.#retryMs }, 'the ledger could not be written yet');
    await sleep(clock, this.#retryMs, signal).catch(() => {
      // Stopping: the orders are tried once more, without the wait.
    });
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS_MAX);
    const again = batch.flatMap((order) => {
      if (!order.answered) return [order];
      return order.kind === 'take' && order.sent ? [releaseOf(order)] : [];
    });
    this.#queue = [...again, ...this.#queue];
  }

  /** One order spoils the statement for all: it is found by halves. */
  async #inHalves(batch: readonly WaitingOrder[]): Promise<void> {
    const half = Math.ceil(batch.length / 2);
    await this.#carryOut(batch.slice(0, half));
    await this.#carryOut(batch.slice(half));
  }

  #giveUp(order: WaitingOrder | undefined, error: unknown): void {
    if (order === undefined) return;
    if (error instanceof DatabaseError && error.code === NO_SUCH_ACCOUNT) this.#accounts.forget();
    this.#options.log.error(
      { err: error, hold: order.holdId, kind: order.kind },
      'the ledger cannot carry out an order',
    );
    this.#answerUnavailable(order, errorMessage(error), error);
  }

  #watch(): void {
    const oldest = this.#open.values().next().value;
    if (this.#timer !== undefined || oldest?.deadlineMs === undefined) return;
    const { clock } = this.#options;
    this.#timer = clock.after(Math.max(0, oldest.deadlineMs - clock.monotonicMs()), () => {
      this.#timer = undefined;
      this.#expire(clock.monotonicMs());
      this.#watch();
    });
  }

  #expire(nowMs: number): void {
    for (const order of this.#open) {
      if (order.deadlineMs === undefined || order.deadlineMs > nowMs) return;
      this.#answerUnavailable(order, `it did not answer within ${DEADLINE_MS} ms`);
    }
  }
}

function isPassing(error: unknown): boolean {
  return !(error instanceof DatabaseError) || PASSING.test(error.code ?? '');
}

function instantOf(value: unknown): number {
  return value instanceof Date ? value.getTime() : Date.parse(String(value));
}

function unavailable(reason: string, cause?: unknown): GatewayError {
  return new GatewayError('budget_unavailable', {
    message: `The budget cannot be asked now: the ledger does not take the order (${reason}). Nothing was sent to a provider. Try again shortly.`,
    retry: 'same-target',
    retryAfterMs: 1_000,
    ...(cause === undefined ? {} : { cause }),
  });
}
