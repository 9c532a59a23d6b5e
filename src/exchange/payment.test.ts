import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type NanoUsd, nano, pico } from '../kernel/amounts.ts';
import { GatewayError } from '../kernel/errors.ts';
import type { ChargePolicy, Hold, Purse } from '../money/hold.ts';
import type { ChargeLine, Settlement } from '../money/ledger.ts';
import { costOf, type PriceSheet } from '../money/price-sheet.ts';
import { DEFAULT_ROUTE_POLICIES, DEFAULT_TARGET_POLICIES, type RoutePolicies } from '../protocol/policy.ts';
import type { Plan, PlannedTarget, ProviderHandle } from '../routing/target.ts';
import type { RequestMeasure } from './dialect.ts';
import { Payment } from './payment.ts';

/** Money that is a number: grants what is left when it is at least the least, as a ledger does. */
class PlainPurse implements Purse {
  readonly capped: boolean;
  left: bigint;
  readonly taken: { readonly wanted: NanoUsd; readonly least: NanoUsd }[] = [];
  readonly settled: (readonly ChargeLine[])[] = [];
  held = 0n;
  /** Resolves before a hold is taken. */
  gate: Promise<void> = Promise.resolve();
  failing: GatewayError | undefined;

  constructor(left: bigint, capped = true) {
    this.left = left;
    this.capped = capped;
  }

  async take(wanted: NanoUsd, least: NanoUsd): Promise<Hold> {
    expect(least <= wanted).toBe(true);
    this.taken.push({ wanted, least });
    await this.gate;
    if (this.failing !== undefined) throw this.failing;
    if (this.left < least) throw new GatewayError('budget_exceeded', { message: 'short' });
    const amount = nano(this.left < wanted ? this.left : wanted);
    this.left -= amount;
    this.held += amount;
    return {
      amount,
      settle: async (lines) => {
        this.settled.push(lines);
        this.held -= amount;
        return SETTLED;
      },
    };
  }
}

const SETTLED: Settlement = {
  found: true,
  first: true,
  charged: nano(0n),
  overrun: nano(0n),
  remaining: undefined,
  passed: [],
};

interface TargetFacts {
  readonly name?: string;
  /** Pico-USD a token; absent: no price. */
  readonly input?: bigint;
  readonly output?: bigint;
  readonly cacheWrite?: bigint | undefined;
  readonly outputMax?: number | undefined;
  readonly window?: number | undefined;
}

function sheetOf({ input, output, cacheWrite }: TargetFacts): PriceSheet | undefined {
  if (input === undefined && output === undefined) return undefined;
  const rate = (picoUsd: bigint | undefined) =>
    picoUsd === undefined ? undefined : { picoUsd: pico(picoUsd), per: 1n, tiers: [] };
  const tokens = { input: rate(input), output: rate(output), cacheWrite: rate(cacheWrite) };
  return {
    version: 'v',
    tokens: Object.fromEntries(Object.entries(tokens).filter(([, value]) => value !== undefined)),
  };
}

function targetOf(facts: TargetFacts): PlannedTarget {
  const limits = {
    ...(facts.outputMax === undefined ? {} : { maxOutputTokens: facts.outputMax }),
    ...(facts.window === undefined ? {} : { contextWindow: facts.window }),
  };
  const provider = { name: facts.name ?? 'up', sheetOf: () => sheetOf(facts), limitsOf: () => limits };
  // The rest of a provider is of no interest to money.
  return {
    provider: provider as unknown as ProviderHandle,
    model: 'm',
    credential: undefined,
    reason: 'only',
    policies: DEFAULT_TARGET_POLICIES,
    timeouts: { streamHeadMs: 1_000, headMs: 1_000, firstTokenMs: 1_000, idleMs: 1_000 },
  };
}

/** No target of it is tried twice. */
function planOf(targets: readonly TargetFacts[], attemptsMax = targets.length): Plan {
  const policies: RoutePolicies = { on: {}, degrade: [] };
  return { route: 'r', targets: targets.map(targetOf), attemptsMax, totalMs: 1_000, policies };
}

interface Brief {
  readonly purse?: PlainPurse | undefined;
  readonly maxCost?: bigint;
  readonly policy?: ChargePolicy;
  readonly asked?: number | undefined;
  readonly counted?: number;
  readonly noOutput?: boolean;
  readonly measure?: Partial<RequestMeasure>;
}

