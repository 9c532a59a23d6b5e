import { describe, expect, test } from 'vitest';
import type { PriceBook } from './plan.ts';
import { nodeAt, overlaid } from './plan-node.ts';
import { planSource } from './plan-source.ts';
import { readPlan } from './read-plan.ts';

const BOOK: PriceBook = {
  priceOf: () => undefined,
  nearest: (model) => (model === 'openai/gpt-5-mni' ? 'openai/gpt-5-mini' : undefined),
};

function problems(text: string) {
  return readPlan(planSource('plan.yaml', text), BOOK).problems;
}

const ROUTES = '\nroutes: { only: { price: 1 } }';
const TRAFFIC = 'traffic: { users: 10 }\n';

describe('what cannot be is refused with its place, the field, the value and what is allowed', () => {
  test.each([
    [`traffic: { users: 10, active: 120% }${ROUTES}`, 'traffic.active', '120%', '0% to 100%'],
    [`traffic: { users: 10, active: 20 }${ROUTES}`, 'traffic.active', '20', 'written with its %'],
    [`traffic: { users: 10, active: -5% }${ROUTES}`, 'traffic.active', '-5%', '0% to 100%'],
    [`traffic: { users: -1 }${ROUTES}`, 'traffic.users', '-1', 'a number from 0'],
    [`traffic: { users: .nan }${ROUTES}`, 'traffic.users', '.nan', 'a number from 0'],
    [`traffic: { users: NaN }${ROUTES}`, 'traffic.users', 'NaN', 'a number from 0'],
    [`traffic: { users: .inf }${ROUTES}`, 'traffic.users', '.inf', 'a number from 0'],
    [`traffic: { users: 1e40 }${ROUTES}`, 'traffic.users', '1e40', 'a number from 0'],
    [`traffic: { users: [1] }${ROUTES}`, 'traffic.users', 'a list of 1', 'a number from 0'],
    [`traffic: { users: 10, success: 0% }${ROUTES}`, 'traffic.success', '0%', 'above 0%'],
    [`traffic: { users: 10, tasks_per_month: 5 }${ROUTES}`, 'traffic.users', '10', 'exclude each other'],
    [`${TRAFFIC}retries: 1001%${ROUTES}`, 'retries', '1001%', '1000%'],
    [`${TRAFFIC}retires: 2%${ROUTES}`, 'retires', undefined, 'not known here: retries?'],
    [`${TRAFFIC}routes: { only: { price: -1 } }`, 'routes.only.price', '-1', 'US dollars from 0'],
    [`${TRAFFIC}routes: { only: { price: 1 EUR } }`, 'routes.only.price', '1 EUR', 'US dollars'],
    [`${TRAFFIC}routes: { only: { price: 0.0000000000001 } }`, 'routes.only.price', '0.0000000000001', '12 decimals'],
    [`${TRAFFIC}routes: { only: {} }`, 'routes.only', undefined, 'priced: by price'],
    [`${TRAFFIC}routes: { only: 5 }`, 'routes.only', '5', 'a mapping'],
    [`${TRAFFIC}routes: { only: { price: 1, tier: best } }`, 'routes.only.tier', 'best', 'cheap, middle, frontier'],
    [`${TRAFFIC}routes: {}`, 'routes', 'a mapping', '1 to 200 routes'],
    [`${TRAFFIC}`, 'routes', undefined, '1 to 200 routes'],
    [`routes: { only: { calls: 2, price: 1 } }`, 'routes.only', 'a mapping', 'traffic.users'],
    [`${TRAFFIC}routes: { only: { steps: [] } }`, 'routes.only.steps', 'a list of 0', 'a list of 1 to 50'],
    [`${TRAFFIC}gpu: { price_per_hour: 0 }${ROUTES}`, 'gpu.price_per_hour', '0', 'above 0'],
    [
      `${TRAFFIC}total_cost: { shares: { fees: 50%, people: 40% } }${ROUTES}`,
      'total_cost.shares',
      'a mapping',
      'add up to 100%',
    ],
    [`${TRAFFIC}total_cost: { shares: { people: 100% } }${ROUTES}`, 'total_cost.shares.fees', undefined, 'above 0%'],
    [
      `${TRAFFIC}scenarios: { more: { traffic: { active: 101% } } }${ROUTES}`,
      'scenarios.more: traffic.active',
      '101%',
      '100%',
    ],
  ])('%s', (text, field, value, allowed) => {
    const found = problems(text);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ field, value, allowed: expect.stringContaining(allowed) });
    expect(found[0]?.place).toMatch(/^plan\.yaml:\d+$/);
  });

  test.each(['60/25/14', '60/25', '60/25/15/0', '100', '-10/60/50', 'a/b/c', '{ cheap: 60%, middle: 30% }'])(
    'a split that does not add up: %s',
    (split) => {
      const text = `${TRAFFIC}routes:
  only:
    split: ${split}
    tiers: { cheap: { price: 1 }, middle: { price: 2 }, frontier: { price: 3 } }`;
      expect(problems(text)).toMatchObject([
        { field: 'routes.only.split', allowed: expect.stringContaining('add up to 100%') },
      ]);
    },
  );

  test('a model without a price says so, names a likely one, and offers price:', () => {
    const text = `${TRAFFIC}routes: { only: { model: openai/gpt-5-mni, tokens: { input: 10 } } }`;
    expect(problems(text)).toMatchObject([
      {
        field: 'routes.only.model',
        value: 'openai/gpt-5-mni',
        allowed: 'a model with a known price as provider/model, or openai/gpt-5-mini; or give its "price:"',
      },
    ]);
  });

  test('every problem at once, each on its line', () => {
    const found = problems('traffic:\n  users: x\n  active: 101%\nretries: y\nroutes: { only: { price: z } }');
    expect(found.map(({ place, field }) => `${place} ${field}`)).toEqual([
      'plan.yaml:2 traffic.users',
      'plan.yaml:3 traffic.active',
      'plan.yaml:4 retries',
      'plan.yaml:5 routes.only.price',
    ]);
  });
});

test('what is laid over keeps its own place, and null takes a value back', () => {
  const below = planSource('plan.yaml', `${TRAFFIC}retries: 2%${ROUTES}`);
  const wrong = readPlan(overlaid(below, nodeAt('--active', ['traffic', 'active'], '200%')), BOOK);
  expect(wrong.problems).toMatchObject([{ place: '--active', field: 'traffic.active', value: '200%' }]);
  const { plans } = readPlan(overlaid(below, planSource('other.yaml', 'retries: ~')), BOOK);
  expect(plans[0]?.routes[0]?.retries).toEqual({ num: 0n, den: 1n });
});

test('a plan in JSON is read as the same in YAML is', () => {
  const json = '{"traffic":{"users":500000,"active":"20%"},"routes":{"only":{"calls":6,"price":0.008}}}';
  const yaml = 'traffic: { users: "500,000", active: 20 % }\nroutes: { only: { calls: 6, price: $0.008 } }';
  const read = (text: string) => readPlan(planSource('plan', text), BOOK);
  expect(read(json).problems).toEqual([]);
  expect(read(json)).toEqual(read(yaml));
});

test.each(['a: [', 'a: 1\na: 2', 'a: &x 1\nb: *x', `${'[ '.repeat(20)}1${' ]'.repeat(20)}`, 'x'.repeat(1_048_577)])(
  'a text that is no plan is refused in one line',
  (text) => {
    expect(() => planSource('plan.yaml', text)).toThrow(/^plan\.yaml.*write the plan as YAML or JSON$/);
  },
);
