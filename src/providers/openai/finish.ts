import type { Draft } from '../../kernel/draft.ts';
import type { Finish, FinishReason } from '../../protocol/chat/answer.ts';
import { someText } from './wire.ts';

const REASONS: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  // Servers of the family that hand on what their engine says: TGI, Mistral's older ones, vLLM's agents.
  eos: 'stop',
  eos_token: 'stop',
  end_turn: 'stop',
  stop_sequence: 'stop-sequence',
  length: 'length',
  max_tokens: 'length',
  model_length: 'context-length',
  tool_calls: 'tool-calls',
  tool_use: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
  refusal: 'refusal',
  error: 'error',
};

/** What a choice held, as far as it says why it ended. */
export interface FinishSigns {
  readonly toolCalls: boolean;
  readonly refused: boolean;
}

/**
 * Why a choice ended. A choice that calls tools ends for that, though OpenAI
 * says `stop` where the client forced the tool and others always do; so does one
 * that says it refuses.
 */
export function readFinish(value: unknown, { toolCalls, refused }: FinishSigns): Finish {
  const said = someText(value);
  const told = said === undefined ? 'other' : (REASONS[said] ?? 'other');
  const finish: Draft<Finish> = { reason: told };
  if (told === 'stop' || said === undefined) {
    if (toolCalls) finish.reason = 'tool-calls';
    else if (refused) finish.reason = 'refusal';
  }
  if (said !== undefined) finish.said = said;
  return finish;
}

type ChatFinish = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'function_call';

const OWN: ReadonlySet<string | undefined> = new Set(['stop', 'length', 'tool_calls', 'content_filter']);

const WORDS: Readonly<Record<FinishReason, ChatFinish>> = {
  stop: 'stop',
  'stop-sequence': 'stop',
  length: 'length',
  'context-length': 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  refusal: 'content_filter',
  pause: 'stop',
  error: 'stop',
  other: 'stop',
};

/**
 * One of the five words that clients of this dialect know; the provider's own
 * where it is one. A refusal that its provider has no word for stands in a text
 * of its own, and OpenAI ends such an answer as any other: at `content_filter`
 * its client throws the text away.
 */
export function finishWord({ reason, said }: Finish): string {
  if (reason === 'refusal' && said === undefined) return 'stop';
  return said !== undefined && OWN.has(said) ? said : WORDS[reason];
}
