import type { DryRun, DryTarget } from '../../exchange/dry-run.ts';
import type { LaneOutlook } from '../../exchange/lane-outlook.ts';
import type { NanoUsd } from '../../kernel/amounts.ts';
import { usdText } from '../../kernel/usd-text.ts';
import type { AttemptTimeouts, Plan, PlannedStep, PlannedTarget } from '../../routing/target.ts';

/**
 * What would happen to a call, as JSON. Unknown is null, never 0.
 *
 * @param nowMs on the monotonic clock, for how long a closure has still to go
 */
export function dryRunJson(run: DryRun, nowMs: number) {
  const { call, plan, error } = run;
  return {
    object: 'dry_run' as const,
    would: run.would,
    error:
      error === undefined
        ? null
        : {
            code: error.code,
            status: error.status,
            message: error.message,
            retry_after_ms: error.retryAfterMs === undefined ? null : Math.ceil(error.retryAfterMs),
          },
    model_asked: call.request.modelAsked,
    operation: call.request.dialect.operation,
    dialect: call.request.dialect.id,
    stream: call.request.stream,
    route: plan?.route ?? null,
    attempts_max: plan?.attemptsMax ?? null,
    total_ms: plan?.totalMs ?? null,
    wait_ms: Math.round(run.waitMs),
    degraded: run.degraded ?? null,
    text: run.text ?? null,
    targets: run.targets.map((target, index) => targetJson(target, index + 1, nowMs)),
    money: { capped: run.money.capped, hold: money(run.money.hold) },
    hedge: plan?.policies.hedge === undefined ? null : hedgeJson(plan.policies.hedge),
    first_token_ms: plan?.policies.firstTokenMs ?? null,
    on: onJson(plan),
    degrade: (plan?.alternatives?.degrade ?? []).map(stepJson),
  };
}

export type DryRunJson = ReturnType<typeof dryRunJson>;

function targetJson(dry: DryTarget, place: number, nowMs: number) {
  const { target, closure } = dry;
  return {
    place,
    target: nameOf(target),
    provider: target.provider.name,
    model: target.model,
    credential: target.credential?.name ?? null,
    verdict: dry.verdict,
    reason: dry.reason,
    closure:
      closure === undefined
        ? null
        : {
            kind: closure.kind,
            reason: closure.reason,
            asked: closure.asked,
            for_ms: closure.untilMs === undefined ? null : Math.max(0, Math.round(closure.untilMs - nowMs)),
          },
    most: money(dry.most),
    output_tokens_max: dry.outputTokensMax ?? null,
    ...laneJson(dry.lane),
    timeouts: timeoutsJson(target.timeouts),
  };
}

function laneJson({ dialect, translated, losses, moreLosses, refusal }: LaneOutlook) {
  return {
    lane: translated ? ('translated' as const) : ('native' as const),
    dialect,
    losses: losses.map(({ field, reason }) => ({ field, reason })),
    more_losses: moreLosses,
    refusal:
      refusal === undefined ? null : { code: refusal.code, message: refusal.message, param: refusal.param ?? null },
  };
}

function timeoutsJson({ streamHeadMs, headMs, firstTokenMs, idleMs, totalMs }: AttemptTimeouts) {
  return {
    stream_head_ms: streamHeadMs,
    head_ms: headMs,
    first_token_ms: firstTokenMs,
    idle_ms: idleMs,
    total_ms: totalMs ?? null,
  };
}

function hedgeJson({ afterMs, percent }: NonNullable<Plan['policies']['hedge']>) {
  return { after_ms: afterMs ?? null, percent };
}

function onJson(plan: Plan | undefined) {
  const names = (targets: readonly PlannedTarget[] | undefined) => (targets ?? []).map(nameOf);
  const { contextLength, contentPolicy, budget } = plan?.alternatives ?? {};
  return { context_length: names(contextLength), content_policy: names(contentPolicy), budget: names(budget) };
}

function stepJson(step: PlannedStep) {
  const target = step.kind === 'target' ? step : undefined;
  return {
    target: target === undefined ? null : nameOf(target.target),
    keep_messages: target?.keepMessages ?? null,
    output_tokens_max: target?.outputTokensMax ?? null,
    text: step.kind === 'text' ? step.text : null,
  };
}

function nameOf({ provider, model, credential }: PlannedTarget): string {
  return `${provider.name}/${model}${credential === undefined ? '' : `#${credential.name}`}`;
}

function money(amount: NanoUsd | undefined) {
  return amount === undefined ? null : { nano_usd: amount.toString(), usd: usdText(amount) };
}
