import { type NanoUsd, nano } from '../../kernel/amounts.ts';
import {
  compare,
  type Fraction,
  isZero,
  minus,
  ONE,
  over,
  plus,
  roundedDown,
  roundedUp,
  sum,
  times,
  whole,
} from './fraction.ts';
import type { GpuPlan, Plan, RoutePlan, Tier, TotalCostPlan, Traffic } from './plan.ts';

/** One row of the bill: what a route sends to one tier in a month. */
export interface BillLine {
  readonly route: string;
  readonly tier: Tier | undefined;
  /** Calls that a provider is paid for: without cache hits, with retries. */
  readonly calls: Fraction;
  readonly callCost: NanoUsd;
  /** calls × call cost, rounded up once. */
  readonly amount: NanoUsd;
}

/** What a month of a plan costs. Each amount is rounded up to a nano-USD once, and sums are sums of such amounts. */
export interface Bill {
  readonly lines: readonly BillLine[];
  readonly calls: Fraction;
  readonly fees: NanoUsd;
  readonly premium: Premium;
  readonly perTask: NanoUsd | undefined;
  /** fees ÷ (tasks × success), rounded up. */
  readonly perSuccessfulTask: NanoUsd | undefined;
  readonly totalCost: TotalCost;
  readonly gpu: GpuVerdict | undefined;
}

export interface Premium {
  /** Of the calls; 0 where there are none. */
  readonly ofCalls: Fraction;
  readonly ofFees: Fraction;
  /** From here on the plan says so. */
  readonly from: Fraction;
  readonly reached: boolean;
  /** Routes over several tiers that send so much of their own calls to frontier models, whatever the others do. */
  readonly routes: readonly string[];
}

export interface TotalCost {
  readonly amount: NanoUsd;
  readonly assumed: boolean;
  /** The fees first. */
  readonly parts: readonly { readonly name: string; readonly amount: NanoUsd; readonly share: Fraction }[];
}

export interface GpuVerdict {
  /** One, for as long as it is paid in a month. */
  readonly monthly: NanoUsd;
  /** How many this plan's calls need; 1 where nothing is said of what one can serve. */
  readonly needed: bigint;
  readonly forPlan: NanoUsd;
  /** Calls one can serve in a month. */
  readonly capacity: bigint | undefined;
  readonly breakEven: readonly BreakEven[];
}

/** From how many calls of such a price a month on the hardware is not dearer. */
export interface BreakEven {
  readonly of: string;
  readonly callCost: Fraction;
  /** `undefined` where it never is: calls are free, or one cannot serve as many. */
  readonly calls: bigint | undefined;
}

export function billOf(plan: Plan): Bill {
  const lines = plan.routes.flatMap((route) => linesOf(route, plan));
  const fees = nano(lines.reduce((total, { amount }) => total + amount, 0n));
  const calls = sum(lines.map((line) => line.calls));
  return {
    lines,
    calls,
    fees,
    premium: premiumOf(lines, plan),
    perTask: perTask(fees, plan.traffic, ONE),
    perSuccessfulTask: perTask(fees, plan.traffic, plan.traffic?.success ?? ONE),
    totalCost: totalCostOf(fees, plan.totalCost),
    gpu: plan.gpu && gpuVerdict(plan.gpu, plan.routes, calls, lines),
  };
}

function linesOf(route: RoutePlan, { traffic, times: factor }: Plan): BillLine[] {
  const { per, calls } = route.volume;
  // What counts by the month is multiplied here; traffic has been already.
  const of = per === 'month' ? factor : per === 'task' ? traffic?.tasks : traffic?.sessions;
  const asked = times(calls, of ?? whole(0n));
  const paid = times(asked, minus(ONE, route.cacheHits), plus(ONE, route.retries));
  return route.lines.map(({ tier, share, call }) => {
    const ofLine = times(paid, share);
    const amount = nano(roundedUp(times(ofLine, whole(call.amount))));
    return { route: route.name, tier, calls: ofLine, callCost: call.amount, amount };
  });
}

