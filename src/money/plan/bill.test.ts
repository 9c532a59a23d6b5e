import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nano } from '../../kernel/amounts.ts';
import { type Bill, billOf } from './bill.ts';
import { compare, roundedUp, times, whole } from './fraction.ts';
import type { PriceBook } from './plan.ts';
import { planSource } from './plan-source.ts';
import { readPlan } from './read-plan.ts';

const NO_BOOK: PriceBook = { priceOf: () => undefined, nearest: () => undefined };

/** A price list with one model: $1 a million tokens in, $0.10 of them cached, $10 out. */
const BOOK: PriceBook = {
  priceOf: (model, { input, cachedInput, output }) =>
    model === 'acme/large'
      ? {
          amount: nano((input - cachedInput) * 1_000n + cachedInput * 100n + output * 10_000n),
          outputPicoUsd: 10_000_000n,
        }
      : undefined,
  nearest: (model) => (model === 'acme/lage' ? 'acme/large' : undefined),
};

/** The bills of a plan and its scenarios, by their names. */
function bills(text: string, book = NO_BOOK): Record<string, Bill> {
  const { plans, problems } = readPlan(planSource('plan.yaml', text), book);
  expect(problems).toEqual([]);
  return Object.fromEntries(plans.map((plan) => [plan.name, billOf(plan)]));
}

function base(text: string, book?: PriceBook): Bill {
  const bill = bills(text, book)['base'];
  if (bill === undefined) throw new Error('no base');
  return bill;
}

const USD = 1_000_000_000n;
const SUPPORT = `
traffic: { users: 500000, active: 20%, success: 90% }
routes:
  assistant: { calls: 6, price: $0.008 }
`;

describe('the worked examples, exactly', () => {
  test('a clip is the sum of its four steps', () => {
    const bill = base(`
traffic: { tasks_per_month: 1 }
routes:
  clip:
    steps:
      - { name: image, price: 0.035 }
      - { name: image to video, price: 0.150 }
      - { name: speech, price: 0.100 }
      - { name: editing, price: 0.140 }
`);
    expect(bill.fees).toBe(425_000_000n);
    expect(bill.perTask).toBe(425_000_000n);
  });

  test.each([
    ['0.025', 375_000_000n],
    ['0.0672', 1_008_000_000n],
    ['0.08', 1_200_000_000n],
    ['0.12', 1_800_000_000n],
  ])('15 s of video at $%s a second', (price, amount) => {
    const text = `
traffic: { tasks_per_month: 1 }
routes: { video: { price: ${price}, units: 15, unit: second } }`;
    expect(base(text).fees).toBe(amount);
  });

  test('500,000 users × 20 % × 6 calls × $0.008, and a task that succeeds', () => {
    const bill = base(SUPPORT);
    expect(bill.fees).toBe(4_800n * USD);
    expect(bill.perTask).toBe(48_000_000n);
    // 4,800 ÷ (100,000 sessions × 1 task × 90 %) = 0.05333…
    expect(bill.perSuccessfulTask).toBe(53_333_334n);
  });

  test('2 % of the calls made once more, and the same grown to 60 % and 12 calls', () => {
    const both = bills(`${SUPPORT}
scenarios:
  retried: { retries: 2% }
  grown: { traffic: { active: 60% }, routes: { assistant: { calls: 12 } } }
`);
    expect(both['base']?.fees).toBe(4_800n * USD);
    expect(both['retried']?.fees).toBe(4_896n * USD);
    expect(both['grown']?.fees).toBe(28_800n * USD);
  });

  test('fees of $4,800 that are 40 % of the whole make $12,000', () => {
    const { totalCost } = base(`${SUPPORT}
total_cost: { shares: { fees: 40%, engineering: 30%, infrastructure: 15%, operations: 15% } }`);
    expect(totalCost.amount).toBe(12_000n * USD);
    expect(totalCost.parts.map(({ amount }) => amount)).toEqual([4_800n, 3_600n, 1_800n, 1_800n].map((n) => n * USD));
    expect(totalCost.assumed).toBe(false);
    // The same shares are shipped, and said to be assumed.
    expect(base(SUPPORT).totalCost).toMatchObject({ amount: 12_000n * USD, assumed: true });
  });

  test.each([
    ['0.15', 12_480n],
    ['0.425', 4_405n],
    ['0.008', 234_000n],
  ])('a GPU at $2.60 an hour against calls of $%s', (price, calls) => {
    const { gpu } = base(`
traffic: { tasks_per_month: 1 }
routes: { only: { price: ${price} } }
gpu: { price_per_hour: $2.60 }`);
    expect(gpu).toMatchObject({ monthly: 1_872n * USD, breakEven: [{ of: 'only', calls }] });
  });
});

