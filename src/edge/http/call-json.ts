import { type NanoUsd, nano } from '../../kernel/amounts.ts';
import { usdText } from '../../kernel/usd-text.ts';
import type { AttemptView, CallView } from '../../protocol/call-view.ts';
import { usageJson } from '../../protocol/usage-json.ts';

/** A call as `GET /v1/calls/{id}` answers it. Amounts are decimal strings in US dollars; unknown is null, never 0. */
export function callJson(call: CallView): Record<string, unknown> {
  const last = call.attempts.at(-1);
  return {
    id: call.id,
    object: 'call',
    created_at: isoTime(call.startedAt),
    state: hasEnded(call) ? 'ended' : 'running',
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
    cost: money(totalCost(call.attempts)),
    charge: money(totalCharge(call.attempts)),
    usage: usageJson(last?.usage),
    project: call.project,
    key: call.keyId,
    end_user: call.endUser ?? null,
    task: call.task ?? null,
    tags: call.tags ?? [],
    metadata: call.metadata ?? {},
    client_request_id: call.clientRequestId ?? null,
    trace_id: call.traceId ?? null,
    config_version: call.configVersion,
    attempts: call.attempts.map(attemptJson),
  };
}

/** With an answer for the client, or with the process that ran it: an interrupted call has no status, and never will. */
function hasEnded({ clientStatus, attempts }: CallView): boolean {
  return clientStatus !== undefined || attempts.some(({ outcome }) => outcome === 'interrupted');
}

function attemptJson(attempt: AttemptView): Record<string, unknown> {
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
    cost: money(attempt.costNanoUsd),
    charge: money(attempt.chargeNanoUsd),
    hold: money(attempt.holdNanoUsd),
    overrun: attempt.overrun ?? null,
    upstream_request_id: attempt.upstreamRequestId ?? null,
  };
}

/** The sum over the attempts that ended with a known cost; unknown while none has, or if one that got an answer is unpriced. */
export function totalCost(attempts: readonly AttemptView[]): NanoUsd | undefined {
  const answered = attempts.filter((attempt) => attempt.outcome === 'ok' || attempt.costNanoUsd !== undefined);
  if (answered.length === 0) return undefined;
  let total = 0n;
  for (const { costNanoUsd } of answered) {
    if (costNanoUsd === undefined) return undefined;
    total += costNanoUsd;
  }
  return nano(total);
}

/** What the customer pays for the attempts; unknown while that of none is known. */
export function totalCharge(attempts: readonly AttemptView[]): NanoUsd | undefined {
  const known = attempts.flatMap(({ chargeNanoUsd }) => chargeNanoUsd ?? []);
  return known.length === 0 ? undefined : nano(known.reduce((sum, charge) => sum + charge, 0n));
}

function money(amount: bigint | undefined): { currency: 'USD'; amount: string } | null {
  return amount === undefined ? null : { currency: 'USD', amount: usdText(nano(amount)) };
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}
