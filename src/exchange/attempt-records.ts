import type { NanoUsd } from '../kernel/amounts.ts';
import type { GatewayError } from '../kernel/errors.ts';
import type { AttemptEnd, AttemptOutcome, AttemptStart } from '../protocol/attempt-record.ts';
import type { CallView } from '../protocol/call-view.ts';
import type { Plan, PlannedTarget } from '../routing/target.ts';
import type { AdmittedCall } from './call.ts';
import type { AnswerFacts } from './dialect.ts';

const ERROR_CHARS_MAX = 500;

export function attemptStart(
  call: AdmittedCall,
  plan: Plan,
  target: PlannedTarget,
  attempt: number,
  startedAt: number,
): AttemptStart {
  const { caller, request, facts } = call;
  const endUser = facts.endUser ?? request.endUser;
  return {
    kind: 'start',
    callId: call.id,
    attempt,
    callStartedAt: call.arrivedAt,
    startedAt,
    organisation: caller.organisation,
    project: caller.project,
    keyId: caller.keyId,
    ...(caller.parentKeyId === undefined ? {} : { parentKeyId: caller.parentKeyId }),
    ...(endUser === undefined ? {} : { endUser: endUser.slice(0, 256) }),
    ...(facts.task === undefined ? {} : { task: facts.task }),
    ...(facts.tags === undefined ? {} : { tags: facts.tags }),
    ...(facts.metadata === undefined ? {} : { metadata: facts.metadata }),
    operation: request.dialect.operation,
    dialect: request.dialect.id,
    stream: request.stream,
    modelAsked: request.modelAsked.slice(0, 256),
    route: plan.route,
    routeReason: target.reason,
    provider: target.provider.name,
    model: target.model.slice(0, 256),
    ...(target.credential === undefined ? {} : { credential: target.credential.name }),
    configVersion: call.configVersion,
    priceVersion: call.priceVersion,
    ...(facts.trace === undefined ? {} : { traceId: facts.trace.traceId }),
    ...(facts.clientRequestId === undefined ? {} : { clientRequestId: facts.clientRequestId }),
  };
}

/** A call that ended before an attempt could tell of it. */
export function refusedCall(
  call: AdmittedCall,
  plan: Plan | undefined,
  error: GatewayError,
  endedAt: number,
): CallView {
  const { caller, request, facts } = call;
  const endUser = facts.endUser ?? request.endUser;
  return {
    id: call.id,
    startedAt: call.arrivedAt,
    organisation: caller.organisation,
    project: caller.project,
    keyId: caller.keyId,
    ...(endUser === undefined ? {} : { endUser: endUser.slice(0, 256) }),
    ...(facts.task === undefined ? {} : { task: facts.task }),
    ...(facts.tags === undefined ? {} : { tags: facts.tags }),
    ...(facts.metadata === undefined ? {} : { metadata: facts.metadata }),
    operation: request.dialect.operation,
    dialect: request.dialect.id,
    stream: request.stream,
    modelAsked: request.modelAsked.slice(0, 256),
    ...(plan === undefined ? {} : { route: plan.route }),
    clientStatus: error.status,
    errorCode: error.code,
    totalMs: Math.max(0, endedAt - call.arrivedAt),
    ...(facts.clientRequestId === undefined ? {} : { clientRequestId: facts.clientRequestId }),
    ...(facts.trace === undefined ? {} : { traceId: facts.trace.traceId }),
    configVersion: call.configVersion,
    attempts: [],
  };
}

export interface EndFacts {
  readonly attempt: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly outcome: AttemptOutcome;
  readonly last: boolean;
  readonly facts: AnswerFacts;
  readonly status: number | undefined;
  readonly clientStatus?: number;
  readonly cost: NanoUsd | undefined;
  readonly error?: GatewayError;
  readonly firstTokenMs: number | undefined;
  readonly upstreamRequestId: string | undefined;
}

export function attemptEnd(call: AdmittedCall, end: EndFacts): AttemptEnd {
  const { usage, finishReason } = end.facts;
  return {
    kind: 'end',
    callId: call.id,
    attempt: end.attempt,
    callStartedAt: call.arrivedAt,
    endedAt: end.endedAt,
    outcome: end.outcome,
    last: end.last,
    ...(end.status === undefined ? {} : { status: end.status }),
    ...(end.clientStatus === undefined ? {} : { clientStatus: end.clientStatus }),
    ...(end.error === undefined
      ? {}
      : { errorCode: end.error.code, errorMessage: end.error.summary.slice(0, ERROR_CHARS_MAX) }),
    ...(finishReason === undefined ? {} : { finishReason: finishReason.slice(0, 64) }),
    ...(usage === undefined ? {} : { usage, usageSource: 'provider' as const }),
    ...(end.cost === undefined ? {} : { costNanoUsd: end.cost.toString() }),
    ...(end.firstTokenMs === undefined ? {} : { firstTokenMs: roundedMs(end.firstTokenMs) }),
    totalMs: Math.max(0, end.endedAt - end.startedAt),
    ...(end.upstreamRequestId === undefined ? {} : { upstreamRequestId: end.upstreamRequestId.slice(0, 128) }),
  };
}

function roundedMs(ms: number): number {
  return Math.round(ms * 10) / 10;
}