function paymentOf(brief: Brief): Payment {
  const { maxCost, policy = 'winner_only', counted } = brief;
  const counts = counted === undefined ? undefined : [counted];
  return new Payment(
    {
      purse: brief.purse,
      maxCost: maxCost === undefined ? undefined : nano(maxCost),
      policy,
      tokens: { count: () => Promise.resolve(counts ?? [0]), exactly: () => Promise.resolve(counts) },
      output: brief.noOutput === true ? undefined : { asked: brief.asked },
    },
    {
      inputTokensMax: 1_000,
      otherTokensMax: 0,
      choices: 1,
      text: () => 'text',
      prompt: () => ({ texts: [], otherTokens: 0 }),
      ...brief.measure,
    },
  );
}

function line(attempt: number, amount: bigint): ChargeLine {
  return { attempt, provider: 'up', model: 'm', amount: nano(amount), usageSource: 'provider' };
}

const CHEAP: TargetFacts = { name: 'cheap', input: 1_000n, output: 2_000n };
const DEAR: TargetFacts = { name: 'dear', input: 5_000n, output: 20_000n };

describe('the hold', () => {
  test('is the dearest target’s most, where the winner alone is charged', async () => {
    const purse = new PlainPurse(10n ** 9n);
    const payment = paymentOf({ purse, asked: 100 });
    await payment.begin(planOf([CHEAP, DEAR]));
    expect(payment.held).toBe(5n * 1_000n + 20n * 100n);
  });

  test('is all that may be tried together, where each attempt is charged: no more than attempts are made', async () => {
    const purse = new PlainPurse(10n ** 9n);
    const payment = paymentOf({ purse, asked: 100, policy: 'all_attempts' });
    await payment.begin(planOf([CHEAP, DEAR, DEAR], 2));
    expect(payment.held).toBe(2n * 7_000n);
  });

  test('keeps the prices that it was reckoned by: a target is priced by them, whatever its prices are by then', async () => {
    const plan = planOf([CHEAP, DEAR]);
    const payment = paymentOf({ purse: new PlainPurse(10n ** 9n), asked: 100 });
    await payment.begin(plan);
    for (const target of plan.targets) {
      const sheet = payment.sheetFor(target);
      // Each question makes a new sheet, as a change of prices does.
      expect(sheet).not.toBe(target.provider.sheetOf('m'));
      expect(sheet).toBe(payment.sheetFor({ ...target, reason: 'after another failed' }));
    }
  });

  test('covers input at its dearest class, and every choice', async () => {
    const purse = new PlainPurse(10n ** 9n);
    const payment = paymentOf({ purse, asked: 10, measure: { choices: 3 } });
    await payment.begin(planOf([{ ...CHEAP, cacheWrite: 1_250n }]));
    expect(payment.held).toBe(1_250n + 2n * 10n * 3n);
  });

  test('covers a predicted answer as output', async () => {
    const purse = new PlainPurse(10n ** 9n);
    const payment = paymentOf({ purse, asked: 10, measure: { predictedTokensMax: 500 } });
    await payment.begin(planOf([CHEAP]));
    expect(payment.held).toBe(1_000n + 2n * 510n);
  });

  test('takes the model’s own limit where the client sets none, and leaves the request alone', async () => {
    const purse = new PlainPurse(10n ** 9n);
    const payment = paymentOf({ purse });
    const plan = await payment.begin(planOf([{ ...CHEAP, outputMax: 4_096 }]));
    expect(payment.held).toBe(1_000n + 2n * 4_096n);
    expect(plan.targets.map((target) => [payment.outputTokensFor(target), payment.clampedTo(target)])).toEqual([
      [undefined, undefined],
    ]);
  });

  test('sets a bound of its own where neither client nor model has one, and says so', async () => {
    const purse = new PlainPurse(10n ** 9n);
    const payment = paymentOf({ purse });
    const plan = await payment.begin(planOf([CHEAP]));
    const [target] = plan.targets;
    expect(payment.held).toBe(1_000n + 2n * 16_384n);
    expect(target && [payment.outputTokensFor(target), payment.clampedTo(target)]).toEqual([16_384, 16_384]);
  });

  test('is no more than the window for what has no bound, and refused where there is no window', async () => {
    const purse = new PlainPurse(10n ** 9n);
    const payment = paymentOf({ purse, asked: 10, measure: { unbounded: 'file' } });
    await payment.begin(planOf([{ ...CHEAP, window: 8_000 }]));
    expect(payment.held).toBe(8_000n + 20n);
    const without = paymentOf({ purse, asked: 10, measure: { unbounded: 'file' } });
    await expect(without.begin(planOf([CHEAP]))).rejects.toMatchObject({
      code: 'unsupported_parameter',
      param: 'file',
    });
  });

  test('is nothing for what is free, and needs no bound', async () => {
    const purse = new PlainPurse(0n);
    const payment = paymentOf({ purse });
    const plan = await payment.begin(planOf([{ input: 0n, output: 0n }]));
    expect(payment.held).toBe(0n);
    expect(plan.targets.map((target) => payment.outputTokensFor(target))).toEqual([undefined]);
  });

  test('of embeddings needs no price of an output that they do not have', async () => {
    const purse = new PlainPurse(10n ** 9n);
    const payment = paymentOf({ purse, noOutput: true });
    const plan = await payment.begin(planOf([{ input: 1_000n }]));
    expect(payment.held).toBe(1_000n);
    expect(plan.targets.map((target) => payment.outputTokensFor(target))).toEqual([undefined]);
    const short = paymentOf({ purse: new PlainPurse(100n), noOutput: true, counted: 500 });
    await expect(short.begin(planOf([{ input: 1_000n }]))).rejects.toMatchObject({ code: 'budget_exceeded' });
  });

  test('is a mere note for who has budgets without a cap: nothing is bounded, nothing refused', async () => {
    const purse = new PlainPurse(0n, false);
    const payment = paymentOf({ purse, measure: { hostedTool: 'web_search', unbounded: 'file' } });
    const plan = planOf([{}]);
    expect(await payment.begin(plan)).toBe(plan);
    expect(purse.taken).toEqual([{ wanted: 0n, least: 0n }]);
    expect(payment.held).toBeUndefined();
    expect(payment.charge({}, plan.targets[0] as PlannedTarget, true)).toEqual({
      amount: undefined,
      source: undefined,
      overrun: false,
    });
  });
});

