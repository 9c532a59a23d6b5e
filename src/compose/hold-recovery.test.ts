import { describe, expect, test } from 'vitest';
import { lifetimeAccount, UnreliableLedger } from '../../test/support/unreliable-ledger.ts';
import { nano } from '../kernel/amounts.ts';
import { VirtualClock } from '../kernel/clock.ts';
import { GatewayError } from '../kernel/errors.ts';
import type { OpenHold } from '../money/ledger.ts';
import { makeLog } from '../observability/log.ts';
import type { AttemptView, CallView } from '../protocol/call-view.ts';
import { HoldRecovery, type HoldRecoveryParts } from './hold-recovery.ts';

const account = lifetimeAccount('bud_1', 10_000n);
const LATEST_MS = 60_000;
const UNKNOWN_MS = 300_000;

function attempt(facts: Partial<AttemptView> = {}): AttemptView {
  return { attempt: 1, provider: 'up', model: 'm', routeReason: 'only', startedAt: 0, ...facts };
}

function callOf(id: string, attempts: readonly AttemptView[]): CallView {
  return { ...CALL, id, attempts };
}

const CALL: CallView = {
  id: '',
  startedAt: 0,
  organisation: 'org_test',
  project: 'proj_test',
  keyId: 'key_test',
  operation: 'chat',
  dialect: 'openai-chat',
  stream: false,
  modelAsked: 'up/m',
  configVersion: 'c',
  attempts: [],
};

async function house(brief: { readonly holder?: string; readonly amounts?: Readonly<Record<string, bigint>> } = {}) {
  const clock = new VirtualClock();
  const ledger = new UnreliableLedger(brief.holder ?? 'journal/earlier');
  for (const [holdId, amount] of Object.entries(brief.amounts ?? { call_1: 1_000n })) {
    await ledger.take({
      holdId,
      organisation: 'org_test',
      project: 'proj_test',
      keyId: 'key_test',
      accounts: [account],
      wanted: nano(amount),
      least: nano(amount),
      at: clock.now(),
      resolveBy: clock.now() + LATEST_MS,
    });
  }
  const calls = new Map<string, CallView>();
  const reserved: [string, number, bigint][] = [];
  const kept: string[] = [];
  const parts: HoldRecoveryParts = {
    ledger,
    books: {
      keep: async (holdId) => {
        kept.push(holdId);
        return true;
      },
    },
    clock,
    log: makeLog({ level: 'silent' }),
    journal: 'journal',
    holder: 'journal/now',
    replayed: async () => undefined,
    callById: async (id) => calls.get(id),
    policy: () => 'winner_only',
    ratedBudgets: () => [],
    onReserved: async (call, { attempt: number }, amount) => void reserved.push([call.id, number, amount]),
  };
  return { clock, ledger, calls, reserved, kept, parts, recovery: new HoldRecovery(parts) };
}

type House = Awaited<ReturnType<typeof house>>;

/** Runs what can run now. */
async function begin({ recovery, clock }: House): Promise<void> {
  recovery.start();
  await clock.advance(0);
}

async function end({ recovery, clock }: House): Promise<void> {
  await recovery.stop();
  expect(clock.pendingTimers).toBe(0);
}

