import type { ConversationDesk } from '../edge/responses/conversation-routes.ts';
import { sealIn } from '../edge/responses/foreign-thoughts.ts';
import type { ResponseDesk } from '../edge/responses/stored-routes.ts';
import type { AnswerMemory } from '../exchange/answer-memory.ts';
import type { AdmittedCall, Caller } from '../exchange/call.ts';
import type { NativeCall } from '../exchange/dialect.ts';
import { deploymentOf } from '../exchange/lanes.ts';
import type { Draft } from '../kernel/draft.ts';
import { GatewayError } from '../kernel/errors.ts';
import { KEPT_BYTES_MAX, type KeptResponse } from '../protocol/kept-response.ts';
import type { PlannedTarget } from '../routing/target.ts';
import { deleteResponse, historyUpTo, insertResponse, responseById } from '../store/response-queries.ts';
import { ConversationMemory, type ConversationMemoryParts } from './conversation-memory.ts';
import { SealBook } from './seal-book.ts';

const DAY_MS = 86_400_000;

export interface ResponseMemory extends AnswerMemory, ResponseDesk {
  readonly conversations: ConversationDesk;
  /** A call together with the turns that it refers to, and with who sealed what in it. */
  recall(caller: Caller, request: NativeCall): Promise<NativeCall> | NativeCall;
}

/** Answers of the Responses dialect as the data plane keeps, recalls and shows them. */
export function responseMemory(parts: ConversationMemoryParts): ResponseMemory {
  const { database, clock } = parts;
  const conversations = new ConversationMemory(parts);
  const seals = new SealBook();
  return {
    conversations,
    keep(call, target, bytes) {
      const days = parts.retentionDays();
      const kept = keptOf(call, target, bytes);
      if (kept === undefined) return undefined;
      call.remember?.(kept);
      // Also of an answer that is not kept: its client brings them back itself.
      for (const seal of sealsIn(kept.response)) seals.note(seal, kept.deployment);
      if (days === 0 || call.request.memory?.store === false) return undefined;
      if (bytes.length + call.request.bodyBytes > KEPT_BYTES_MAX) return Promise.reject(tooLarge());
      const inserted = insertResponse(database, call.caller, kept, kept.createdAt + days * DAY_MS);
      const id = call.request.memory?.conversationId;
      return id === undefined ? inserted : inserted.then(() => conversations.addTurn(call.caller, id, turnOf(kept)));
    },
    recall(caller, request) {
      const { memory, withHistory } = request;
      if (withHistory === undefined) return request;
      const { previousId, conversationId } = memory ?? {};
      if (previousId !== undefined) {
        const history = historyUpTo(database, caller, previousId, clock.now());
        return history.then((found) => withHistory(there(found, () => previousNotFound(previousId))));
      }
      if (conversationId === undefined) return request.withSeals?.((seal) => seals.makerOf(seal)) ?? request;
      const history = conversations.history(caller, conversationId);
      return history.then((found) => withHistory(there(found, () => conversationNotFound(conversationId))));
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

function sealsIn({ output }: KeptResponse['response']): readonly string[] {
  return Array.isArray(output) ? output.flatMap((item) => sealIn(item) ?? []) : [];
}

function turnOf({ input, response, deployment }: KeptResponse) {
  const { output } = response;
  return { input, output: Array.isArray(output) ? (output as readonly unknown[]) : [], deployment };
}

function there<Value>(value: Value | undefined, missing: () => GatewayError): Value {
  if (value === undefined) throw missing();
  return value;
}

function conversationNotFound(id: string): GatewayError {
  return new GatewayError('not_found', {
    message: `Conversation with id '${id.slice(0, 100)}' not found.`,
    param: 'conversation',
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