describe('a target without a price', () => {
  test('is left out, and the others are tried', async () => {
    const payment = paymentOf({ purse: new PlainPurse(10n ** 9n), asked: 10 });
    const plan = await payment.begin(planOf([{ name: 'unpriced' }, CHEAP]));
    expect(plan.targets.map(({ provider }) => provider.name)).toEqual(['cheap']);
  });

  test('refuses the call where there is no other, whether a cap or the client’s limit asks for it', async () => {
    const capped = paymentOf({ purse: new PlainPurse(10n ** 9n), asked: 10 });
    await expect(capped.begin(planOf([{ name: 'unpriced' }]))).rejects.toMatchObject({
      code: 'price_unknown',
      message: expect.stringMatching(/This key has a cap.*unpriced\/m/),
    });
    const limited = paymentOf({ maxCost: 10n ** 9n, asked: 10 });
    await expect(limited.begin(planOf([{ name: 'unpriced' }]))).rejects.toMatchObject({
      code: 'price_unknown',
      message: expect.stringMatching(/x-leeward-max-cost/),
    });
  });

  test('a tool that the provider runs has no bound', async () => {
    const purse = new PlainPurse(10n ** 9n);
    const payment = paymentOf({ purse, asked: 10, measure: { hostedTool: 'web_search' } });
    await expect(payment.begin(planOf([CHEAP]))).rejects.toMatchObject({ code: 'unsupported_parameter' });
    expect(purse.taken).toEqual([]);
  });
});

