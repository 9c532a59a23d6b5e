import type { Draft } from '../kernel/draft.ts';
import type { HoldTaker, Payer } from '../money/hold.ts';
import type { Alternatives, Plan, PlannedTarget } from '../routing/target.ts';
import type { AdmittedCall } from './call.ts';
import type { DrainSlots } from './drain-slots.ts';
import { descriptorOf } from './operations.ts';
import { Payment, priceUnknown } from './payment.ts';
import type { TokenCounter } from './token-counter.ts';

interface PaymentOfParts {
  readonly holds: HoldTaker;
  readonly tokens: TokenCounter;
  readonly drains: DrainSlots;
}

/** The money of a call; `undefined` where neither a budget nor the client itself limits it. */
export function paymentOf(call: AdmittedCall, plan: Plan, parts: PaymentOfParts): Payment | undefined {
  const { request, facts } = call;
  // A route whose operation has no descriptor could not be held for, so it must not be served.
  const { hasOutput } = descriptorOf(request.dialect.operation);
  const { holds, tokens } = parts;
  const purse = holds.purseOf(payerOf(call, plan, parts.drains.drainMs));
  const { maxCost } = facts;
  if (purse === undefined && maxCost === undefined) return undefined;
  const output = hasOutput ? { asked: request.maxOutputTokens } : undefined;
  const { organisation } = call.caller;
  return new Payment({ organisation, purse, maxCost, policy: holds.policy, tokens, output }, request.measure());
}

function payerOf({ id, caller, request, facts, arrivedAt }: AdmittedCall, plan: Plan, drainMs: number): Payer {
  const endUser = facts.endUser ?? request.endUser;
  const payer: Draft<Payer> = {
    callId: id,
    organisation: caller.organisation,
    project: caller.project,
    keyId: caller.keyId,
    models: plan.targets.map(({ provider, model }) => `${provider.name}/${model}`),
    at: arrivedAt,
    resolveBy: arrivedAt + plan.totalMs + drainMs,
  };
  if (caller.ancestors !== undefined) payer.ancestors = caller.ancestors;
  if (endUser !== undefined) payer.endUser = endUser;
  if (facts.task !== undefined) payer.task = facts.task;
  return payer;
}

/**
 * Takes the hold for whatever the plan may lead to.
 *
 * @returns the plan without what cannot be paid for
 * @throws as {@link Payment.begin}; `price_unknown` too where a price is known only of what the targets may be replaced by
 */
export async function paidPlan(payment: Payment, plan: Plan): Promise<Plan> {
  const { alternatives } = plan;
  const more = alternatives === undefined ? [] : beside(alternatives);
  if (alternatives === undefined || more.length === 0) return payment.begin(plan);
  const paid = new Set((await payment.begin({ ...plan, targets: [...plan.targets, ...more] })).targets);
  const kept = (targets: readonly PlannedTarget[]) => targets.filter((target) => paid.has(target));
  const targets = kept(plan.targets);
  // A call begins at one of its targets: what a route falls back to is no beginning.
  if (targets.length === 0) throw priceUnknown(plan, payment.capped);
  return {
    ...plan,
    targets,
    alternatives: {
      contextLength: kept(alternatives.contextLength),
      contentPolicy: kept(alternatives.contentPolicy),
      budget: alternatives.budget,
      degrade: alternatives.degrade.filter((step) => step.kind !== 'target' || paid.has(step.target)),
    },
  };
}

/** Targets that a call may come to besides those that it is planned for. */
function beside({ contextLength, contentPolicy, degrade }: Alternatives): PlannedTarget[] {
  return [
    ...contextLength,
    ...contentPolicy,
    ...degrade.flatMap((step) => (step.kind === 'target' ? step.target : [])),
  ];
}

/** The same plan on the targets that a route names for a budget that is short; `undefined` where it names none. */
export function cheaperPlan(plan: Plan): Plan | undefined {
  const targets = plan.alternatives?.budget ?? [];
  if (targets.length === 0) return undefined;
  return { ...plan, targets, alternatives: { contextLength: [], contentPolicy: [], budget: [], degrade: [] } };
}
