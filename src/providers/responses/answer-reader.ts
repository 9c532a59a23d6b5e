import type { Draft } from '../../kernel/draft.ts';
import type { AnswerChoice, ChatAnswer } from '../../protocol/chat/answer.ts';
import type { AskedTools } from '../../protocol/chat/codec.ts';
import type { ContentPart } from '../../protocol/chat/content.ts';
import { WholeNames } from '../openai/short-names.ts';
import { isObject, someText, type WireObject } from '../openai/wire.ts';
import { cancelled, errorOf } from './answer-errors.ts';
import { type FinishSigns, readFinish } from './finish.ts';
import { readItem } from './item-reader.ts';
import { tokensOf } from './logprobs.ts';
import { responseUsage } from './usage.ts';
import { answerMisfit, notUnderstood, restOf } from './wire.ts';

const KNOWN = new Set([
  'id',
  'object',
  'created_at',
  'model',
  'output',
  'usage',
  'service_tier',
  'status',
  'error',
  'incomplete_details',
]);

/**
 * Reads a whole answer of the Responses API.
 *
 * @throws `upstream_error` naming what was not understood; an answer that failed, and an error in the place of an
 *   answer, are thrown as what they say
 */
export function readAnswer(body: Buffer, asked?: AskedTools): ChatAnswer {
  const response = parsed(body);
  const { output } = response;
  throwFailure(response);
  if (!Array.isArray(output)) throw notUnderstood('its body has no `output`');
  const read = output.flatMap((item, at) => readItem(item, `output[${at}]`, answerMisfit));
  const parts = wholeNamed(read.filter(saysSomething), asked);
  const choice: Draft<AnswerChoice> = { index: 0, parts, finish: readFinish(response, signsOf(parts)) };
  const logprobs = tokensOf(output);
  if (logprobs.length > 0) choice.logprobs = logprobs;
  const answer: Draft<ChatAnswer> = { ...headOf(response), choices: [choice] };
  const usage = responseUsage(response);
  if (usage !== undefined) answer.usage = usage;
  const tier = someText(response['service_tier']);
  if (tier !== undefined) answer.serviceTier = tier;
  return answer;
}

function parsed(body: Buffer): WireObject {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw notUnderstood('its body is not complete JSON', cause);
  }
  if (!isObject(value)) throw notUnderstood('its body is not a JSON object');
  return value;
}

/** An answer that is not there yet would be asked for again; nothing here asks for such a one. */
function throwFailure({ status, error, output }: WireObject): void {
  if (status === 'failed' || (isObject(error) && !Array.isArray(output))) throw errorOf(error);
  if (status === 'cancelled') throw cancelled();
  if (status === 'queued' || status === 'in_progress') throw notUnderstood(`its status is \`${status}\``);
}

/** What an answer says of itself, at its beginning in a stream and in a whole one. */
export function headOf(response: WireObject): Pick<ChatAnswer, 'id' | 'model' | 'createdAt' | 'rest'> {
  const head: Draft<Pick<ChatAnswer, 'id' | 'model' | 'createdAt' | 'rest'>> = {};
  const id = someText(response['id']);
  if (id !== undefined) head.id = id;
  const model = someText(response['model']);
  if (model !== undefined) head.model = model;
  if (typeof response['created_at'] === 'number') head.createdAt = response['created_at'];
  const rest = restOf(response, KNOWN);
  if (rest !== undefined) head.rest = rest;
  return head;
}

function signsOf(parts: readonly ContentPart[]): FinishSigns {
  return {
    toolCalls: parts.some(({ type }) => type === 'tool-call'),
    refused: parts.some(({ type }) => type === 'refusal'),
  };
}

/** An empty text says nothing, nor does a thought of which nothing is shown and nothing can be sent back. */
function saysSomething(part: ContentPart): boolean {
  if (part.type === 'text') return part.text !== '' || part.citations !== undefined;
  if (part.type === 'refusal') return part.text !== '';
  return part.type !== 'reasoning' || part.text !== undefined || part.encrypted !== undefined;
}

/** Names that were too long for this dialect are the client's again. */
function wholeNamed(parts: readonly ContentPart[], asked: AskedTools | undefined): readonly ContentPart[] {
  if (asked?.longNames === undefined) return parts;
  const names = new WholeNames(asked.longNames);
  return parts.map((part) => (part.type === 'tool-call' ? { ...part, name: names.of(part.name) } : part));
}
