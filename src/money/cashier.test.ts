import { describe, expect, test } from 'vitest';
import { lifetimeAccount, UnreliableLedger } from '../../test/support/unreliable-ledger.ts';
import { nano } from '../kernel/amounts.ts';
import { VirtualClock } from '../kernel/clock.ts';
import { GatewayError } from '../kernel/errors.ts';
import type { AccountRef } from './budget.ts';
import { Cashier } from './cashier.ts';
import type { Payer, Purse } from './hold.ts';
import type { ChargeLine, Settlement } from './ledger.ts';

const payer: Payer = {
  callId: 'call_1',
  organisation: 'org_test',
  project: 'proj_test',
  keyId: 'key_test',
  models: ['up/m'],
  at: Date.UTC(2026, 0, 1),
  resolveBy: Date.UTC(2026, 0, 1) + 60_000,
};

const line: ChargeLine = { attempt: 1, provider: 'up', model: 'm', amount: nano(40n), usageSource: 'provider' };

function house(accounts: readonly AccountRef[]) {
  const ledger = new UnreliableLedger();
  const clock = new VirtualClock();
  const settled: Settlement[] = [];
  const troubles: string[] = [];
  const cashier = new Cashier({
    ledger,
    clock,
    accountsOf: () => accounts,
    policy: () => 'winner_only',
    onSettled: (settlement) => settled.push(settlement),
    onTrouble: (_, what) => troubles.push(what),
  });
  const purse = (id = 'call_1'): Purse => {
    const found = cashier.purseOf({ ...payer, callId: id });
    if (found === undefined) throw new Error('no purse');
    return found;
  };
  return { ledger, clock, settled, troubles, cashier, purse };
}

const refusalOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (thrown: unknown) => thrown as GatewayError,
  );

test('who has no budget has no purse', () => {
  expect(house([]).cashier.purseOf(payer)).toBeUndefined();
});

test('a purse is capped when a level has a cap or is prepaid', () => {
  expect(house([lifetimeAccount('soft')]).purse().capped).toBe(false);
  expect(house([lifetimeAccount('soft'), lifetimeAccount('hard', 5n)]).purse().capped).toBe(true);
  const prepaid = lifetimeAccount('credit');
  expect(house([{ ...prepaid, budget: { ...prepaid.budget, credit: true } }]).purse().capped).toBe(true);
});

test('a hold takes what is wanted, or what is left, and settles for what was used', async () => {
  const { ledger, purse, settled } = house([lifetimeAccount('a', 100n), lifetimeAccount('b')]);
  const hold = await purse().take(nano(300n), nano(50n));
  expect(hold.amount).toBe(100n);
  expect(ledger.balance(lifetimeAccount('b'))).toEqual({ settled: 0n, held: 100n });
  expect(await hold.settle([line])).toMatchObject({ charged: 40n, remaining: 60n });
  expect([ledger.balance(lifetimeAccount('a')), settled.length]).toEqual([{ settled: 40n, held: 0n }, 1]);
});

describe('a refusal', () => {
  test('says whose budget it is, all its numbers, and when it resets', async () => {
    const account = lifetimeAccount('bud_1', 3_000_000_000n);
    const monthly = {
      ...account,
      budget: { ...account.budget, period: 'month' as const },
      windowEnd: Date.UTC(2026, 1, 1),
    };
    const { purse } = house([monthly]);
    await (await purse('earlier').take(nano(500_000_000n), nano(0n))).settle([{ ...line, amount: nano(500_000_000n) }]);
    await purse('other').take(nano(2_000_000_000n), nano(0n));
    const error = await refusalOf(purse().take(nano(10n ** 10n), nano(10n ** 9n)));
    expect(error).toMatchObject({
      code: 'budget_exceeded',
      status: 402,
      details: {
        budget: 'bud_1',
        scope: 'key',
        spent_usd: '0.5',
        held_usd: '2',
        limit_usd: '3',
        needed_usd: '1',
        resets_at: '2026-02-01T00:00:00.000Z',
      },
    });
    expect(error?.message).toBe(
      'The budget bud_1 of key key_test has $0.5 left of $3 (spent $0.5, held $2), and this call needs $1 even at its shortest. It resets at 2026-02-01T00:00:00.000Z; until then, raise the cap, or ask for less.',
    );
  });

  test('of a lifetime never resets, and names the end user whose share it is', async () => {
    const account = lifetimeAccount('bud_1', 0n);
    const each = { ...account, budget: { ...account.budget, each: 'end_user' as const }, subject: 'ada' };
    const error = await refusalOf(house([each]).purse().take(nano(5n), nano(5n)));
    expect(error?.message).toMatch(/end_user ada of key key_test has \$0 left.*Raise the cap, or buy credit, or ask/);
    expect(error?.details).toMatchObject({ scope: 'end_user', resets_at: null });
  });
});

