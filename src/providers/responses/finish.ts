import type { Draft } from '../../kernel/draft.ts';
import type { Finish, FinishReason } from '../../protocol/chat/answer.ts';
import { isObject, someText, type WireObject } from '../openai/wire.ts';
import { ownRestOf, restOf } from './wire.ts';

/** Why an answer is not complete (openai 7.55.0, Response.IncompleteDetails). */
const INCOMPLETE: Readonly<Record<string, FinishReason>> = {
  max_output_tokens: 'length',
  // As compatible servers say it.
  max_tokens: 'length',
  length: 'length',
  content_filter: 'content-filter',
};

/** What an answer held, as far as it says why it ended. */
export interface FinishSigns {
  readonly toolCalls: boolean;
  readonly refused: boolean;
}

const DETAILS = new Set(['reason']);

/** Why an answer ended: its status tells whether it is complete, and what it holds tells what for. */
export function readFinish(response: WireObject, { toolCalls, refused }: FinishSigns): Finish {
  const { status, incomplete_details: details } = response;
  if (status !== 'incomplete') return { reason: toolCalls ? 'tool-calls' : refused ? 'refusal' : 'stop' };
  const said = isObject(details) ? someText(details['reason']) : undefined;
  const reason = said !== undefined && Object.hasOwn(INCOMPLETE, said) ? INCOMPLETE[said] : undefined;
  const finish: Draft<Finish> = { reason: reason ?? 'other', said: said ?? 'incomplete' };
  const rest = isObject(details) ? restOf(details, DETAILS) : undefined;
  if (rest !== undefined) finish.rest = ownRestOf({ incomplete_details: rest.fields });
  return finish;
}