describe('where the money is short', () => {
  test('tokens are counted, and the answer is clamped to what is left', async () => {
    const purse = new PlainPurse(1_000n);
    const payment = paymentOf({ purse, asked: 1_000, counted: 100 });
    const plan = await payment.begin(planOf([CHEAP]));
    // 100 × 1.1 + 32 tokens of input leave 858 nano-USD for output at 2.
    expect(purse.taken[1]).toEqual({ wanted: 142n + 2_000n, least: 142n + 32n });
    const [target] = plan.targets;
    expect(target && [payment.outputTokensFor(target), payment.clampedTo(target)]).toEqual([429, 429]);
    expect([payment.held, purse.left]).toEqual([1_000n, 0n]);
  });

  test('what is not text is added to the count', async () => {
    const purse = new PlainPurse(1_000n);
    const payment = paymentOf({ purse, asked: 1_000, counted: 100, measure: { otherTokensMax: 400 } });
    await payment.begin(planOf([CHEAP]));
    expect(purse.taken[1]?.least).toBe(542n + 32n);
  });

  test('nothing but bytes bounds the input where tokens cannot be counted: an estimate is no bound', async () => {
    const purse = new PlainPurse(1_040n);
    const payment = paymentOf({ purse, asked: 1_000 });
    await payment.begin(planOf([CHEAP]));
    expect(purse.taken[1]).toEqual({ wanted: 3_000n, least: 1_032n });
  });

  test('fewer than 16 tokens are refused, unless fewer were asked for', async () => {
    const refused = paymentOf({ purse: new PlainPurse(142n + 31n), asked: 1_000, counted: 100 });
    await expect(refused.begin(planOf([CHEAP]))).rejects.toMatchObject({ code: 'budget_exceeded' });
    const payment = paymentOf({ purse: new PlainPurse(142n + 31n), asked: 3, counted: 100 });
    const plan = await payment.begin(planOf([CHEAP]));
    expect(plan.targets.map((target) => [payment.outputTokensFor(target), payment.clampedTo(target)])).toEqual([
      [3, undefined],
    ]);
  });

  test('the client’s own limit clamps as a budget does, with or without one', async () => {
    for (const purse of [undefined, new PlainPurse(10n ** 9n), new PlainPurse(10n ** 9n, false)]) {
      const payment = paymentOf({ purse, maxCost: 1_000n, asked: 1_000, counted: 100 });
      const plan = await payment.begin(planOf([CHEAP]));
      expect(plan.targets.map((target) => payment.outputTokensFor(target))).toEqual([429]);
    }
    const payment = paymentOf({ maxCost: 100n, asked: 1_000, counted: 100 });
    await expect(payment.begin(planOf([CHEAP]))).rejects.toMatchObject({
      code: 'budget_exceeded',
      param: 'x-leeward-max-cost',
      details: { scope: 'request', limit_usd: '0.0000001', needed_usd: '0.000000174' },
    });
  });

  test('no target is told more than its model can say', async () => {
    const payment = paymentOf({
      purse: new PlainPurse(2_000_000n),
      policy: 'all_attempts',
      measure: { inputTokensMax: 0 },
    });
    const targets = [
      { name: 'a', input: 0n, output: 1_000n, outputMax: 1_000_000 },
      { name: 'b', input: 0n, output: 1_500_000n, outputMax: 1_000 },
    ];
    const plan = await payment.begin(planOf(targets));
    // The second one costs 1,500,000 whatever the first one says: the rest is the first one's.
    expect(plan.targets.map((target) => payment.outputTokensFor(target))).toEqual([500_000, undefined]);
  });
});

const target = fc.record({
  name: fc.constantFrom('a', 'b', 'c'),
  input: fc.bigInt({ min: 0n, max: 10n ** 7n }),
  output: fc.bigInt({ min: 0n, max: 10n ** 8n }),
  cacheWrite: fc.option(fc.bigInt({ min: 0n, max: 2n * 10n ** 7n }), { nil: undefined }),
  outputMax: fc.option(fc.integer({ min: 1, max: 20_000 }), { nil: undefined }),
  window: fc.option(fc.integer({ min: 5_000, max: 9_000 }), { nil: undefined }),
});

