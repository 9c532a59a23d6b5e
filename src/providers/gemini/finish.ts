import type { Finish, FinishReason } from '../../protocol/chat/answer.ts';

const REASONS: Readonly<Record<string, FinishReason>> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content-filter',
  RECITATION: 'content-filter',
  BLOCKLIST: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  SPII: 'content-filter',
  IMAGE_SAFETY: 'content-filter',
  IMAGE_PROHIBITED_CONTENT: 'content-filter',
  IMAGE_RECITATION: 'content-filter',
  MODEL_ARMOR: 'content-filter',
  MALFORMED_FUNCTION_CALL: 'error',
  MALFORMED_RESPONSE: 'error',
  UNEXPECTED_TOOL_CALL: 'error',
  TOO_MANY_TOOL_CALLS: 'error',
  CONTINUATION: 'pause',
};

/** Why a candidate ended. One that calls tools ends for that, whatever its provider says of a stop. */
export function readFinish(said: string | undefined, calls: boolean): Finish {
  if (said === undefined) return { reason: calls ? 'tool-calls' : 'other' };
  const reason = REASONS[said] ?? 'other';
  return { reason: reason === 'stop' && calls ? 'tool-calls' : reason, said };
}

/** The prompt was refused before there was an answer. @param said `promptFeedback.blockReason` */
export function blockedFinish(said: string): Finish {
  return { reason: 'content-filter', said };
}
