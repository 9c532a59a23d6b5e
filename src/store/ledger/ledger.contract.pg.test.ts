import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Engine, enginesHere, openEngine } from '../../../test/support/engines.ts';
import { nano } from '../../kernel/amounts.ts';
import { systemClock } from '../../kernel/clock.ts';
import type { AccountRef, Budget } from '../../money/budget.ts';
import { Windows } from '../../money/windows.ts';
import { collectedLog } from '../testing/scratch.ts';
import { saveBudget } from './budget-queries.ts';
import type { GroupedLedger } from './grouped-ledger.ts';
import { openLedger } from './open-ledger.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
let sequence = 0;
const unique = (prefix: string) => `${prefix}_${++sequence}`;

describe.each(await enginesHere())('the ledger on the %s engine', (name) => {
  let engine: Engine;
  let ledger: GroupedLedger;
  const windows = new Windows();

  beforeAll(async () => {
    engine = await openEngine(name, { fsync: false });
    ledger = openLedger(engine.store, { holder: 'run_1', clock: systemClock, log: collectedLog() });
  });

  afterAll(async () => {
    await ledger.stop();
    expect(ledger.waiting).toBe(0);
    await engine[Symbol.asyncDispose]();
  });

  const budget = async (given: Partial<Budget> = {}): Promise<Budget> => {
    const made: Budget = {
      id: unique('bud'),
      organisation: 'org_1',
      scope: { kind: 'key', id: 'key_1' },
      period: 'lifetime',
      timeZone: 'UTC',
      credit: false,
      ...given,
    };
    await saveBudget(engine.store.database, { budget: made, at: NOW, by: 'a test' });
    return made;
  };
  const account = async (given: Partial<Budget> = {}, subject = '', at = NOW): Promise<AccountRef> =>
    windows.accountOf(await budget(given), subject, at);
  const take = (accounts: readonly AccountRef[], wanted: bigint, given: { id?: string; least?: bigint } = {}) =>
    ledger.take({
      holdId: given.id ?? unique('call'),
      organisation: 'org_1',
      project: 'proj_1',
      keyId: 'key_1',
      accounts,
      wanted: nano(wanted),
      least: nano(given.least ?? wanted),
      at: NOW,
      resolveBy: NOW + 60_000,
    });
  const settle = (holdId: string, ...amounts: bigint[]) =>
    ledger.settle({
      holdId,
      at: NOW + 1,
      lines: amounts.map((amount, index) => ({
        attempt: index + 1,
        provider: 'sim',
        model: 'fast',
        amount: nano(amount),
        usageSource: 'provider',
      })),
    });
  const balance = async (of: AccountRef) => {
    const { rows } = await engine.store.pool.query(
      `select settled, held, credited from accounts where budget_id = $1 and subject = $2 and window_start = $3`,
      [of.budget.id, of.subject, new Date(of.windowStart)],
    );
    return rows[0];
  };

  test('of a thousand calls at once on a budget for exactly a hundred, a hundred are granted', async () => {
    const capped = await account({ hard: nano(100n * 7n) });
    const ids = Array.from({ length: 1_000 }, () => unique('call'));
    const verdicts = await Promise.all(ids.map((id) => take([capped], 7n, { id })));
    expect(verdicts.filter((verdict) => 'granted' in verdict)).toHaveLength(100);
    expect(await balance(capped)).toEqual({ settled: 0n, held: 700n, credited: 0n });
    const settled = await Promise.all(ids.map((id) => settle(id, 7n)));
    expect(settled.filter(({ found }) => found)).toHaveLength(100);
    expect(await balance(capped)).toEqual({ settled: 700n, held: 0n, credited: 0n });
    expect(await take([capped], 1n)).toEqual({
      refused: { account: capped, settled: 700n, held: 0n, limit: 700n },
    });
  });

  test('a hold is on all its levels or on none, and says which one could not pay', async () => {
    const wide = await account({ hard: nano(1_000n) });
    const narrow = await account({ hard: nano(10n) });
    const open = await account();
    expect(await take([wide, open, narrow], 11n)).toEqual({
      refused: { account: narrow, settled: 0n, held: 0n, limit: 10n },
    });
    expect(await take([wide, open, narrow], 4n)).toEqual({ granted: 4n, remaining: 6n });
    expect(await Promise.all([wide, open, narrow].map(balance))).toEqual(
      [0, 1, 2].map(() => ({ settled: 0n, held: 4n, credited: 0n })),
    );
  });
});
