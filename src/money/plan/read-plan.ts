import { compare, type Fraction, ONE, sum, times, ZERO } from './fraction.ts';
import type { GpuPlan, Plan, PlanProblem, PriceBook, TotalCostPlan, Traffic } from './plan.ts';
import { Fields } from './plan-fields.ts';
import { mappingOf, overlaid, type PlanNode, without } from './plan-node.ts';
import { COUNT, COUNT_ABOVE_ZERO, RATE, SHARE, SHARE_ABOVE_ZERO, USD, USD_ABOVE_ZERO } from './plan-number.ts';
import { readOwnPrices, usdRoundedUp } from './plan-prices.ts';
import { readRoutes } from './read-routes.ts';

const KEYS = ['name', 'traffic', 'retries', 'cache_hits', 'premium_from', 'prices', 'routes', 'total_cost', 'gpu'];
const TRAFFIC_KEYS = [
  'users',
  'active',
  'sessions_per_user',
  'tasks_per_session',
  'tasks_per_month',
  'success',
  'times',
];
const SCENARIOS_MAX = 20;

/** A share of calls on frontier models from which on a plan says so. */
const PREMIUM_FROM: Fraction = { num: 15n, den: 100n };
const GPU_HOURS: Fraction = { num: 720n, den: 1n };

/** What is assumed of the cost beside the providers' fees where a plan says nothing. */
const SHIPPED_SHARES = [
  ['fees', 40n],
  ['engineering', 30n],
  ['infrastructure', 15n],
  ['operations', 15n],
] as const;

/** The plan itself first, then its scenarios, each read as a plan of its own over the same base. */
export interface ReadPlan {
  readonly plans: readonly Plan[];
  /** When there are any, the plans are not to be used. */
  readonly problems: readonly PlanProblem[];
}

export function readPlan(root: PlanNode, book: PriceBook): ReadPlan {
  const problems: PlanProblem[] = [];
  const whole = new Fields(root, '', []);
  const base = without(root, 'scenarios');
  const plans = [readOne(base, 'base', book, problems)];
  const scenarios = new Fields(whole.node('scenarios'), 'scenarios', problems);
  if (scenarios.keys.length > SCENARIOS_MAX) scenarios.refuseWhole(`at most ${SCENARIOS_MAX}`);
  if (problems.length > 0) return { plans: [], problems };
  for (const name of scenarios.keys.slice(0, SCENARIOS_MAX)) {
    const changed = scenarios.node(name) ?? mappingOf('', []);
    const found: PlanProblem[] = [];
    // What the scenario alone cannot say: a plan of its own has no name of its own, and no scenarios.
    if (new Fields(changed, '', found).has('scenarios')) scenarios.refuse(name, 'without scenarios of its own');
    plans.push(readOne(overlaid(base, changed), name, book, found));
    problems.push(...found.map((problem) => ({ ...problem, field: `scenarios.${name}: ${problem.field}` })));
  }
  return { plans: problems.length > 0 ? [] : plans, problems };
}

function readOne(node: PlanNode, name: string, book: PriceBook, problems: PlanProblem[]): Plan {
  const plan = new Fields(without(node, 'scenarios'), '', problems, KEYS);
  plan.text('name');
  const { traffic, times } = readTraffic(plan);
  const routes = readRoutes(plan, readOwnPrices(plan.fields('prices'), book), {
    retries: (plan.has('retries') ? plan.number('retries', RATE) : undefined) ?? ZERO,
    cacheHits: (plan.has('cache_hits') ? plan.number('cache_hits', SHARE) : undefined) ?? ZERO,
  });
  for (const route of problems.length > 0 ? [] : routes) {
    if (route.volume.per === 'month') continue;
    const needed = route.volume.per === 'task' ? traffic : traffic?.sessions;
    if (needed !== undefined) continue;
    const missing = route.volume.per === 'task' ? 'users (or tasks_per_month)' : 'users';
    plan.fields('routes').refuse(route.name, `with calls_per_month, or the plan with traffic.${missing}`);
  }
  return {
    name,
    traffic,
    times,
    routes,
    totalCost: readTotalCost(plan),
    gpu: readGpu(plan),
    premiumFrom: (plan.has('premium_from') ? plan.number('premium_from', SHARE_ABOVE_ZERO) : undefined) ?? PREMIUM_FROM,
  };
}

