import type { ResponseDesk } from '../edge/responses/stored-routes.ts';
import type { AnswerMemory } from '../exchange/answer-memory.ts';
import type { AdmittedCall, Caller } from '../exchange/call.ts';
import type { NativeCall } from '../exchange/dialect.ts';
import { deploymentOf } from '../exchange/lanes.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Draft } from '../kernel/draft.ts';
import { GatewayError } from '../kernel/errors.ts';
import { KEPT_BYTES_MAX, type KeptResponse } from '../protocol/kept-response.ts';
import type { PlannedTarget } from '../routing/target.ts';
import type { Database } from '../store/database.ts';
import { deleteResponse, historyUpTo, insertResponse, responseById } from '../store/response-queries.ts';

const DAY_MS = 86_400_000;

export interface ResponseMemory extends AnswerMemory, ResponseDesk {
  /** A call together with the turns that it refers to; `undefined` for one that refers to none. */
  recall(caller: Caller, request: NativeCall): Promise<NativeCall> | undefined;
}

/**
 * Answers of the Responses dialect as the data plane keeps, recalls and shows them.
 *
 * @param retentionDays asked at each answer; 0: none is kept
 */
export function responseMemory(database: Database, clock: Clock, retentionDays: () => number): ResponseMemory {
  return {
    keep(call, target, bytes) {
      const days = retentionDays();
      const kept = days === 0 || call.request.memory?.store === false ? undefined : keptOf(call, target, bytes);
      if (kept === undefined) return undefined;
      if (bytes.length + call.request.bodyBytes > KEPT_BYTES_MAX) return Promise.reject(tooLarge());
      return insertResponse(database, call.caller, kept, kept.createdAt + days * DAY_MS);
    },
    recall(caller, request) {
      const id = request.memory?.previousId;
      if (id === undefined || request.withHistory === undefined) return undefined;
      return historyUpTo(database, caller, id, clock.now()).then((history) => {
        const whole = history && request.withHistory?.(history);
        if (whole === undefined) throw previousNotFound(id);
        return whole;
      });
    },
    find: (owner, id) => responseById(database, owner, id, clock.now()),
    drop: (owner, id) => deleteResponse(database, owner, id),
  };
}

function keptOf(call: AdmittedCall, target: PlannedTarget, bytes: Buffer): KeptResponse | undefined {
  const { dialect, stream, memory } = call.request;
  const response = memory === undefined ? undefined : dialect.keptAnswer?.(bytes, stream);
  if (memory === undefined || response === undefined) return undefined;
  const kept: Draft<KeptResponse> = {
    id: String(response['id']),
    keyId: call.caller.keyId,
    createdAt: call.arrivedAt,
    deployment: deploymentOf(target),
    upstreamKeeps: target.translatedInto === undefined,
    input: memory.input,
    response,
  };
  if (memory.previousId !== undefined) kept.previousId = memory.previousId;
  return kept;
}

function tooLarge(): GatewayError {
  return new GatewayError('payload_too_large', {
    message: `A request and its answer of more than ${KEPT_BYTES_MAX} bytes together are not kept.`,
  });
}

/** In OpenAI's own words. One of another project's is as unknown as one that never was. */
function previousNotFound(id: string): GatewayError {
  return new GatewayError('not_found', {
    message: `Previous response with id '${id.slice(0, 100)}' not found.`,
    param: 'previous_response_id',
    status: 400,
  });
}
