import { type NanoUsd, nano } from '../../kernel/amounts.ts';
import { usdText } from '../../kernel/usd-text.ts';
import type { Bill, BillLine, GpuVerdict } from './bill.ts';
import { type Fraction, over, rounded, roundedUp, times, whole } from './fraction.ts';
import type { Plan } from './plan.ts';
import { isMapping, type PlanNode } from './plan-node.ts';

/** An amount twice, as the administrative API gives it. */
export interface MoneyJson {
  readonly nano_usd: string;
  readonly usd: string;
}

/** A plan's bills as `leeward plan --json` prints them. Counts of calls are rounded to whole ones, percents to four decimals. */
export interface PlanDocument {
  readonly plan: string | null;
  readonly currency: 'USD';
  readonly prices_version: string;
  /** The plan itself first, as `base`. */
  readonly scenarios: readonly ScenarioJson[];
}

export interface ScenarioJson {
  readonly name: string;
  /** Null where only calls a month are counted. */
  readonly traffic: {
    readonly sessions: string | null;
    readonly tasks: string;
    readonly success_percent: string;
  } | null;
  readonly calls: string;
  readonly fees: MoneyJson;
  readonly lines: readonly LineJson[];
  readonly premium: {
    readonly percent_of_calls: string;
    readonly percent_of_fees: string;
    readonly from_percent: string;
    readonly reached: boolean;
    /** Routes over several tiers whose own calls reach it. */
    readonly routes: readonly string[];
  };
  readonly per_task: MoneyJson | null;
  readonly per_successful_task: MoneyJson | null;
  readonly total_cost: {
    readonly amount: MoneyJson;
    /** True where nothing was said of it, and the shipped shares stand in. */
    readonly assumed: boolean;
    readonly parts: readonly { readonly name: string; readonly amount: MoneyJson; readonly percent: string }[];
  };
  readonly gpu: GpuJson | null;
}

export interface LineJson {
  readonly route: string;
  readonly tier: string | null;
  readonly calls: string;
  readonly percent_of_calls: string;
  readonly call_cost: MoneyJson;
  readonly amount: MoneyJson;
}

export interface GpuJson {
  readonly monthly: MoneyJson;
  readonly capacity_calls: string | null;
  readonly needed: string;
  readonly for_plan: MoneyJson;
  /** For the plan as it is: below 0 where the providers are cheaper. */
  readonly saving: MoneyJson;
  /** Null where it never pays. */
  readonly break_even: readonly { readonly of: string; readonly call_cost: MoneyJson; readonly calls: string | null }[];
}

export function planDocument(
  facts: { readonly root: PlanNode; readonly pricesVersion: string },
  bills: readonly { readonly plan: Plan; readonly bill: Bill }[],
): PlanDocument {
  const { value } = facts.root;
  const name = isMapping(value) ? value.get('name')?.value : undefined;
  return {
    plan: typeof name === 'string' ? name : null,
    currency: 'USD',
    prices_version: facts.pricesVersion,
    scenarios: bills.map(({ plan, bill }) => scenarioJson(plan, bill)),
  };
}

function scenarioJson({ name, traffic }: Plan, bill: Bill): ScenarioJson {
  const { premium, totalCost } = bill;
  return {
    name,
    traffic:
      traffic === undefined
        ? null
        : {
            sessions: traffic.sessions === undefined ? null : count(traffic.sessions),
            tasks: count(traffic.tasks),
            success_percent: percent(traffic.success),
          },
    calls: count(bill.calls),
    fees: money(bill.fees),
    lines: bill.lines.map((line) => lineJson(line, bill.calls)),
    premium: {
      percent_of_calls: percent(premium.ofCalls),
      percent_of_fees: percent(premium.ofFees),
      from_percent: percent(premium.from),
      reached: premium.reached,
      routes: premium.routes,
    },
    per_task: bill.perTask === undefined ? null : money(bill.perTask),
    per_successful_task: bill.perSuccessfulTask === undefined ? null : money(bill.perSuccessfulTask),
    total_cost: {
      amount: money(totalCost.amount),
      assumed: totalCost.assumed,
      parts: totalCost.parts.map((part) => ({
        name: part.name,
        amount: money(part.amount),
        percent: percent(part.share),
      })),
    },
    gpu: bill.gpu === undefined ? null : gpuJson(bill.gpu, bill.fees),
  };
}

function lineJson({ route, tier, calls, callCost, amount }: BillLine, all: Fraction): LineJson {
  return {
    route,
    tier: tier ?? null,
    calls: count(calls),
    percent_of_calls: percent(all.num === 0n ? all : over(calls, all)),
    call_cost: money(callCost),
    amount: money(amount),
  };
}

function gpuJson({ monthly, capacity, needed, forPlan, breakEven }: GpuVerdict, fees: NanoUsd): GpuJson {
  return {
    monthly: money(monthly),
    capacity_calls: capacity?.toString() ?? null,
    needed: needed.toString(),
    for_plan: money(forPlan),
    saving: money(nano(fees - forPlan)),
    break_even: breakEven.map(({ of, callCost, calls }) => ({
      of,
      call_cost: money(nano(roundedUp(callCost))),
      calls: calls?.toString() ?? null,
    })),
  };
}

function money(amount: NanoUsd): MoneyJson {
  return { nano_usd: amount.toString(), usd: usdText(amount) };
}

function count(value: Fraction): string {
  return rounded(value).toString();
}

/** `10`, `14.9999`: four decimals, half up, which for people and machines is close enough; comparisons are exact. */
function percent(share: Fraction): string {
  const digits = rounded(times(share, whole(1_000_000n)))
    .toString()
    .padStart(5, '0');
  const fraction = digits.slice(-4).replace(/0+$/, '');
  return fraction === '' ? digits.slice(0, -4) : `${digits.slice(0, -4)}.${fraction}`;
}
