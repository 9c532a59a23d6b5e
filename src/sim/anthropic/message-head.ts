import type { CallContext } from '../dialect.ts';
import { alphanumeric } from '../draws.ts';
import type { JsonObject } from '../json-object.ts';
import type { Answer } from './answer.ts';

/** What stands at the front of a message. */
export function messageHead(model: string, { random }: CallContext): JsonObject {
  return { model, id: `msg_${alphanumeric(random, 24)}`, type: 'message', role: 'assistant' };
}

/** Why a message ended: in a body with the message, in a stream in its `message_delta`. */
export function messageEnd(
  { stopReason, stopSequence, container }: Answer,
  { random, nowMs }: CallContext,
): JsonObject {
  const refused = { type: 'refusal', category: null, explanation: null };
  return {
    ...(container === undefined ? {} : { container: containerOf(alphanumeric(random, 24), nowMs) }),
    stop_reason: stopReason,
    stop_sequence: stopSequence,
    stop_details: stopReason === 'refusal' ? refused : null,
  };
}

const CONTAINER_LIFE_MS = 3_600_000;

function containerOf(id: string, nowMs: number): JsonObject {
  return { id: `container_${id}`, expires_at: new Date(nowMs + CONTAINER_LIFE_MS).toISOString(), skills: null };
}
