import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Engine, openEngine } from '../../../test/support/engines.ts';
import { DESK_NOW, LedgerDesk, ledgerWays, unique } from '../../../test/support/ledger-desk.ts';
import { nano } from '../../kernel/amounts.ts';
import type { AccountRef } from '../../money/budget.ts';
import type { ChargeLine, GrantedHold, HoldOrder, Ledger, SettleOrder } from '../../money/ledger.ts';
import { MemoryLedger } from '../../money/memory-ledger.ts';

/** What happens to some holds, in any order: taken twice, settled before they are taken, settled again, late, or never. */
interface Step {
  readonly what: 'take' | 'settle' | 'release';
  readonly hold: number;
  readonly wanted: bigint;
  /** Of ten. */
  readonly leastShare: bigint;
  /** Which levels, as bits. */
  readonly levels: number;
  readonly amounts: readonly bigint[];
  readonly dear: boolean;
  /** What whoever settles says that was granted. */
  readonly says: 'nothing' | 'the truth' | 'another amount' | 'other accounts' | 'another organisation';
}

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom('take', 'take', 'settle', 'settle', 'release'),
  hold: fc.integer({ min: 0, max: 5 }),
  wanted: fc.bigInt({ min: 0n, max: 60n }),
  leastShare: fc.bigInt({ min: 0n, max: 10n }),
  levels: fc.integer({ min: 1, max: 15 }),
  amounts: fc.array(fc.bigInt({ min: 0n, max: 70n }), { minLength: 1, maxLength: 3 }),
  dear: fc.boolean(),
  says: fc.constantFrom(
    'nothing',
    'the truth',
    'the truth',
    'another amount',
    'other accounts',
    'another organisation',
  ),
});

const DEAR_PPM = 1_333_333n;

describe.each(await ledgerWays())('the ledger and its model agree on the $name engine, $title', ({ name, whole }) => {
  let engine: Engine;
  let desk: LedgerDesk;

  beforeAll(async () => {
    engine = await openEngine(name, { fsync: false });
    desk = new LedgerDesk(engine.store, { whole });
  });

  afterAll(async () => {
    expect(await desk.books.verify()).toMatchObject({ wrong: [] });
    await desk.ledger.stop();
    await engine[Symbol.asyncDispose]();
  });

  const granted = new Map<string, GrantedHold>();

  const levels = async () => {
    const made = await Promise.all([
      desk.account({ hard: nano(200n), soft: nano(100n) }),
      desk.account({ hard: nano(90n), period: 'day' }, 'ann'),
      desk.account({ credit: true, soft: nano(10n) }),
      desk.account({ soft: nano(5n) }),
    ]);
    const credit = made[2];
    if (credit === undefined) throw new Error('four levels were made');
    await desk.books.topUp({ ...desk.booking(unique('top_up'), 120n), account: credit, paid: nano(100n) });
    return { accounts: made, credit };
  };

  const carryOut = async (ledger: Ledger, accounts: readonly AccountRef[], given: Step, holdId: string) => {
    if (given.what !== 'take') return ledger.settle(settleOrder(accounts, given, holdId, granted.get(holdId)));
    const order = holdOrder(accounts, given, holdId);
    const verdict = await ledger.take(order);
    if ('granted' in verdict && !granted.has(holdId)) {
      granted.set(holdId, { organisation: order.organisation, accounts: order.accounts, amount: verdict.granted });
    }
    return verdict;
  };

  test('whatever comes, in whatever order and however often', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        const { accounts, credit } = await levels();
        const model = new MemoryLedger();
        model.credit(credit, nano(120n));
        const ids = Array.from({ length: 6 }, () => unique('call'));
        for (const given of steps) {
          const holdId = ids[given.hold] ?? '';
          const [answered, expected] = await Promise.all([
            carryOut(desk.ledger, accounts, given, holdId),
            carryOut(model, accounts, given, holdId),
          ]);
          expect(answered).toEqual(expected);
        }
        expect(await desk.balances(...accounts)).toEqual(
          accounts.map((account) => balanceOrNone(model, account, steps, accounts)),
        );
      }),
      { numRuns: 60 },
    );
  });
});

function holdOrder(accounts: readonly AccountRef[], given: Step, holdId: string): HoldOrder {
  const { wanted, leastShare, dear } = given;
  const named = accounts.filter((_, index) => (given.levels & (1 << index)) !== 0);
  return {
    holdId,
    organisation: 'org_1',
    project: 'proj_1',
    keyId: 'key_1',
    accounts: named.map((account) => (dear && account.budget.credit ? { ...account, ratePpm: DEAR_PPM } : account)),
    wanted: nano(wanted),
    least: nano((wanted * leastShare) / 10n),
    at: DESK_NOW,
    resolveBy: DESK_NOW + 1,
  };
}

function settleOrder(
  accounts: readonly AccountRef[],
  given: Step,
  holdId: string,
  granted: GrantedHold | undefined,
): SettleOrder {
  const credit = accounts.find(({ budget }) => budget.credit);
  const ratesPpm = given.dear && credit !== undefined ? { [credit.budget.id]: DEAR_PPM } : undefined;
  const lines = given.amounts.map(
    (amount, index): ChargeLine => ({
      attempt: index + 1,
      provider: 'sim',
      model: 'fast',
      amount: nano(amount),
      usageSource: 'provider',
      ...(ratesPpm === undefined ? {} : { ratesPpm }),
    }),
  );
  const said = granted && claim(granted, given, accounts);
  return {
    holdId,
    at: DESK_NOW,
    lines: given.what === 'release' ? [] : lines,
    ...(said === undefined ? {} : { granted: said }),
  };
}

function claim(granted: GrantedHold, { says }: Step, accounts: readonly AccountRef[]): GrantedHold | undefined {
  switch (says) {
    case 'nothing':
      return undefined;
    case 'the truth':
      return granted;
    case 'another amount':
      return { ...granted, amount: nano(granted.amount + 1n) };
    case 'other accounts':
      return { ...granted, accounts: accounts.slice(0, granted.accounts.length === accounts.length ? 1 : undefined) };
    case 'another organisation':
      return { ...granted, organisation: 'org_2' };
  }
}

/** The store makes an account when an order first names it; the model cannot tell that from an empty one. */
function balanceOrNone(
  model: MemoryLedger,
  account: AccountRef,
  steps: readonly Step[],
  accounts: readonly AccountRef[],
) {
  const bit = 1 << accounts.indexOf(account);
  const named = account.budget.credit || steps.some(({ what, levels }) => what === 'take' && (levels & bit) !== 0);
  return named ? model.balance(account) : undefined;
}