test('whatever a call uses within its bounds is charged no more than its hold, on each target, by either policy', async () => {
  let clamped = 0;
  let held = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        targets: fc.uniqueArray(target, { minLength: 1, maxLength: 3, selector: ({ name }) => name }),
        attempts: fc.integer({ min: 1, max: 3 }),
        policy: fc.constantFrom<ChargePolicy>('winner_only', 'all_attempts'),
        asked: fc.option(fc.integer({ min: 1, max: 5_000 }), { nil: undefined }),
        choices: fc.integer({ min: 1, max: 4 }),
        left: fc.bigInt({ min: 0n, max: 10n ** 8n }),
        counted: fc.integer({ min: 0, max: 3_000 }),
        usedPpm: fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 9, maxLength: 9 }),
      }),
      async ({ targets, attempts, policy, asked, choices, left, counted, usedPpm }) => {
        const purse = new PlainPurse(left);
        const measure = { inputTokensMax: 4_000, choices };
        const payment = paymentOf({ purse, policy, asked, counted, measure });
        const plan = planOf(targets, Math.min(attempts, targets.length));
        const begun = await payment.begin(plan).catch((thrown: unknown) => thrown);
        if (begun instanceof GatewayError) {
          expect([begun.code, purse.held, purse.left]).toEqual(['budget_exceeded', 0n, left]);
          return;
        }
        held++;
        const amount = payment.held ?? -1n;
        expect(amount <= left).toBe(true);
        // Bytes bound the input where they were paid for, a count where it was asked for.
        const inputMax = purse.taken.length === 1 ? 4_000 : Math.min(4_000, Math.ceil(counted * 1.1) + 32);
        const tried = plan.targets.slice(0, plan.attemptsMax);
        let spent = 0n;
        let overrun = false;
        for (const [n, each] of tried.entries()) {
          const limit = each.provider.limitsOf('m')?.maxOutputTokens;
          const bound = payment.outputTokensFor(each);
          const free = targets[n]?.output === 0n;
          const outputMax = bound ?? (free ? 100_000 : limit);
          expect(outputMax).toBeDefined();
          if (asked !== undefined && bound !== undefined) expect(bound).toBeLessThanOrEqual(asked);
          if (payment.clampedTo(each) !== undefined && asked !== undefined) clamped++;
          const part = (at: number, most: number) => Math.floor(((usedPpm[n * 3 + at] ?? 0) * most) / 1_000_000);
          const inputTokens = part(0, inputMax);
          const usage = {
            inputTokens,
            cacheWriteTokens: part(1, inputTokens),
            outputTokens: part(2, (outputMax ?? 0) * choices),
          };
          const cost = costOf(each.provider.sheetOf('m'), usage);
          const last = n === tried.length - 1;
          const charge = payment.charge(
            { usage, source: 'provider', ...(cost === undefined ? {} : { cost }) },
            each,
            last,
          );
          spent += charge.amount ?? 0n;
          overrun ||= charge.overrun;
        }
        expect(spent <= amount).toBe(true);
        expect(overrun).toBe(false);
      },
    ),
    { numRuns: 1_500 },
  );
  expect(held).toBeGreaterThan(300);
  expect(clamped).toBeGreaterThan(20);
});

describe('charges', () => {
  test('of attempts before the last are nothing, where the winner alone is charged', async () => {
    const payment = paymentOf({ purse: new PlainPurse(10n ** 9n), asked: 100 });
    const plan = await payment.begin(planOf([CHEAP, DEAR]));
    const [first, last] = plan.targets as [PlannedTarget, PlannedTarget];
    const metered = { source: 'provider', cost: nano(500n) } as const;
    expect(payment.charge(metered, first, false)).toEqual({ amount: 0n, source: 'provider', overrun: false });
    expect(payment.charge(metered, last, true)).toEqual({ amount: 500n, source: 'provider', overrun: false });
  });

  test('that nobody can tell are the most that the attempt can have cost, and no overrun', async () => {
    const payment = paymentOf({ purse: new PlainPurse(10n ** 9n), asked: 100, policy: 'all_attempts' });
    const plan = await payment.begin(planOf([CHEAP, DEAR]));
    const charges = plan.targets.map((each, n) => payment.charge({}, each, n === 1));
    expect(charges).toEqual([
      { amount: 1_200n, source: 'reserved', overrun: false },
      { amount: 7_000n, source: 'reserved', overrun: false },
    ]);
    expect(payment.held).toBe(8_200n);
  });

  test('of a target that may be tried again are held for as often as it may be', async () => {
    const payment = paymentOf({ purse: new PlainPurse(10n ** 9n), asked: 100, policy: 'all_attempts' });
    const plan = await payment.begin({ ...planOf([CHEAP, DEAR], 3), policies: DEFAULT_ROUTE_POLICIES });
    const [, dear] = plan.targets as [PlannedTarget, PlannedTarget];
    // The cheap one may be closed all the while.
    const charges = [false, false, true].map((last) => payment.charge({}, dear, last));
    expect(charges.map(({ amount, overrun }) => [amount, overrun])).toEqual(Array(3).fill([7_000n, false]));
    expect(payment.held).toBe(21_000n);
  });

  test('above the hold are whole, and an overrun, also where an earlier attempt is not booked yet', async () => {
    const payment = paymentOf({ purse: new PlainPurse(10n ** 9n), asked: 100, policy: 'all_attempts' });
    const plan = await payment.begin(planOf([CHEAP, DEAR]));
    const [first, last] = plan.targets as [PlannedTarget, PlannedTarget];
    expect(payment.charge({ source: 'provider', cost: nano(1_200n) }, first, false).overrun).toBe(false);
    expect(payment.charge({ source: 'provider', cost: nano(7_001n) }, last, true)).toEqual({
      amount: 7_001n,
      source: 'provider',
      overrun: true,
    });
  });
});