describe('while the store is away', () => {
  test('a capped call is refused, and one without a cap goes on without a hold', async () => {
    const capped = house([lifetimeAccount('a', 100n)]);
    capped.ledger.away = UnreliableLedger.unavailable();
    expect(await refusalOf(capped.purse().take(nano(5n), nano(5n)))).toMatchObject({
      code: 'budget_unavailable',
      status: 503,
    });
    capped.cashier.close();
    const free = house([lifetimeAccount('a')]);
    free.ledger.away = UnreliableLedger.unavailable();
    const hold = await free.purse().take(nano(0n), nano(0n));
    expect([hold.amount, await hold.settle([line]), free.clock.pendingTimers]).toEqual([0n, undefined, 0]);
    expect(free.troubles).toHaveLength(1);
    for (const { clock } of [capped, free]) expect(clock.pendingTimers).toBe(0);
  });

  test('what is no matter of the store refuses a call without a cap as well', async () => {
    const { ledger, purse } = house([lifetimeAccount('a')]);
    ledger.away = new GatewayError('internal', { message: 'a bug' });
    expect(await refusalOf(purse().take(nano(0n), nano(0n)))).toMatchObject({ code: 'internal' });
  });

  test('a hold whose answer was lost is given back: nobody else would settle it before the next start', async () => {
    const { ledger, purse, clock, cashier } = house([lifetimeAccount('a', 100n)]);
    ledger.loseAnswer = true;
    expect(await refusalOf(purse().take(nano(80n), nano(80n)))).toMatchObject({ code: 'budget_unavailable' });
    expect(ledger.balance(lifetimeAccount('a')).held).toBe(80n);
    await clock.advance(1_000);
    expect([ledger.balance(lifetimeAccount('a')), await ledger.openCount(), cashier.lateSettlements]).toEqual([
      { settled: 0n, held: 0n },
      0,
      0,
    ]);
    expect((await purse('call_2').take(nano(100n), nano(100n))).amount).toBe(100n);
    expect(clock.pendingTimers).toBe(0);
  });

  test('settlements wait, the hold counts meanwhile, and each is booked once', async () => {
    const { ledger, purse, clock, settled, cashier, troubles } = house([lifetimeAccount('a', 1_000n)]);
    const holds = await Promise.all(['1', '2', '3'].map((id) => purse(id).take(nano(100n), nano(100n))));
    ledger.away = UnreliableLedger.unavailable();
    expect(await Promise.all(holds.map((hold) => hold.settle([line])))).toEqual([undefined, undefined, undefined]);
    await clock.advance(5_500);
    expect([cashier.lateSettlements, ledger.settleOrders.length, settled.length]).toEqual([3, 0, 0]);
    ledger.away = undefined;
    expect(ledger.balance(lifetimeAccount('a'))).toEqual({ settled: 0n, held: 300n });
    await clock.advance(1_000);
    expect([ledger.balance(lifetimeAccount('a')), cashier.lateSettlements]).toEqual([{ settled: 120n, held: 0n }, 0]);
    expect([settled.length, ledger.settleOrders.length, clock.pendingTimers]).toEqual([3, 3, 0]);
    expect(troubles.length).toBeGreaterThan(3);
  });

  test('a settlement that the ledger refuses for a reason of its own holds nobody up', async () => {
    const { ledger, purse, clock, cashier, troubles } = house([lifetimeAccount('a', 1_000n)]);
    const first = await purse('1').take(nano(100n), nano(100n));
    const second = await purse('2').take(nano(100n), nano(100n));
    ledger.away = UnreliableLedger.unavailable();
    await first.settle([line]);
    await second.settle([line]);
    ledger.away = undefined;
    ledger.beforeSettle = async () => {
      ledger.beforeSettle = async () => undefined;
      throw new GatewayError('internal', { message: 'a bug' });
    };
    await clock.advance(1_000);
    expect([ledger.balance(lifetimeAccount('a')), cashier.lateSettlements]).toEqual([{ settled: 40n, held: 100n }, 0]);
    expect(troubles.at(-1)).toMatch(/settlement of 1/);
    expect(clock.pendingTimers).toBe(0);
  });

  test('closing leaves no timer, and what is left to the next start', async () => {
    const { ledger, purse, clock, cashier } = house([lifetimeAccount('a', 1_000n)]);
    const hold = await purse('1').take(nano(100n), nano(100n));
    const other = await purse('2').take(nano(100n), nano(100n));
    ledger.away = UnreliableLedger.unavailable();
    await hold.settle([line]);
    expect(clock.pendingTimers).toBe(1);
    cashier.close();
    expect(clock.pendingTimers).toBe(0);
    expect(await other.settle([line])).toBeUndefined();
    await clock.advance(10_000);
    expect([clock.pendingTimers, ledger.settleOrders.length]).toEqual([0, 0]);
  });
});

test('a settlement whose answer was lost is booked once', async () => {
  const { ledger, purse, clock } = house([lifetimeAccount('a', 1_000n)]);
  const hold = await purse().take(nano(100n), nano(100n));
  ledger.loseAnswer = true;
  expect(await hold.settle([line])).toBeUndefined();
  await clock.advance(1_000);
  expect(ledger.balance(lifetimeAccount('a'))).toEqual({ settled: 40n, held: 0n });
  expect([ledger.settleOrders.length, clock.pendingTimers]).toEqual([2, 0]);
});
