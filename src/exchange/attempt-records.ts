import type { NanoUsd } from '../kernel/amounts.ts';
import type { Draft } from '../kernel/draft.ts';
import type { GatewayError } from '../kernel/errors.ts';
import { roughTokens } from '../kernel/rough-tokens.ts';
import { costOf } from '../money/price-sheet.ts';
import type { AttemptCheckpoint, AttemptEnd, AttemptOutcome, AttemptStart } from '../protocol/attempt-record.ts';
import type { CallView } from '../protocol/call-view.ts';
import type { PriceSheet } from '../protocol/price-sheet.ts';
import type { Usage, UsageSource } from '../protocol/usage.ts';
import type { Plan, PlannedTarget } from '../routing/target.ts';
import type { AdmittedCall } from './call.ts';
import type { AnswerFacts } from './dialect.ts';
import type { Metered } from './meter.ts';

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
  const start: Draft<AttemptStart> = {
    kind: 'start',
    callId: call.id,
    attempt,
    callStartedAt: call.arrivedAt,
    startedAt,
    organisation: caller.organisation,
    project: caller.project,
    keyId: caller.keyId,
    operation: request.dialect.operation,
    dialect: request.dialect.id,
    stream: request.stream,
    modelAsked: request.modelAsked.slice(0, 256),
    route: plan.route,
    routeReason: target.reason,
    provider: target.provider.name,
    model: target.model.slice(0, 256),
    configVersion: call.configVersion,
    // Its own prices; where it has none, those that did not name it.
    priceVersion: target.provider.sheetOf(target.model, caller.organisation)?.version ?? call.priceVersion,
  };
  if (caller.parentKeyId !== undefined) start.parentKeyId = caller.parentKeyId;
  if (endUser !== undefined) start.endUser = endUser.slice(0, 256);
  if (facts.task !== undefined) start.task = facts.task;
  if (facts.tags !== undefined) start.tags = facts.tags;
  if (facts.metadata !== undefined) start.metadata = facts.metadata;
  if (target.credential !== undefined) start.credential = target.credential.name;
  if (facts.trace !== undefined) start.traceId = facts.trace.traceId;
  if (facts.clientRequestId !== undefined) start.clientRequestId = facts.clientRequestId;
  return start;
}

/** A call that ended before an attempt could tell of it. */
export function refusedCall(
  call: AdmittedCall,
  plan: Plan | undefined,
  error: GatewayError,
  clientStatus: number,
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
    clientStatus,
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
  readonly clientStatus: number | undefined;
  readonly metered: Metered;
  readonly source: UsageSource | undefined;
  /** What the customer pays for it. */
  readonly charge: NanoUsd | undefined;
  /** What was set aside for the call. */
  readonly held: NanoUsd | undefined;
  readonly overrun: boolean;
  readonly error: GatewayError | undefined;
  readonly firstTokenMs: number | undefined;
  readonly upstreamRequestId: string | undefined;
}

export function attemptEnd(call: AdmittedCall, end: EndFacts): AttemptEnd {
  const { finishReason } = end.facts;
  const { usage, cost } = end.metered;
  const record: Draft<AttemptEnd> = {
    kind: 'end',
    callId: call.id,
    attempt: end.attempt,
    callStartedAt: call.arrivedAt,
    endedAt: end.endedAt,
    outcome: end.outcome,
    last: end.last,
    totalMs: Math.max(0, end.endedAt - end.startedAt),
  };
  if (end.status !== undefined) record.status = end.status;
  if (end.clientStatus !== undefined) record.clientStatus = end.clientStatus;
  if (end.error !== undefined) {
    record.errorCode = end.error.code;
    record.errorMessage = end.error.summary.slice(0, ERROR_CHARS_MAX);
  }
  if (finishReason !== undefined) record.finishReason = finishReason.slice(0, 64);
  if (usage !== undefined) record.usage = usage;
  if (end.source !== undefined) record.usageSource = end.source;
  if (cost !== undefined) record.costNanoUsd = cost.toString();
  if (end.charge !== undefined) record.chargeNanoUsd = end.charge.toString();
  if (end.held !== undefined) record.holdNanoUsd = end.held.toString();
  if (end.overrun) record.overrun = true;
  if (end.firstTokenMs !== undefined) record.firstTokenMs = roundedMs(end.firstTokenMs);
  if (end.upstreamRequestId !== undefined) record.upstreamRequestId = end.upstreamRequestId.slice(0, 128);
  return record;
}

export function attemptCheckpoint(
  call: AdmittedCall,
  { attempt, callStartedAt }: AttemptStart,
  sheet: PriceSheet | undefined,
  facts: AnswerFacts,
  at: number,
): AttemptCheckpoint {
  const said = facts.output?.() ?? '';
  const share = said === '' ? 1 : (facts.outputChars?.() ?? said.length) / said.length;
  // What the provider has not counted yet is estimated: some tell the input first, and the output at the end.
  const usage: Usage = {
    inputTokens: roughTokens(call.request.bodyBytes),
    outputTokens: roughTokens(Buffer.byteLength(said) * share),
    ...facts.usage,
  };
  const cost = costOf(sheet, usage);
  return {
    kind: 'checkpoint',
    callId: call.id,
    attempt,
    callStartedAt,
    at,
    usage,
    ...(cost === undefined ? {} : { costNanoUsd: cost.toString() }),
  };
}

function roundedMs(ms: number): number {
  return Math.round(ms * 10) / 10;
}