describe('tiers', () => {
  const tiers = (split: string) =>
    base(`
traffic: { tasks_per_month: 1000 }
routes:
  answer:
    ${split}
    tiers: { cheap: { price: 0.001 }, middle: { price: 0.01 }, frontier: { price: 0.1 } }`);

  test('are shipped as 65 / 25 / 10 %', () => {
    const { lines, premium, fees } = tiers('');
    expect(lines.map(({ tier, calls }) => [tier, roundedUp(calls)])).toEqual([
      ['cheap', 650n],
      ['middle', 250n],
      ['frontier', 100n],
    ]);
    expect(fees).toBe(650_000_000n + 2_500_000_000n + 10_000_000_000n);
    expect(premium.reached).toBe(false);
    expect(roundedUp(times(premium.ofCalls, whole(1_000n)))).toBe(100n);
  });

  test.each([
    ['split: 60/25.0001/14.9999', false],
    ['split: 60/25/15', true],
    ['split: { cheap: 10%, frontier: 90% }', true],
  ])('a premium share of 15 %% is said: %s', (split, reached) => {
    expect(tiers(split).premium.reached).toBe(reached);
  });

  test('of one route are said, whatever the others send elsewhere', () => {
    const { premium } = base(`
traffic: { tasks_per_month: 1000 }
routes:
  answer: { split: 60/25/15, tiers: { cheap: { price: 1 }, middle: { price: 2 }, frontier: { price: 3 } } }
  search: { price: 0.001, tier: cheap }`);
    expect(premium).toMatchObject({ reached: false, routes: ['answer'] });
  });

  test('of a model are those of its output price where nobody says', () => {
    const { lines, premium } = base(
      `
traffic: { tasks_per_month: 1 }
routes: { answer: { model: acme/large, tokens: { input: 1000, cached_input: 40%, output: 100 } } }`,
      BOOK,
    );
    expect(lines).toMatchObject([{ tier: 'frontier', amount: 600_000n + 40_000n + 1_000_000n }]);
    expect(premium.reached).toBe(true);
  });
});

test('cache hits are not paid for, retries are, and both can be said of one route', () => {
  const { lines } = base(`
traffic: { tasks_per_month: 1000 }
cache_hits: 25%
retries: 10%
routes:
  one: { price: 0.01 }
  other: { price: 0.01, cache_hits: 0%, retries: 0% }`);
  expect(lines.map(({ calls }) => roundedUp(calls))).toEqual([825n, 1_000n]);
});

test('volumes can be of a task, a session or a month, and times multiplies them all', () => {
  const text = (factor: number) => `
traffic: { users: 10, tasks_per_session: 3, times: ${factor} }
routes:
  task: { calls: 2, price: 1 }
  session: { calls_per_session: 2, price: 1 }
  month: { calls_per_month: 7, price: 1 }`;
  expect(base(text(1)).lines.map(({ amount }) => amount)).toEqual([60n * USD, 20n * USD, 7n * USD]);
  expect(base(text(2)).lines.map(({ amount }) => amount)).toEqual([120n * USD, 40n * USD, 14n * USD]);
});

test("a plan's own prices come before those of the price book", () => {
  const text = `
traffic: { tasks_per_month: 1 }
prices: { acme/large: { input_usd_per_million: 3.00, cached_input_usd_per_million: 0.30, output_usd_per_million: 15 } }
routes: { answer: { model: acme/large, tokens: { input: 1000, cached_input: 500, output: 10 } } }`;
  expect(base(text, BOOK).fees).toBe(1_500_000n + 150_000n + 150_000n);
});

test('a GPU that cannot serve the break-even never pays, and a plan that needs several says how many', () => {
  const { gpu } = base(`
traffic: { tasks_per_month: 300000 }
routes: { only: { price: 0.008 }, free: { price: 0 } }
gpu: { price_per_hour: 2.60, calls_per_hour: 300 }`);
  // 300 × 720 = 216,000 calls a month, and 234,000 would have to come.
  expect(gpu).toMatchObject({ capacity: 216_000n, needed: 3n, forPlan: 5_616n * USD });
  expect(gpu?.breakEven.map(({ calls }) => calls)).toEqual([undefined, undefined, undefined]);
});

test('costs beside the fees can be amounts', () => {
  const { totalCost } = base(`${SUPPORT}\ntotal_cost: { amounts: { people: 10000, hosting: $200.50 } }`);
  expect(totalCost.amount).toBe(15_000_500_000_000n);
});

test('whatever the numbers: lines add up to the fees, parts to the whole, and a break-even is the least', () => {
  const percent = fc.integer({ min: 0, max: 10_000 }).map((value) => `${value / 100}%`);
  const price = fc.integer({ min: 1, max: 10 ** 9 }).map((value) => (value / 10 ** 9).toFixed(9));
  fc.assert(
    fc.property(
      fc.record({
        users: fc.integer({ min: 1, max: 10 ** 9 }),
        active: percent,
        retries: percent,
        hits: percent,
        price,
      }),
      ({ users, active, retries, hits, price: of }) => {
        const bill = base(`
traffic: { users: ${users}, active: ${active}, success: 73.5% }
retries: ${retries}
cache_hits: ${hits}
routes:
  flat: { calls: 1.5, price: ${of} }
  split: { tiers: { cheap: { price: ${of} }, middle: { price: 0.01 }, frontier: { price: 0.1, units: 2 } } }
gpu: { price_per_hour: 2.60 }`);
        expect(bill.lines.reduce((total, { amount }) => total + amount, 0n)).toBe(bill.fees);
        expect(bill.totalCost.parts.reduce((total, { amount }) => total + amount, 0n)).toBe(bill.totalCost.amount);
        for (const line of bill.lines) {
          // Rounded up, by less than one nano-USD.
          const exact = times(line.calls, whole(line.callCost));
          expect(compare(exact, whole(line.amount))).toBeLessThanOrEqual(0);
          expect(compare(whole(line.amount - 1n), exact)).toBeLessThan(0);
        }
        for (const { callCost, calls = 0n } of bill.gpu?.breakEven ?? []) {
          expect(compare(times(callCost, whole(calls)), whole(1_872n * USD))).toBeGreaterThanOrEqual(0);
          expect(compare(times(callCost, whole(calls - 1n)), whole(1_872n * USD))).toBeLessThan(0);
        }
      },
    ),
    { numRuns: 200 },
  );
});
