import type { NanoUsd } from '../kernel/amounts.ts';
import { nano } from '../kernel/amounts.ts';
import type { Clock } from '../kernel/clock.ts';
import { GatewayError } from '../kernel/errors.ts';
import type { Random } from '../kernel/random.ts';
import type { HoldTaker } from '../money/hold.ts';
import type { Plan, PlannedTarget } from '../routing/target.ts';
import { type Step, Walk } from '../routing/walk.ts';
import type { Closure, Weather } from '../routing/weather.ts';
import type { AdmittedCall } from './call.ts';
import { DrainSlots } from './drain-slots.ts';
import type { Translations } from './lane.ts';
import { type LaneOutlook, laneOutlook } from './lane-outlook.ts';
import type { Payment } from './payment.ts';
import { cheaperPlan, paidPlan, paymentOf } from './payment-of.ts';
import type { TokenCounter } from './token-counter.ts';

export interface DryRunParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly weather: Weather;
  readonly tokens: TokenCounter;
  /** Says what could be held, and holds nothing. */
  readonly looking: HoldTaker;
  /** Absent where targets speak their calls' own dialects alone. */
  readonly translations?: Translations;
  /** @throws `no_route`, `forbidden` */
  plan(call: AdmittedCall): Plan;
}

/** What a target's turn would come to. */
export type DryVerdict =
  /** The call goes to it first. */
  | 'chosen'
  /** Open: where the call goes when those before it fail. */
  | 'next'
  /** Closed now: see `closure`. */
  | 'passed_over'
  /** It cannot be paid for, or has no price. */
  | 'unpaid'
  /** Open, but a call makes no more attempts than it may. */
  | 'beyond_attempts';

export interface DryTarget {
  readonly target: PlannedTarget;
  readonly verdict: DryVerdict;
  /** Why it stands at this place; of the chosen one also why others do not. */
  readonly reason: string;
  readonly closure: Closure | undefined;
  /** The most that one attempt at it can cost; `undefined` where its price is unknown. */
  readonly most: NanoUsd | undefined;
  /** Output tokens of an answer, where the money bounds them. */
  readonly outputTokensMax: number | undefined;
  readonly lane: LaneOutlook;
}

type LanelessTarget = Omit<DryTarget, 'lane'>;

/** What would happen to a call now. */
export interface DryRun {
  readonly call: AdmittedCall;
  /** Absent where the call is refused before there is one. */
  readonly plan: Plan | undefined;
  readonly targets: readonly DryTarget[];
  /** What the call would come to first: an attempt, a text of the gateway's own, or a refusal. */
  readonly would: 'attempt' | 'text' | 'refuse';
  /** How long it would wait before. */
  readonly waitMs: number;
  readonly text: string | undefined;
  /** What the client would get less than it asked for, and why. */
  readonly degraded: string | undefined;
  readonly error: GatewayError | undefined;
  readonly money: {
    /** Some level has a cap. */
    readonly capped: boolean;
    /** What would be set aside; `undefined` without a cap, or where it is refused. */
    readonly hold: NanoUsd | undefined;
  };
}

/** Before it is looked at how each target would be told. */
type LanelessRun = Omit<DryRun, 'targets'> & { readonly targets: readonly LanelessTarget[] };

/** An amount that no call costs: a limit that bounds nothing, so that all is reckoned. */
const BEYOND_ALL = nano(1n << 62n);
/** Nothing is read on after a client has left, where there is none. */
const NO_DRAINS = new DrainSlots({ slots: 0, drainMs: 0 });

/**
 * What would happen to a call now, without making it: by the router, the walk,
 * the weather and the payment of real calls, none of which is moved by it.
 * Where a route draws by weight, this is one draw.
 */
export async function dryRun(call: AdmittedCall, parts: DryRunParts): Promise<DryRun> {
  try {
    const plan = parts.plan(call);
    const paid = await lookAtMoney(call, plan, parts);
    const run = paid.refused === undefined ? walked(call, paid, parts) : refused(call, paid);
    return { ...run, targets: await Promise.all(run.targets.map((target) => onItsLane(call, target, parts))) };
  } catch (thrown) {
    return { ...NOTHING, call, plan: undefined, error: known(thrown) };
  }
}

async function onItsLane(call: AdmittedCall, dry: LanelessTarget, { translations }: DryRunParts): Promise<DryTarget> {
  return { ...dry, lane: await laneOutlook(call, dry.target, translations, dry.outputTokensMax) };
}

const NOTHING = {
  targets: [],
  would: 'refuse',
  waitMs: 0,
  text: undefined,
  degraded: undefined,
  money: { capped: false, hold: undefined },
} as const;

/** A plan, and what its money says of it. */
interface Looked {
  /** As the router made it. */
  readonly asked: Plan;
  /** Without the targets that cannot be paid for. */
  readonly plan: Plan;
  readonly payment: Payment | undefined;
  readonly refused: GatewayError | undefined;
  readonly cheaper: string | undefined;
}