describe('a hold that an earlier run left', () => {
  test('is released when nothing was sent', async () => {
    const own = await house();
    await begin(own);
    expect(own.ledger.settleOrders).toMatchObject([{ holdId: 'call_1', lines: [] }]);
    expect(own.ledger.balance(account)).toEqual({ settled: 0n, held: 0n });
    expect(own.clock.pendingTimers).toBe(0);
    await end(own);
  });

  test('is settled by what each attempt was charged', async () => {
    const own = await house();
    own.calls.set(
      'call_1',
      callOf('call_1', [
        attempt({ outcome: 'failed', costNanoUsd: 50n, chargeNanoUsd: 0n, usageSource: 'estimated' }),
        attempt({ attempt: 2, outcome: 'ok', costNanoUsd: 300n, chargeNanoUsd: 300n, usageSource: 'provider' }),
      ]),
    );
    await begin(own);
    expect(own.ledger.settleOrders[0]?.lines).toEqual([
      { attempt: 1, provider: 'up', model: 'm', amount: 0n, usageSource: 'estimated' },
      { attempt: 2, provider: 'up', model: 'm', amount: 300n, usageSource: 'provider' },
    ]);
    expect(own.ledger.balance(account)).toEqual({ settled: 300n, held: 0n });
    await end(own);
  });

  test('is settled at the last checkpoint of an attempt that was cut', async () => {
    const own = await house();
    own.calls.set('call_1', callOf('call_1', [attempt({ outcome: 'interrupted', costNanoUsd: 120n })]));
    await begin(own);
    expect(own.ledger.settleOrders[0]?.lines).toMatchObject([{ amount: 120n, usageSource: 'estimated' }]);
    await end(own);
  });

  test('is kept while nobody can say what the call cost, and settled when somebody does', async () => {
    const own = await house();
    own.calls.set('call_1', callOf('call_1', [attempt({ outcome: 'interrupted' })]));
    await begin(own);
    await own.clock.advance(45_000);
    expect([own.ledger.balance(account).held, own.kept.length > 1]).toEqual([1_000n, true]);
    own.calls.set('call_1', callOf('call_1', [attempt({ outcome: 'interrupted', chargeNanoUsd: 77n })]));
    await own.clock.advance(15_000);
    expect(own.ledger.balance(account)).toEqual({ settled: 77n, held: 0n });
    expect(own.reserved).toEqual([]);
    await end(own);
  });

  test('is charged whole when nobody ever says so, less what its other attempts cost', async () => {
    const own = await house();
    own.calls.set(
      'call_1',
      callOf('call_1', [
        attempt({ outcome: 'failed', chargeNanoUsd: 30n, usageSource: 'provider' }),
        attempt({ attempt: 2, outcome: 'interrupted' }),
      ]),
    );
    await begin(own);
    await own.clock.advance(LATEST_MS + UNKNOWN_MS);
    expect(own.ledger.balance(account).held).toBe(1_000n);
    await own.clock.advance(15_001);
    expect(own.ledger.settleOrders[0]?.lines).toMatchObject([
      { attempt: 1, amount: 30n },
      { attempt: 2, amount: 970n, usageSource: 'reserved' },
    ]);
    expect([own.ledger.balance(account), own.reserved]).toEqual([{ settled: 1_000n, held: 0n }, [['call_1', 2, 970n]]]);
    expect(own.clock.pendingTimers).toBe(0);
    await end(own);
  });

  test('waits while its attempt still runs by the books, for they are not read to their end', async () => {
    const own = await house();
    own.calls.set('call_1', callOf('call_1', [attempt()]));
    await begin(own);
    expect([own.ledger.settleOrders.length, own.kept]).toEqual([0, ['call_1']]);
    await end(own);
  });

  test('of a call without a cap is settled at nothing where its price is unknown, and its record stays so', async () => {
    const own = await house({ amounts: { ended: 0n, cut: 0n } });
    own.calls.set('ended', callOf('ended', [attempt({ outcome: 'ok', usageSource: 'provider' })]));
    own.calls.set('cut', callOf('cut', [attempt({ outcome: 'interrupted' })]));
    await begin(own);
    expect(own.ledger.settleOrders).toMatchObject([{ holdId: 'ended', lines: [{ amount: 0n }] }]);
    await own.clock.advance(LATEST_MS + UNKNOWN_MS + 15_001);
    expect(own.ledger.settleOrders).toMatchObject([{}, { holdId: 'cut', lines: [{ amount: 0n }] }]);
    expect(own.reserved).toEqual([]);
    await end(own);
  });

  test('counts on each budget at its rates', async () => {
    const own = await house();
    own.calls.set('call_1', callOf('call_1', [attempt({ outcome: 'ok', chargeNanoUsd: 100n })]));
    const budget = { ...account.budget, rates: [{ models: 'up/*', ratePpm: 2_000_000n }] };
    const recovery = new HoldRecovery({ ...own.parts, ratedBudgets: () => [budget] });
    await begin({ ...own, recovery });
    expect(own.ledger.balance(account)).toEqual({ settled: 200n, held: 0n });
    await end({ ...own, recovery });
  });
});

