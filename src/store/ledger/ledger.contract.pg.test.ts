import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Engine, openEngine } from '../../../test/support/engines.ts';
import { balance, DESK_NOW, LedgerDesk, ledgerWays, unique } from '../../../test/support/ledger-desk.ts';
import { nano } from '../../kernel/amounts.ts';
import { retireBudget, saveBudget } from './budget-queries.ts';

describe.each(await ledgerWays())('the ledger on the $name engine, $title', ({ name, whole }) => {
  let engine: Engine;
  let desk: LedgerDesk;

  beforeAll(async () => {
    engine = await openEngine(name, { fsync: false });
    desk = new LedgerDesk(engine.store, { whole });
  });

  afterAll(async () => {
    expect(await desk.books.verify()).toMatchObject({ wrong: [] });
    await desk.ledger.stop();
    expect(desk.ledger.waiting).toBe(0);
    await engine[Symbol.asyncDispose]();
  });

  test('of a thousand calls at once on a budget for exactly a hundred, a hundred are granted', async () => {
    const capped = await desk.account({ hard: nano(100n * 7n) });
    const ids = Array.from({ length: 1_000 }, () => unique('call'));
    const verdicts = await Promise.all(ids.map((id) => desk.take([capped], 7n, { id })));
    expect(verdicts.filter((verdict) => 'granted' in verdict)).toHaveLength(100);
    expect(await desk.balances(capped)).toEqual([balance(0n, 700n)]);
    const settled = await Promise.all(ids.map((id) => desk.settle(id, 7n)));
    expect(settled.filter(({ found }) => found)).toHaveLength(100);
    expect(await desk.balances(capped)).toEqual([balance(700n, 0n)]);
    expect(await desk.take([capped], 1n)).toEqual({
      refused: { account: capped, settled: 700n, held: 0n, limit: 700n },
    });
  });

  test('the same from two processes at once, which name the levels in different orders', async () => {
    const other = new LedgerDesk(engine.store, { holder: 'run_2' });
    const capped = await desk.account({ hard: nano(100n) });
    const open = await desk.account();
    const verdicts = await Promise.all(
      Array.from({ length: 500 }, (_, index) => {
        const levels = index % 2 === 0 ? [capped, open] : [open, capped];
        return [desk.take(levels, 1n), other.take(levels.toReversed(), 1n)];
      }).flat(),
    );
    expect(verdicts.filter((verdict) => 'granted' in verdict)).toHaveLength(100);
    expect(await desk.balances(capped, open)).toEqual([balance(0n, 100n), balance(0n, 100n)]);
    await other.ledger.stop();
    expect([...desk.log.lines, ...other.log.lines]).toEqual([]);
  });

  test('a hold is on all its levels or on none, and says which one could not pay', async () => {
    const wide = await desk.account({ hard: nano(1_000n) });
    const narrow = await desk.account({ hard: nano(10n) });
    const open = await desk.account();
    expect(await desk.take([wide, open, narrow], 11n)).toEqual({
      refused: { account: narrow, settled: 0n, held: 0n, limit: 10n },
    });
    expect(await desk.balances(wide, open, narrow)).toEqual([0, 1, 2].map(() => balance(0n, 0n)));
    expect(await desk.take([wide, open, narrow], 4n)).toEqual({ granted: 4n, remaining: 6n });
    expect(await desk.balances(wide, open, narrow)).toEqual([0, 1, 2].map(() => balance(0n, 4n)));
    expect(await desk.take([open], 5n)).toEqual({ granted: 5n, remaining: undefined });
  });

  test('where not all is left, what is left is granted if it is enough', async () => {
    const capped = await desk.account({ hard: nano(10n) });
    expect(await desk.take([capped], 7n)).toEqual({ granted: 7n, remaining: 3n });
    expect(await desk.take([capped], 7n, { least: 4n })).toMatchObject({ refused: { held: 7n, limit: 10n } });
    expect(await desk.take([capped], 7n, { least: 3n })).toEqual({ granted: 3n, remaining: 0n });
    expect(await desk.take([capped], 7n, { least: 0n })).toEqual({ granted: 0n, remaining: 0n });
  });

  test('at no instant does settled and held exceed a cap, on any level, with random costs', {
    timeout: 60_000,
  }, async () => {
    const organisation = await desk.account({ hard: nano(60_000n) });
    const projects = await Promise.all([20_000n, 50_000n].map((hard) => desk.account({ hard: nano(hard) })));
    const keys = await Promise.all([5_000n, 9_000n, 30_000n].map((hard) => desk.account({ hard: nano(hard) })));
    const levels = [organisation, ...projects, ...keys];
    const over = `
      select count(*) as over from accounts join budgets on budgets.id = budget_id
      where settled + held > hard_nano and budget_id = any ($1::text[])`;
    const polled: unknown[] = [];
    let polling = true;
    const poller = (async () => {
      while (polling) {
        const { rows } = await engine.store.pool.query(over, [levels.map(({ budget }) => budget.id)]);
        polled.push(rows[0]?.['over']);
      }
    })();
    let charged = 0n;
    const call = async (index: number) => {
      const id = unique('call');
      const key = keys[index % 3];
      const project = projects[index % 2];
      if (key === undefined || project === undefined) return;
      const wanted = BigInt((index * 37) % 90) + 1n;
      const verdict = await desk.take([key, organisation, project], wanted, { id, least: wanted / 3n });
      if (!('granted' in verdict)) return;
      const cost = (verdict.granted * BigInt(index % 5)) / 4n;
      charged += cost;
      await desk.settle(id, cost);
    };
    try {
      for (let round = 0; round < 40; round++) {
        await Promise.all(Array.from({ length: 50 }, (_, index) => call(round * 50 + index)));
      }
    } finally {
      polling = false;
      await poller;
    }
    expect(polled.length).toBeGreaterThan(10);
    expect(polled.every((count) => count === 0n)).toBe(true);
    const balances = await desk.balances(...levels);
    expect(balances.every((account) => account?.held === 0n)).toBe(true);
    expect(balances[0]?.settled).toBe(charged);
    expect(balances.slice(3).reduce((sum, account) => sum + (account?.settled ?? 0n), 0n)).toBe(charged);
  });

  test('a hold is settled once: sent again, its settlement answers with what was booked then', async () => {
    const capped = await desk.account({ hard: nano(100n) });
    const id = unique('call');
    await desk.take([capped], 60n, { id });
    expect(await desk.settle(id, 10n, 0n, 20n)).toEqual({
      found: true,
      first: true,
      charged: 30n,
      overrun: 0n,
      remaining: 70n,
      passed: [],
    });
    expect(await desk.settle(id, 99n)).toMatchObject({ found: true, first: false, charged: 30n });
    expect(await desk.settle(id)).toMatchObject({ found: true, first: false, charged: 30n });
    expect(await desk.take([capped], 60n, { id })).toEqual({ granted: 60n, remaining: 70n });
    expect(await desk.balances(capped)).toEqual([balance(30n, 0n)]);
    const { rows } = await engine.store.pool.query('select id, amount from transfers where call_id = $1 order by id', [
      id,
    ]);
    expect(rows).toEqual([
      { id: `charge/${id}/1`, amount: 10n },
      { id: `charge/${id}/3`, amount: 20n },
    ]);
  });

  test('no lines release a hold, and a hold that nobody took is not found', async () => {
    const capped = await desk.account({ hard: nano(5n) });
    const id = unique('call');
    await desk.take([capped], 5n, { id });
    expect(await desk.settle(id)).toMatchObject({ found: true, first: true, charged: 0n, remaining: 5n });
    expect(await desk.settle(unique('call'), 5n)).toEqual({
      found: false,
      first: false,
      charged: 0n,
      overrun: 0n,
      remaining: undefined,
      passed: [],
    });
    expect(await desk.balances(capped)).toEqual([balance(0n, 0n)]);
  });

  test('a charge above the hold is booked whole, says by how much, and the next hold is refused', async () => {
    const capped = await desk.account({ hard: nano(100n), soft: nano(50n) });
    const id = unique('call');
    await desk.take([capped], 40n, { id });
    const mark = { budgetId: capped.budget.id, subject: '', windowStart: 0, settled: 130n };
    expect(await desk.settle(id, 130n)).toEqual({
      found: true,
      first: true,
      charged: 130n,
      overrun: 90n,
      remaining: -30n,
      passed: [
        { ...mark, mark: 'soft', limit: 50n },
        { ...mark, mark: 'hard', limit: 100n },
      ],
    });
    expect(await desk.take([capped], 1n)).toMatchObject({ refused: { settled: 130n, limit: 100n } });
    expect(await desk.take([capped], 1n, { least: 0n })).toMatchObject({ refused: { settled: 130n } });
  });

  test('a lowered cap refuses new holds and takes back none', async () => {
    const capped = await desk.account({ hard: nano(100n) });
    const id = unique('call');
    await desk.take([capped], 60n, { id });
    const budget = { ...capped.budget, hard: nano(50n) };
    expect(await saveBudget(engine.store.database, { budget, at: DESK_NOW, by: 'a test' })).toBe(false);
    expect(await desk.take([capped], 1n)).toMatchObject({ refused: { held: 60n, limit: 50n } });
    expect(await desk.settle(id, 60n)).toMatchObject({ charged: 60n, overrun: 0n, remaining: -10n });
  });

  test('a settlement after its window has ended is booked in the window of its hold', async () => {
    const lastMoment = Date.UTC(2026, 10, 30, 23, 59, 59, 999);
    const november = await desk.account({ hard: nano(10n), period: 'month' }, '', lastMoment);
    const december = desk.at(november, lastMoment + 1);
    expect(december.windowStart).toBe(november.windowEnd);
    const id = unique('call');
    expect(await desk.take([november], 10n, { id, at: lastMoment })).toMatchObject({ granted: 10n });
    expect(await desk.take([november], 1n, { at: lastMoment })).toHaveProperty('refused');
    expect(await desk.take([december], 10n, { at: lastMoment + 1 })).toMatchObject({ granted: 10n });
    await desk.settle(id, 8n);
    expect(await desk.balances(november, december)).toEqual([balance(8n, 0n), balance(0n, 10n)]);
    const windows = await desk.books.balances({ budgetId: november.budget.id, limit: 10 });
    expect(windows.map(({ windowStart }) => windowStart)).toEqual([december.windowStart, november.windowStart]);
    const before = { windowStart: december.windowStart, subject: '' };
    expect(await desk.books.balances({ budgetId: november.budget.id, after: before, limit: 10 })).toHaveLength(1);
  });

  test('each end user of a budget of each has an account of its own', async () => {
    const [ann, bob] = await Promise.all(
      ['ann', 'b,o"b\\ {}'].map((subject) => desk.account({ hard: nano(3n) }, subject)),
    );
    if (ann === undefined || bob === undefined) throw new Error('two accounts were made');
    const bobsOfAnn = { ...bob, budget: ann.budget };
    expect(await desk.take([ann], 3n)).toMatchObject({ granted: 3n });
    expect(await desk.take([bobsOfAnn], 3n)).toMatchObject({ granted: 3n });
    expect(await desk.take([ann], 1n)).toMatchObject({ refused: { account: ann } });
    expect(await desk.balances(ann, bobsOfAnn)).toEqual([balance(0n, 3n), balance(0n, 3n)]);
  });

  test('a credit is spent to what was bought; a top-up counts once, however often it is sent', async () => {
    const credit = await desk.account({ credit: true, soft: nano(20n) });
    expect(await desk.take([credit], 1n)).toMatchObject({ refused: { limit: 0n } });
    const topUp = { ...desk.booking(unique('top_up/inv'), 100n), account: credit, paid: nano(90n) };
    expect(await Promise.all([1, 2, 3].map(() => desk.books.topUp(topUp)))).toEqual(
      expect.arrayContaining(['booked', 'again', 'again']),
    );
    expect(await desk.books.topUp({ ...topUp, amount: nano(101n) })).toBe('conflict');
    expect(await desk.books.topUp({ ...topUp, paid: nano(91n) })).toBe('conflict');
    const id = unique('call');
    expect(await desk.take([credit], 70n, { id })).toEqual({ granted: 70n, remaining: 30n });
    const withdrawal = { ...desk.booking(unique('refund/inv'), 31n), account: credit, paid: nano(27n) };
    expect(await desk.books.withdraw(withdrawal)).toBe('short');
    expect(await desk.books.withdraw({ ...withdrawal, amount: nano(10n) })).toBe('booked');
    expect(await desk.settle(id, 70n)).toMatchObject({
      remaining: 20n,
      passed: [{ mark: 'soft', settled: 70n, limit: 70n }],
    });
    expect(await desk.balances(credit)).toEqual([balance(70n, 0n, 90n)]);
  });

  test('credit moves between accounts, no more than is left', async () => {
    const [from, to] = await Promise.all([1, 2].map(() => desk.account({ credit: true })));
    if (from === undefined || to === undefined) throw new Error('two accounts were made');
    await desk.books.topUp({ ...desk.booking(unique('top_up'), 50n), account: from, paid: nano(50n) });
    await desk.take([from], 30n);
    const move = { ...desk.booking(unique('move'), 20n), from, to };
    expect(await desk.books.transfer({ ...move, amount: nano(21n) })).toBe('short');
    expect(await desk.books.transfer(move)).toBe('booked');
    expect(await desk.books.transfer(move)).toBe('again');
    expect(await desk.balances(from, to)).toEqual([balance(0n, 30n, 30n), balance(0n, 0n, 20n)]);
    await expect(desk.books.transfer({ ...move, to: from })).rejects.toMatchObject({ code: 'invalid_request' });
  });

  test('a rate makes a charge count for more on a credit, rounded up, and a correction keeps the proportion', async () => {
    const credit = await desk.account({ credit: true });
    const plain = await desk.account({ hard: nano(1_000n) });
    const dear = { ...credit, ratePpm: 1_500_000n };
    await desk.books.topUp({ ...desk.booking(unique('top_up'), 100n), account: credit, paid: nano(80n) });
    const id = unique('call');
    expect(await desk.take([plain, dear], 80n, { id, least: 67n })).toHaveProperty('refused');
    expect(await desk.take([plain, dear], 80n, { id, least: 66n })).toMatchObject({ granted: 66n, remaining: 1n });
    expect(await desk.balances(plain, credit)).toEqual([balance(0n, 66n), balance(0n, 99n, 100n)]);
    const ratesPpm = { [credit.budget.id]: 1_500_000n };
    expect(await desk.settle(id, { amount: nano(33n), ratesPpm })).toMatchObject({ charged: 33n, overrun: 0n });
    expect(await desk.balances(plain, credit)).toEqual([balance(33n, 0n), balance(50n, 0n, 100n)]);
    const correction = { ...desk.booking(unique('correct'), 10n), callId: id, attempt: 1, towards: 'less' as const };
    expect(await desk.books.correct(correction)).toBe('booked');
    expect(await desk.books.correct(correction)).toBe('again');
    // 10 of 33 that counted for 50 are 15.15, rounded up.
    expect(await desk.balances(plain, credit)).toEqual([balance(23n, 0n), balance(34n, 0n, 100n)]);
  });

  test('a correction goes to the window of its hold, also of a call that was charged nothing', async () => {
    const day = await desk.account({ period: 'day' });
    const id = unique('call');
    await desk.take([day], 5n, { id });
    const correction = { ...desk.booking(unique('correct'), 4n), callId: id, attempt: 1, towards: 'more' as const };
    await expect(desk.books.correct(correction)).rejects.toMatchObject({ code: 'not_found' });
    await desk.settle(id);
    expect(await desk.books.correct(correction)).toBe('booked');
    expect(await desk.balances(day)).toEqual([balance(4n, 0n)]);
    const back = { ...correction, id: unique('correct'), amount: nano(5n), towards: 'less' as const };
    expect(await desk.books.correct(back)).toBe('short');
    await expect(desk.books.correct({ ...correction, callId: 'call_none' })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('what was charged is given back, no more than it was, and adjusted with no call to blame', async () => {
    const [key, project] = await Promise.all([1, 2].map(() => desk.account({ hard: nano(100n) })));
    if (key === undefined || project === undefined) throw new Error('two accounts were made');
    const id = unique('call');
    await desk.take([key, project], 50n, { id });
    await desk.settle(id, 50n);
    const refund = { ...desk.booking(unique('refund'), 20n), accounts: [key, project] };
    expect(await desk.books.refund({ ...refund, amount: nano(51n) })).toBe('short');
    expect(await desk.books.refund(refund)).toBe('booked');
    const adjustment = { ...desk.booking(unique('adjust'), 5n), accounts: [key], towards: 'more' as const };
    expect(await desk.books.adjust(adjustment)).toBe('booked');
    expect(await desk.balances(key, project)).toEqual([balance(35n, 0n), balance(30n, 0n)]);
    await expect(desk.books.refund({ ...refund, amount: nano(0n) })).rejects.toMatchObject({ code: 'invalid_request' });
  });

  test('an order that cannot be carried out does not take its neighbours along', async () => {
    const huge = await desk.account();
    const most = 2n ** 63n - 1n;
    expect(await desk.take([huge], most)).toMatchObject({ granted: most });
    const open = await desk.account();
    const unknown = { ...open, budget: { ...open.budget, id: 'bud_unknown' } };
    const results = await Promise.allSettled([
      ...[desk.take([open], 1n), desk.take([huge], 1n), desk.take([open], 2n)],
      ...[desk.take([open, unknown], 4n), desk.take([open], 8n)],
    ]);
    expect(results.map(({ status }) => status)).toEqual([
      ...['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'],
    ]);
    for (const result of results) {
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({ code: 'budget_unavailable', status: 503 });
    }
    expect(await desk.balances(open)).toEqual([balance(0n, 11n)]);
  });

  test('a transfer can neither be changed nor removed', async () => {
    const open = await desk.account();
    const id = unique('call');
    await desk.take([open], 1n, { id });
    await desk.settle(id, 1n);
    for (const statement of [`update transfers set amount = 2`, `delete from transfers`, `truncate transfers`]) {
      await expect(engine.store.pool.query(statement)).rejects.toMatchObject({ code: '23001' });
    }
  });

  test('a budget that was retired is made anew with its history', async () => {
    const account = await desk.account({ hard: nano(7n) });
    await desk.take([account], 5n);
    expect(await retireBudget(engine.store.database, account.budget.id, DESK_NOW)).toBe(true);
    expect(await retireBudget(engine.store.database, account.budget.id, DESK_NOW)).toBe(false);
    await saveBudget(engine.store.database, { budget: account.budget, at: DESK_NOW, by: 'a test' });
    expect(await desk.take([account], 3n)).toHaveProperty('refused');
  });

  const openIds = async (holder: string) => {
    const holds = await desk.ledger.openHolds({ holder, limit: 100 });
    return holds.map(({ holdId }) => holdId);
  };

  test('a hold that is kept until somebody knows its cost stands behind those that nobody has looked at', async () => {
    const account = await desk.account();
    const dead = new LedgerDesk(engine.store, { holder: unique('run') });
    const [kept, first, second] = [unique('call'), unique('call'), unique('call')];
    for (const [index, id] of [kept, first, second].entries()) {
      await dead.take([account], 1n, { id, at: DESK_NOW - 10 + index });
    }
    expect(await desk.books.keep(kept)).toBe(true);
    expect(await openIds(dead.ledger.holder)).toEqual([first, second, kept]);
    const [next] = await desk.ledger.openHolds({ holder: dead.ledger.holder, limit: 1 });
    expect(next?.holdId).toBe(first);
    for (const id of [kept, first, second]) await desk.settle(id, 0n);
    await dead.ledger.stop();
  });

  test('holds outlive the store, are found by their holder, and are settled by the next one', async () => {
    const capped = await desk.account({ hard: nano(10n) });
    const dead = new LedgerDesk(engine.store, { holder: unique('run') });
    const [first, second] = [unique('call'), unique('call')];
    await dead.take([capped], 4n, { id: first, at: DESK_NOW - 5 });
    await dead.take([capped], 6n, { id: second });
    await dead.ledger.stop();
    await desk.ledger.stop();
    await engine.reopen();
    desk = new LedgerDesk(engine.store, { holder: 'run_3' });
    const { holder } = dead.ledger;
    expect(await openIds(holder)).toEqual([first, second]);
    expect(await desk.take([capped], 1n)).toHaveProperty('refused');
    expect(await desk.books.keep(second)).toBe(true);
    expect(await desk.settle(first, 4n)).toMatchObject({ found: true, first: true });
    expect(await openIds(holder)).toEqual([second]);
    expect(await desk.settle(second, 1n)).toMatchObject({ first: true, remaining: 5n });
    expect(await desk.books.keep(second)).toBe(false);
    expect(await openIds(holder)).toEqual([]);
  });

  test('a check finds a balance that is not what its transfers and holds add up to', async () => {
    const account = await desk.account({ hard: nano(10n) });
    const id = unique('call');
    await desk.take([account], 5n, { id });
    await desk.settle(id, 5n);
    await desk.take([account], 2n);
    const sound = await desk.books.verify();
    expect(sound.wrong).toEqual([]);
    expect(sound.debits).toBe(sound.credits);
    const tamper = `update accounts set settled = settled + $1, held = held - $1 where budget_id = $2`;
    await engine.store.pool.query(tamper, [1, account.budget.id]);
    const unsound = await desk.books.verify();
    expect(unsound.wrong).toEqual([
      {
        budgetId: account.budget.id,
        subject: '',
        windowStart: 0,
        stored: balance(6n, 1n),
        reckoned: balance(5n, 2n),
      },
    ]);
    expect(unsound.debits - unsound.credits).toBe(1n);
    await engine.store.pool.query(tamper, [-1, account.budget.id]);
  });
});