async function lookAtMoney(call: AdmittedCall, plan: Plan, parts: DryRunParts): Promise<Looked> {
  const first = await looked(call, plan, parts);
  if (first.refused?.code !== 'budget_exceeded') return first;
  const cheaper = cheaperPlan(plan);
  if (cheaper === undefined) return first;
  return { ...(await looked(call, cheaper, parts)), cheaper: 'a cheaper target, because of budget_exceeded' };
}

async function looked(call: AdmittedCall, plan: Plan, parts: DryRunParts): Promise<Looked> {
  const paying = { holds: parts.looking, tokens: parts.tokens, drains: NO_DRAINS };
  const payment = paymentOf(call, plan, paying);
  const base = { asked: plan, plan, payment, refused: undefined, cheaper: undefined };
  try {
    if (payment !== undefined && (payment.capped || call.facts.maxCost !== undefined)) {
      return { ...base, plan: await paidPlan(payment, plan) };
    }
  } catch (thrown) {
    return { ...base, refused: known(thrown) };
  }
  return { ...base, payment: await reckoned(call, plan, paying) };
}

/** What the targets cost at most, for a call that nobody limits; `undefined` where nobody knows. */
async function reckoned(
  call: AdmittedCall,
  plan: Plan,
  paying: Parameters<typeof paymentOf>[2],
): Promise<Payment | undefined> {
  const limited = { ...call, facts: { ...call.facts, maxCost: BEYOND_ALL } };
  const payment = paymentOf(limited, plan, {
    ...paying,
    holds: { policy: paying.holds.policy, purseOf: () => undefined },
  });
  try {
    if (payment !== undefined) await paidPlan(payment, plan);
    return payment;
  } catch (thrown) {
    // Without a cap a price that is unknown, or has no bound, refuses nothing.
    known(thrown);
    return undefined;
  }
}

/** @throws what is no refusal of ours */
function known(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  throw thrown;
}

function refused(call: AdmittedCall, { asked, payment, refused: error, cheaper }: Looked): LanelessRun {
  return {
    ...NOTHING,
    call,
    plan: asked,
    targets: asked.targets.map((target) => ({ ...dryTarget(target, payment), verdict: 'unpaid', closure: undefined })),
    degraded: cheaper,
    error,
    money: { capped: payment?.capped === true, hold: undefined },
  };
}

function walked(call: AdmittedCall, { asked, plan, payment, cheaper }: Looked, parts: DryRunParts): LanelessRun {
  const walk = new Walk(unhedged(plan), parts);
  const step = walk.first(plan.totalMs);
  const capped = payment?.capped === true;
  return {
    call,
    plan: asked,
    targets: verdicts(asked, plan, payment, { step, weather: parts.weather }),
    would: step.kind === 'go' ? 'attempt' : step.kind === 'text' ? 'text' : 'refuse',
    waitMs: step.kind === 'go' ? step.waitMs : 0,
    text: step.kind === 'text' ? step.text : undefined,
    degraded: step.kind === 'stop' ? cheaper : (step.degraded ?? cheaper),
    error: step.kind === 'stop' ? step.error : undefined,
    money: { capped, hold: capped ? payment?.held : undefined },
  };
}

/** A walk counts the calls of a route that hedges, and this is none. */
function unhedged(plan: Plan): Plan {
  const { hedge: _, ...policies } = plan.policies;
  return { ...plan, policies };
}

function verdicts(
  asked: Plan,
  paid: Plan,
  payment: Payment | undefined,
  { step, weather }: { readonly step: Step; readonly weather: Weather },
): LanelessTarget[] {
  const chosen = step.kind === 'go' ? step.target : undefined;
  let open = 0;
  const found = asked.targets.map((target): LanelessTarget => {
    const base = dryTarget(target, payment);
    const closure = weather.of(target, target.policies).closure();
    if (!paid.targets.includes(target)) return { ...base, closure, verdict: 'unpaid' };
    if (chosen !== undefined && isSame(target, chosen)) {
      open++;
      return { ...base, closure, verdict: 'chosen', reason: chosen.reason };
    }
    if (closure !== undefined) return { ...base, closure, verdict: 'passed_over' };
    return { ...base, closure, verdict: open++ < asked.attemptsMax ? 'next' : 'beyond_attempts' };
  });
  if (chosen === undefined || found.some(({ verdict }) => verdict === 'chosen')) return found;
  // A degrade step's own target stands in no plan.
  return [...found, { ...dryTarget(chosen, payment), closure: undefined, verdict: 'chosen' }];
}

function dryTarget(target: PlannedTarget, payment: Payment | undefined): Omit<LanelessTarget, 'verdict' | 'closure'> {
  return {
    target,
    reason: target.reason,
    most: payment?.mostFor(target),
    outputTokensMax: payment?.capped === true ? payment.outputTokensFor(target) : undefined,
  };
}

function isSame(one: PlannedTarget, other: PlannedTarget): boolean {
  return one.provider === other.provider && one.model === other.model && one.credential === other.credential;
}