test.each(['journal/now', 'elsewhere/earlier', 'journal2/earlier'])('a hold of %s is left alone', async (holder) => {
  const own = await house({ holder });
  await begin(own);
  await own.clock.advance(60_000);
  expect([own.ledger.settleOrders.length, own.clock.pendingTimers]).toEqual([0, 0]);
  await end(own);
});

test('nothing is resolved before all that earlier runs wrote is in the store', async () => {
  const own = await house();
  const replayed = Promise.withResolvers<void>();
  const recovery = new HoldRecovery({ ...own.parts, replayed: () => replayed.promise });
  await begin({ ...own, recovery });
  expect(own.ledger.settleOrders).toEqual([]);
  own.calls.set('call_1', callOf('call_1', [attempt({ outcome: 'ok', chargeNanoUsd: 5n })]));
  replayed.resolve();
  await own.clock.advance(0);
  expect(own.ledger.balance(account).settled).toBe(5n);
  await end({ ...own, recovery });
});

test('a store that is away at first, and in the middle, is waited for', async () => {
  const own = await house({ amounts: { call_1: 100n, call_2: 100n } });
  own.ledger.away = UnreliableLedger.unavailable();
  await begin(own);
  await own.clock.advance(10_000);
  own.ledger.away = undefined;
  own.ledger.beforeSettle = async () => {
    if (own.ledger.settleOrders.length === 1) own.ledger.away = UnreliableLedger.unavailable();
  };
  await own.clock.advance(1_000);
  expect([own.ledger.settleOrders.length, await own.ledger.openCount()]).toEqual([1, 1]);
  own.ledger.beforeSettle = async () => undefined;
  own.ledger.away = undefined;
  await own.clock.advance(1_000);
  expect([own.ledger.settleOrders.length, own.clock.pendingTimers]).toEqual([2, 0]);
  await end(own);
});

test('a hold that cannot be resolved for a reason of its own leaves the others alone, and is tried again', async () => {
  const own = await house({ amounts: { call_1: 100n, call_2: 100n } });
  let broken = true;
  const callById = async (id: string) => {
    if (broken && id === 'call_1') throw new GatewayError('internal', { message: 'a row that cannot be read' });
    return undefined;
  };
  const recovery = new HoldRecovery({ ...own.parts, callById });
  await begin({ ...own, recovery });
  expect(own.ledger.settleOrders.map(({ holdId }) => holdId)).toEqual(['call_2']);
  broken = false;
  await own.clock.advance(15_000);
  expect(own.ledger.settleOrders.map(({ holdId }) => holdId)).toEqual(['call_2', 'call_1']);
  expect(own.clock.pendingTimers).toBe(0);
  await end({ ...own, recovery });
});

test('holds behind the first ten thousand are found as well', async () => {
  const own = await house();
  const waiting = new Set(Array.from({ length: 10_050 }, (_, n) => `call_${n}`));
  const ledger = {
    openHolds: async ({ limit }: { readonly limit: number }): Promise<OpenHold[]> =>
      [...waiting]
        .slice(0, limit)
        .map((holdId) => ({ holdId, holder: 'journal/earlier', amount: nano(1n), takenAt: 0, resolveBy: 0 })),
    settle: async ({ holdId }: { readonly holdId: string }) => {
      waiting.delete(holdId);
      return { found: true, first: true, charged: nano(0n), overrun: nano(0n), remaining: undefined, passed: [] };
    },
  };
  const recovery = new HoldRecovery({ ...own.parts, ledger });
  await begin({ ...own, recovery });
  await own.clock.advance(0);
  expect([waiting.size, own.clock.pendingTimers]).toEqual([0, 0]);
  await end({ ...own, recovery });
});

test.each(['while the store is away', 'while somebody is waited for'])('a stop %s leaves no timer', async (when) => {
  const own = await house();
  own.calls.set('call_1', callOf('call_1', [attempt({ outcome: 'interrupted' })]));
  if (when === 'while the store is away') own.ledger.away = UnreliableLedger.unavailable();
  await begin(own);
  expect(own.clock.pendingTimers).toBe(1);
  await end(own);
  own.ledger.away = undefined;
  await own.clock.advance(LATEST_MS + UNKNOWN_MS + 60_000);
  expect(own.ledger.settleOrders).toEqual([]);
});
