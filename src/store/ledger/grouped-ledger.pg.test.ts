import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Engine, openEngine } from '../../../test/support/engines.ts';
import { balance, LedgerDesk, unique } from '../../../test/support/ledger-desk.ts';
import { nano } from '../../kernel/amounts.ts';
import { VirtualClock } from '../../kernel/clock.ts';
import { DatabaseError } from '../database-error.ts';
import { storeUnavailable } from '../store-error.ts';
import type { LedgerConnection } from './grouped-ledger.ts';

/** A real connection that can be told to wait before a statement, or to lose its answer. */
class UnsteadyConnection implements LedgerConnection {
  readonly #real: LedgerConnection;
  readonly asked: string[] = [];
  /** Resolves when statements may go on. */
  gate: Promise<void> = Promise.resolve();
  /** What the next statements throw, one each: before they are sent, or once they have taken effect. */
  readonly before: Error[] = [];
  readonly after: Error[] = [];

  constructor(real: LedgerConnection) {
    this.#real = real;
  }

  close(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.gate = promise;
    return resolve;
  }

  async query(text: string, values: readonly unknown[]) {
    await this.gate;
    this.asked.push(text);
    const before = this.before.shift();
    if (before !== undefined) throw before;
    const result = await this.#real.query(text, values);
    const after = this.after.shift();
    if (after !== undefined) throw after;
    return result;
  }
}

let engine: Engine;
let clock: VirtualClock;
let connection: UnsteadyConnection;
let desk: LedgerDesk;

beforeAll(async () => {
  engine = await openEngine('embedded', { fsync: false });
});

afterAll(() => engine[Symbol.asyncDispose]());

beforeEach(() => {
  clock = new VirtualClock();
  connection = new UnsteadyConnection(engine.store.connection('ledger'));
  desk = new LedgerDesk(engine.store, { connection, clock });
});

afterEach(async () => {
  await desk.ledger.stop();
  expect(desk.ledger.waiting).toBe(0);
  expect(clock.pendingTimers).toBe(0);
  expect((await desk.books.verify()).wrong).toEqual([]);
});

/** Lets what the store's thread answers arrive, on real time, while the ledger's own clock stands. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await engine.store.pool.query('select 1');
}

test('orders that come while a statement is under way go together into the next one', async () => {
  const account = await desk.account();
  await desk.take([account], 1n);
  const open = connection.close();
  const first = desk.take([account], 1n);
  await clock.advance(1);
  connection.asked.length = 0;
  const rest = Array.from({ length: 100 }, () => desk.take([account], 1n));
  open();
  await Promise.all([first, ...rest]);
  expect(connection.asked).toHaveLength(2);
});

/** The functions that were asked, in their order. */
const asked = () => connection.asked.map((text) => /ledger_(\w+)/.exec(text)?.[1]);

test('what is usual is done by the quick statement, what is not by the whole one', async () => {
  const account = await desk.account({ hard: nano(10n), soft: nano(7n) });
  await desk.take([account], 1n, { id: unique('call') });
  connection.asked.length = 0;
  const [one, two] = [unique('call'), unique('call')];
  expect(await desk.take([account], 4n, { id: one })).toEqual({ granted: 4n, remaining: 5n });
  expect(await desk.settle(one, 3n, 1n)).toMatchObject({ first: true, charged: 4n, remaining: 5n, passed: [] });
  expect(asked()).toEqual(['usual', 'usual']);
  connection.asked.length = 0;
  // Of 5 that are left it gets 5, and its charge reaches both marks.
  expect(await desk.take([account], 9n, { id: two, least: 2n })).toEqual({ granted: 5n, remaining: 0n });
  expect(await desk.settle(two, 6n)).toMatchObject({ overrun: 1n, passed: [{ mark: 'soft' }, { mark: 'hard' }] });
  expect(asked()).toEqual(['usual', 'apply', 'usual', 'apply']);
});

test('a hold and what a settlement frees for it go in one statement', async () => {
  const account = await desk.account({ hard: nano(9n) });
  const id = unique('call');
  await desk.take([account], 9n, { id });
  connection.asked.length = 0;
  const [settled, taken] = await Promise.all([desk.settle(id, 2n), desk.take([account], 7n)]);
  expect(settled).toMatchObject({ charged: 2n, remaining: 0n });
  expect(taken).toEqual({ granted: 7n, remaining: 0n });
  expect(asked()).toEqual(['usual']);
});