function perTask(fees: NanoUsd, traffic: Traffic | undefined, success: Fraction): NanoUsd | undefined {
  if (traffic === undefined || isZero(traffic.tasks)) return undefined;
  return nano(roundedUp(over(whole(fees), times(traffic.tasks, success))));
}

function premiumOf(lines: readonly BillLine[], { premiumFrom: from, routes }: Plan): Premium {
  const premium = lines.filter(({ tier }) => tier === 'frontier');
  const ofCalls = share(sum(premium.map(({ calls }) => calls)), sum(lines.map(({ calls }) => calls)));
  const ofFees = share(sum(premium.map(({ amount }) => whole(amount))), sum(lines.map(({ amount }) => whole(amount))));
  const reaching = routes.filter((route) => {
    const frontier = sum(route.lines.filter(({ tier }) => tier === 'frontier').map((line) => line.share));
    return route.lines.length > 1 && compare(frontier, from) >= 0;
  });
  const names = reaching.map(({ name }) => name);
  return { ofCalls, ofFees, from, reached: compare(ofCalls, from) >= 0, routes: names };
}

function share(part: Fraction, all: Fraction): Fraction {
  return isZero(all) ? whole(0n) : over(part, all);
}

function totalCostOf(fees: NanoUsd, plan: TotalCostPlan): TotalCost {
  const others =
    plan.kind === 'amounts'
      ? plan.others
      : // Each part in proportion to the fees, so that the parts add up to the whole.
        plan.others.map(({ name, share: ofAll }) => ({
          name,
          amount: nano(roundedUp(over(times(whole(fees), ofAll), plan.fees))),
        }));
  const parts = [{ name: 'fees', amount: fees }, ...others];
  const amount = nano(parts.reduce((total, part) => total + part.amount, 0n));
  return {
    amount,
    assumed: plan.kind === 'shares' && plan.assumed,
    parts: parts.map((part) => ({ ...part, share: share(whole(part.amount), whole(amount)) })),
  };
}

function gpuVerdict(
  gpu: GpuPlan,
  routes: readonly RoutePlan[],
  calls: Fraction,
  lines: readonly BillLine[],
): GpuVerdict {
  const monthly = nano(roundedUp(times(gpu.perHour, gpu.hours, whole(1_000_000_000n))));
  const capacity = gpu.callsPerHour && roundedDown(times(gpu.callsPerHour, gpu.hours));
  const needed = neededOf(roundedUp(calls), capacity);
  const averages = routes.map((route) => ({ of: route.name, callCost: averageOf(route) }));
  const fees = sum(lines.map(({ amount }) => whole(amount)));
  const all = routes.length > 1 && !isZero(calls) ? [{ of: 'all routes', callCost: over(fees, calls) }] : [];
  const breakEven = [...averages, ...all].map((one) => ({
    ...one,
    calls: breakEvenCalls(monthly, one.callCost, capacity),
  }));
  return { monthly, needed, forPlan: nano(monthly * needed), capacity, breakEven };
}

/** At least one, because one is bought; a machine that can serve none is asked for one call an hour at least. */
function neededOf(calls: bigint, capacity: bigint | undefined): bigint {
  if (capacity === undefined || calls <= capacity) return 1n;
  return capacity === 0n ? calls : roundedUp({ num: calls, den: capacity });
}

function averageOf({ lines }: RoutePlan): Fraction {
  return sum(lines.map(({ share: ofRoute, call }) => times(ofRoute, whole(call.amount))));
}

/** The least whole number of calls that cost as much as the machine. */
export function breakEvenCalls(monthly: NanoUsd, callCost: Fraction, capacity?: bigint): bigint | undefined {
  if (isZero(callCost)) return undefined;
  const calls = roundedUp(over(whole(monthly), callCost));
  return capacity !== undefined && calls > capacity ? undefined : calls;
}
