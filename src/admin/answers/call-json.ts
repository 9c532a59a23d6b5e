import { totalCharge, totalCost } from '../../edge/http/call-json.ts';
import { nano } from '../../kernel/amounts.ts';
import { usdText } from '../../kernel/usd-text.ts';
import type { AttemptView, CallView } from '../../protocol/call-view.ts';
import { usageJson } from '../../protocol/usage-json.ts';
import type { Answer } from './answers.ts';
import { isoTime } from './instants.ts';

type CallAnswer = Answer<'get_call'>;

/** A call as who runs the gateway sees it, whosever it is. Unknown is null, never 0. */
export function callAdminJson(call: CallView): CallAnswer {
  const last = call.attempts.at(-1);
  const outcome = outcomeOf(call);
  return {
    id: call.id,
    created_at: isoTime(call.startedAt),
    state: outcome === null ? 'running' : 'ended',
    outcome,
    operation: call.operation,
    dialect: call.dialect,
    stream: call.stream,
    model_asked: call.modelAsked,
    route: call.route ?? null,
    provider: last?.provider ?? null,
    model: last?.model ?? null,
    status: call.clientStatus ?? null,
    error: call.errorCode ?? null,
    total_ms: call.totalMs ?? null,
    usage: usageJson(last?.usage),
    cost: moneyJson(totalCost(call.attempts)),
    charge: moneyJson(totalCharge(call.attempts)),
    organisation: call.organisation,
    project: call.project,
    key: call.keyId,
    end_user: call.endUser ?? null,
    task: call.task ?? null,
    tags: [...(call.tags ?? [])],
    metadata: { ...call.metadata },
    client_request_id: call.clientRequestId ?? null,
    trace_id: call.traceId ?? null,
    config_version: call.configVersion,
    attempts: call.attempts.map(attemptJson),
  };
}

/** A call has ended with an answer for its client, or with the process that ran it. */
function outcomeOf({ clientStatus, attempts }: CallView): CallAnswer['outcome'] {
  const last = attempts.at(-1);
  if (last === undefined) return clientStatus === undefined ? null : 'refused';
  return clientStatus !== undefined || last.outcome === 'interrupted' ? (last.outcome ?? 'refused') : null;
}

function attemptJson(attempt: AttemptView): CallAnswer['attempts'][number] {
  return {
    attempt: attempt.attempt,
    provider: attempt.provider,
    model: attempt.model,
    credential: attempt.credential ?? null,
    route_reason: attempt.routeReason,
    started_at: isoTime(attempt.startedAt),
    outcome: attempt.outcome ?? null,
    status: attempt.status ?? null,
    error: attempt.errorCode ?? null,
    error_message: attempt.errorMessage ?? null,
    finish_reason: attempt.finishReason ?? null,
    first_token_ms: attempt.firstTokenMs ?? null,
    total_ms: attempt.totalMs ?? null,
    usage: usageJson(attempt.usage),
    usage_source: attempt.usageSource ?? null,
    cost: moneyJson(attempt.costNanoUsd),
    charge: moneyJson(attempt.chargeNanoUsd),
    hold: moneyJson(attempt.holdNanoUsd),
    overrun: attempt.overrun ?? null,
    upstream_request_id: attempt.upstreamRequestId ?? null,
  };
}

export function moneyJson(amount: bigint | undefined): CallAnswer['cost'] {
  return amount === undefined ? null : { nano_usd: amount.toString(), usd: usdText(nano(amount)) };
}