test('a settlement by which an account is beyond its cap is booked whole, and a hold beside it refused', async () => {
  const account = await desk.account({ hard: nano(9n) });
  const id = unique('call');
  await desk.take([account], 5n, { id });
  const [settled, taken] = await Promise.all([desk.settle(id, 12n), desk.take([account], 1n)]);
  expect(settled).toMatchObject({ charged: 12n, overrun: 7n, passed: [{ mark: 'hard' }] });
  expect(taken).toMatchObject({ refused: { settled: 12n, held: 0n, limit: 9n } });
});

test('an account that could not pay keeps nobody else from the quick way, until it can pay again', async () => {
  const spent = await desk.account({ hard: nano(1n) });
  const other = await desk.account({ hard: nano(100n) });
  await desk.take([spent], 1n);
  await desk.take([other], 1n);
  expect(await desk.take([spent], 1n)).toMatchObject({ refused: { account: spent } });
  connection.asked.length = 0;
  const verdicts = await Promise.all([desk.take([spent], 1n), desk.take([other], 1n)]);
  expect(verdicts).toMatchObject([{ refused: {} }, { granted: 1n }]);
  expect(asked()).toEqual(['usual', 'apply']);
  await desk.budget({ ...spent.budget, hard: nano(9n) });
  expect(await desk.take([spent], 1n)).toMatchObject({ granted: 1n });
  connection.asked.length = 0;
  expect(await desk.take([spent], 1n)).toMatchObject({ granted: 1n });
  expect(asked()).toEqual(['usual']);
});

test('when the answer of a quick settlement is lost it is booked once', async () => {
  const account = await desk.account({ hard: nano(9n) });
  const id = unique('call');
  await desk.take([account], 5n, { id });
  connection.after.push(storeUnavailable('the connection broke'));
  connection.asked.length = 0;
  const settled = desk.settle(id, 3n);
  await until(() => desk.log.lines.length === 1);
  await clock.advance(10);
  expect(await settled).toMatchObject({ found: true, first: false, charged: 3n });
  expect(asked()).toEqual(['usual', 'usual', 'apply']);
  expect(await desk.balances(account)).toEqual([balance(3n, 0n)]);
});

test('an order without an answer for two seconds is refused, and its hold, granted later, is given back', async () => {
  const account = await desk.account({ hard: nano(5n) });
  const open = connection.close();
  const taken = desk.take([account], 5n);
  const refused = expect(taken).rejects.toMatchObject({
    code: 'budget_unavailable',
    status: 503,
    retryAfterMs: 1_000,
    message: expect.stringContaining('2000 ms'),
  });
  await clock.advance(1_999);
  expect(desk.ledger.waiting).toBe(1);
  await clock.advance(1);
  await refused;
  expect(desk.ledger.waiting).toBe(0);
  open();
  await until(async () => (await desk.balances(account))[0]?.held === 0n);
  expect(await desk.take([account], 5n)).toMatchObject({ granted: 5n });
});

test('an order that waited in line until its deadline is never sent', async () => {
  const account = await desk.account({ hard: nano(5n) });
  await desk.take([account], 1n);
  const open = connection.close();
  const orders = [desk.take([account], 1n), desk.take([account], 1n)];
  await clock.advance(1);
  const late = desk.take([account], 1n);
  const refused = Promise.all([...orders, late].map((order) => expect(order).rejects.toHaveProperty('code')));
  await clock.advance(2_001);
  await refused;
  connection.asked.length = 0;
  open();
  await until(async () => (await desk.balances(account))[0]?.held === 1n);
  expect(connection.asked).toHaveLength(2);
});

test('when an answer is lost the same order is sent again and takes effect once', async () => {
  const account = await desk.account({ hard: nano(9n) });
  const id = unique('call');
  connection.after.push(storeUnavailable('the connection broke'));
  const taken = desk.take([account], 5n, { id });
  await until(() => desk.log.lines.length === 1);
  await clock.advance(10);
  expect(await taken).toEqual({ granted: 5n, remaining: 4n });
  connection.after.push(storeUnavailable('the connection broke'));
  const settled = desk.settle(id, 3n);
  await until(() => desk.log.lines.length === 2);
  await clock.advance(10);
  expect(await settled).toMatchObject({ found: true, charged: 3n });
  expect(await desk.balances(account)).toEqual([balance(3n, 0n)]);
});