describe('settlement', () => {
  const isDone = async (promise: Promise<unknown>) =>
    (await Promise.race([promise.then(() => true), new Promise((done) => setImmediate(() => done(false)))])) === true;

  test('waits for the hold, for every line, and happens once', async () => {
    const purse = new PlainPurse(10n ** 9n);
    const opened = Promise.withResolvers<void>();
    purse.gate = opened.promise;
    const payment = paymentOf({ purse, asked: 10 });
    const beginning = payment.begin(planOf([CHEAP]));
    payment.expectLine();
    const settling = payment.settle();
    expect(payment.settle()).toBe(settling);
    payment.addLine(line(1, 5n));
    expect([await isDone(settling), purse.settled.length]).toEqual([false, 0]);
    opened.resolve();
    await beginning;
    expect(await settling).toBe(SETTLED);
    expect(purse.settled).toEqual([[line(1, 5n)]]);
    expect(await payment.settle()).toBe(SETTLED);
    expect([purse.settled.length, purse.held]).toEqual([1, 0n]);
  });

  test('with lines still to come waits for the last of them', async () => {
    const purse = new PlainPurse(10n ** 9n);
    const payment = paymentOf({ purse, asked: 10 });
    await payment.begin(planOf([CHEAP]));
    payment.expectLine();
    payment.expectLine();
    payment.addLine(line(2, 7n));
    const settling = payment.settle();
    expect(await isDone(settling)).toBe(false);
    payment.addLine(line(1, 0n));
    await settling;
    expect(purse.settled).toEqual([[line(2, 7n), line(1, 0n)]]);
  });

  test('of a call that made no attempt releases its hold', async () => {
    const purse = new PlainPurse(10n ** 9n);
    const payment = paymentOf({ purse, asked: 10 });
    await payment.begin(planOf([CHEAP]));
    await payment.settle();
    expect([purse.settled, purse.held]).toEqual([[[]], 0n]);
  });

  test.each([
    new GatewayError('budget_unavailable', { message: 'away' }),
    new GatewayError('budget_exceeded', { message: 'short' }),
  ])('of a call whose hold was refused with $code has nothing to do', async (failing) => {
    const purse = new PlainPurse(10n ** 9n);
    purse.failing = failing;
    const payment = paymentOf({ purse, asked: 10, counted: 1 });
    await expect(payment.begin(planOf([CHEAP]))).rejects.toBe(failing);
    expect(await payment.settle()).toBeUndefined();
    expect([purse.settled, payment.held]).toEqual([[], undefined]);
    // What the store cannot say is not asked again with other numbers.
    expect(purse.taken).toHaveLength(failing.code === 'budget_exceeded' ? 2 : 1);
  });

  test('leaves a hold open whose line could not be written: it counts until the next start reads the journal', async () => {
    const purse = new PlainPurse(10n ** 9n);
    const payment = paymentOf({ purse, asked: 10 });
    await payment.begin(planOf([CHEAP]));
    payment.expectLine();
    const settling = payment.settle();
    payment.leaveOpen();
    expect(await settling).toBeUndefined();
    expect(purse.settled).toEqual([]);
    expect(purse.held > 0n).toBe(true);
  });
});