function readTraffic(plan: Fields): { traffic: Traffic | undefined; times: Fraction } {
  const fields = plan.fields('traffic', TRAFFIC_KEYS);
  const factor = (fields.has('times') ? fields.number('times', COUNT) : undefined) ?? ONE;
  const success = (fields.has('success') ? fields.number('success', SHARE_ABOVE_ZERO) : undefined) ?? ONE;
  fields.onlyOne('tasks_per_month', 'users');
  if (fields.has('tasks_per_month')) {
    for (const key of ['active', 'sessions_per_user', 'tasks_per_session']) fields.onlyOne('tasks_per_month', key);
    const tasks = fields.number('tasks_per_month', COUNT_ABOVE_ZERO);
    return { traffic: tasks && { sessions: undefined, tasks: times(tasks, factor), success }, times: factor };
  }
  const users = fields.number('users', COUNT);
  const active = fields.has('active') ? fields.number('active', SHARE) : ONE;
  const perUser = fields.has('sessions_per_user') ? fields.number('sessions_per_user', COUNT) : ONE;
  const perSession = fields.has('tasks_per_session') ? fields.number('tasks_per_session', COUNT_ABOVE_ZERO) : ONE;
  if (users === undefined || active === undefined || perUser === undefined || perSession === undefined) {
    return { traffic: undefined, times: factor };
  }
  const sessions = times(users, active, perUser, factor);
  return { traffic: { sessions, tasks: times(sessions, perSession), success }, times: factor };
}

function readGpu(plan: Fields): GpuPlan | undefined {
  if (!plan.has('gpu')) return undefined;
  const fields = plan.fields('gpu', ['price_per_hour', 'hours', 'calls_per_hour']);
  if (!fields.has('price_per_hour')) fields.refuse('price_per_hour', USD_ABOVE_ZERO.allowed);
  const perHour = fields.number('price_per_hour', USD_ABOVE_ZERO);
  const hours = fields.has('hours') ? fields.number('hours', COUNT_ABOVE_ZERO) : GPU_HOURS;
  const callsPerHour = fields.number('calls_per_hour', COUNT_ABOVE_ZERO);
  return perHour && hours && { perHour, hours, callsPerHour };
}

function readTotalCost(plan: Fields): TotalCostPlan {
  const percent = (value: bigint) => ({ num: value, den: 100n });
  const [fees, ...others] = SHIPPED_SHARES;
  const shipped: TotalCostPlan = {
    kind: 'shares',
    assumed: true,
    fees: percent(fees[1]),
    others: others.map(([name, share]) => ({ name, share: percent(share) })),
  };
  const fields = plan.fields('total_cost', ['shares', 'amounts']);
  fields.onlyOne('shares', 'amounts');
  if (fields.has('amounts')) {
    const amounts = fields.fields('amounts');
    const named = amounts.keys.map((name) => ({ name, amount: usdRoundedUp(amounts.number(name, USD) ?? ZERO) }));
    return { kind: 'amounts', others: named };
  }
  if (!fields.has('shares')) return shipped;
  const shares = fields.fields('shares');
  if (!shares.has('fees')) shares.refuse('fees', `${SHARE_ABOVE_ZERO.allowed}: the providers' part of the whole`);
  const named = shares.keys.map((name) => ({
    name,
    share: shares.number(name, name === 'fees' ? SHARE_ABOVE_ZERO : SHARE),
  }));
  const known = named.flatMap(({ name, share }) => (share === undefined ? [] : [{ name, share }]));
  if (known.length === named.length && compare(sum(known.map(({ share }) => share)), ONE) !== 0) {
    fields.refuse('shares', 'shares that add up to 100%, fees among them');
  }
  const own = known.find(({ name }) => name === 'fees');
  if (own === undefined) return shipped;
  return { kind: 'shares', assumed: false, fees: own.share, others: known.filter((part) => part !== own) };
}
