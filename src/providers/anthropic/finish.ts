import type { Draft } from '../../kernel/draft.ts';
import type { Finish, FinishReason } from '../../protocol/chat/answer.ts';
import { type Fields, textIn } from '../fields.ts';
import { MESSAGES } from './wire.ts';

const REASON: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop-sequence',
  max_tokens: 'length',
  model_context_window_exceeded: 'context-length',
  tool_use: 'tool-calls',
  refusal: 'refusal',
  pause_turn: 'pause',
};

const SAID: Record<FinishReason, string> = {
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  'context-length': 'model_context_window_exceeded',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  refusal: 'refusal',
  pause: 'pause_turn',
  error: 'end_turn',
  other: 'end_turn',
};

/** `stop_reason`, `stop_sequence` and `stop_details`. A reason that is not known stays in `rest`, for its own dialect. */
export function readFinish(fields: Fields): Finish {
  const said = textIn(fields, 'stop_reason');
  const reason = said === undefined ? undefined : REASON[said];
  const finish: Draft<Finish> = { reason: reason ?? 'other' };
  if (said !== undefined) finish.said = said;
  const stopSequence = textIn(fields, 'stop_sequence');
  if (stopSequence !== undefined) finish.stopSequence = stopSequence;
  const rest: Record<string, unknown> = {};
  if (reason === undefined && said !== undefined) rest['stop_reason'] = said;
  const details = fields['stop_details'];
  if (details !== undefined && details !== null) rest['stop_details'] = details;
  if (Object.keys(rest).length > 0) finish.rest = { dialect: MESSAGES, fields: rest };
  return finish;
}

/** Why an answer ended, by this dialect's members for it. */
export interface WrittenFinish {
  readonly stop_reason: unknown;
  readonly stop_sequence: string | null;
  readonly stop_details: unknown;
}

/** @param facts what the answer holds that its provider's reason may not tell */
export function writeFinish(
  finish: Finish,
  facts: { readonly toolCalls: boolean; readonly refused: boolean },
): WrittenFinish {
  const own = finish.rest?.dialect === MESSAGES ? finish.rest.fields : undefined;
  return {
    stop_reason: own?.['stop_reason'] ?? SAID[reasonOf(finish, facts)],
    stop_sequence: finish.stopSequence ?? null,
    stop_details: own?.['stop_details'] ?? null,
  };
}

/** Some providers end an answer of tool calls, or a refusal, with a plain stop: clients go by the reason. */
function reasonOf({ reason, said }: Finish, facts: { toolCalls: boolean; refused: boolean }): FinishReason {
  if (reason !== 'stop' || said === 'end_turn') return reason;
  if (facts.toolCalls) return 'tool-calls';
  return facts.refused ? 'refusal' : reason;
}