test('a hold whose answer was lost, and whose caller gave up meanwhile, is given back', async () => {
  const account = await desk.account({ hard: nano(5n) });
  await desk.take([account], 0n);
  const lost = () => connection.after.push(storeUnavailable('the connection broke'));
  lost();
  const taken = desk.take([account], 5n);
  const refused = expect(taken).rejects.toMatchObject({ code: 'budget_unavailable' });
  await until(() => desk.log.lines.length === 1);
  const open = connection.close();
  await clock.advance(2_001);
  await refused;
  open();
  await until(async () => (await desk.balances(account))[0]?.held === 0n);
});

test('while the store is away orders are tried until their deadline, and the first after it gets its answer', async () => {
  const account = await desk.account({ hard: nano(5n) });
  await desk.take([account], 1n);
  for (let count = 0; count < 100; count++) connection.before.push(storeUnavailable('it is being restarted'));
  const away = desk.take([account], 1n);
  const refused = expect(away).rejects.toMatchObject({ code: 'budget_unavailable' });
  for (let waited = 0; waited < 2_500; waited += 50) await clock.advance(50);
  await refused;
  const tried = 100 - connection.before.length;
  expect(tried).toBeGreaterThan(3);
  expect(tried).toBeLessThan(20);
  connection.before.length = 0;
  const back = desk.take([account], 4n);
  await clock.advance(600);
  expect(await back).toMatchObject({ granted: 4n, remaining: 0n });
});

test('a deadlock or a lost serialization is tried again, not blamed on the order', async () => {
  const account = await desk.account();
  connection.before.push(new DatabaseError({ message: 'deadlock detected', code: '40P01' }));
  const taken = desk.take([account], 1n);
  await until(() => desk.log.lines.length === 1);
  await clock.advance(10);
  expect(await taken).toMatchObject({ granted: 1n });
});

test('accounts that are gone are asked for again: one order fails, not all that follow', async () => {
  const account = await desk.account();
  await desk.take([account], 0n, { id: 'call_gone' });
  await desk.settle('call_gone');
  await engine.store.pool.query('delete from accounts where budget_id = $1', [account.budget.id]);
  await engine.store.pool.query(`delete from holds where id = 'call_gone'`);
  await expect(desk.take([account], 1n)).rejects.toMatchObject({ code: 'budget_unavailable' });
  expect(await desk.take([account], 1n)).toMatchObject({ granted: 1n });
});

test('more than ten thousand orders are refused at once', async () => {
  const account = await desk.account();
  const open = connection.close();
  const orders = Array.from({ length: 10_001 }, () => desk.take([account], 1n));
  await expect(orders.at(-1)).rejects.toMatchObject({
    code: 'budget_unavailable',
    message: expect.stringContaining('10000 orders'),
  });
  open();
  const answers = await Promise.all(orders.slice(0, -1));
  expect(answers).toHaveLength(10_000);
});

test('two orders on one hold are carried out in their order', async () => {
  const account = await desk.account({ hard: nano(5n) });
  const id = unique('call');
  const [taken, settled, again] = await Promise.all([
    desk.take([account], 5n, { id }),
    desk.settle(id, 2n),
    desk.settle(id, 3n),
  ]);
  expect(taken).toMatchObject({ granted: 5n });
  expect(settled).toMatchObject({ first: true, charged: 2n });
  expect(again).toMatchObject({ first: false, charged: 2n });
});

test('stopped, it sees those that wait to their answers and refuses new ones', async () => {
  const account = await desk.account();
  const waiting = Array.from({ length: 300 }, () => desk.take([account], 1n));
  const stopped = desk.ledger.stop();
  await expect(desk.take([account], 1n)).rejects.toMatchObject({ code: 'budget_unavailable' });
  await stopped;
  expect((await Promise.all(waiting)).every((verdict) => 'granted' in verdict)).toBe(true);
});

test('stopped while the store says nothing, it waits two seconds and lets go', async () => {
  const account = await desk.account();
  const open = connection.close();
  const order = expect(desk.take([account], 1n)).rejects.toMatchObject({ code: 'budget_unavailable' });
  const stopped = desk.ledger.stop();
  await clock.advance(2_000);
  await stopped;
  await order;
  open();
});

test('an order that makes no sense is a mistake of ours', async () => {
  const account = await desk.account();
  expect(() => desk.take([], 1n)).toThrow('on no account');
  expect(() => desk.take([account], 1n, { least: 2n })).toThrow('makes no sense');
  expect(() => desk.take([account], -1n)).toThrow('makes no sense');
  expect(() => desk.settle('call', -1n)).toThrow('makes no sense');
});
