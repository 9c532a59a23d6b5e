import type { Draft } from '../../kernel/draft.ts';
import type { AnswerChoice, ChatAnswer } from '../../protocol/chat/answer.ts';
import type { AskedTools } from '../../protocol/chat/codec.ts';
import { readSearchResults } from './annotations.ts';
import { readAssistant, withCitations } from './assistant-message.ts';
import { endedInError, errorInAnswer } from './error-inside.ts';
import { readFinish } from './finish.ts';
import { readLogprobs } from './logprobs.ts';
import { WholeNames } from './short-names.ts';
import { madeCallId } from './tool-calls.ts';
import { readUsage } from './usage.ts';
import { answerMisfit, isObject, notUnderstood, ownRestOf, restOf, someText, type WireObject } from './wire.ts';

const ANSWER_NAMES = new Set(['id', 'object', 'created', 'model', 'choices', 'usage', 'service_tier']);
const CHOICE_NAMES = new Set(['index', 'message', 'finish_reason']);

/**
 * Reads a whole answer of the Chat Completions family. What only some of it
 * say is kept; what is no answer at all is refused, so that nothing empty
 * passes for a success.
 *
 * @throws `upstream_error` naming what was not understood, or the error that stands in the place of an answer
 */
export function readAnswer(body: Buffer, asked?: AskedTools): ChatAnswer {
  const fields = parsed(body);
  const { choices } = fields;
  if (fields['error'] !== undefined && fields['error'] !== null && choices === undefined) {
    throw errorInAnswer(fields['error']);
  }
  if (!Array.isArray(choices) || choices.length === 0) {
    throw notUnderstood('its body has no `choices`');
  }
  const answer: Draft<ChatAnswer> = {
    choices: choices.map((choice, at) => wholeNamed(readChoice(choice, at, fields), asked)),
  };
  const id = someText(fields['id']);
  if (id !== undefined) answer.id = id;
  const model = someText(fields['model']);
  if (model !== undefined) answer.model = model;
  if (typeof fields['created'] === 'number') answer.createdAt = fields['created'];
  const usage = readUsage(fields['usage'], fields);
  if (usage !== undefined) answer.usage = usage;
  const tier = someText(fields['service_tier']);
  if (tier !== undefined) answer.serviceTier = tier;
  const rest = restOf(fields, ANSWER_NAMES);
  if (rest !== undefined) answer.rest = rest;
  return answer;
}

/** Names that were too long for this dialect are the client's again. */
function wholeNamed(choice: AnswerChoice, asked: AskedTools | undefined): AnswerChoice {
  if (asked?.longNames === undefined) return choice;
  const names = new WholeNames(asked.longNames);
  const parts = choice.parts.map((part) => (part.type === 'tool-call' ? { ...part, name: names.of(part.name) } : part));
  return { ...choice, parts };
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

function readChoice(choice: unknown, at: number, answer: WireObject): AnswerChoice {
  const place = `choices[${at}]`;
  if (!isObject(choice)) throw answerMisfit(place, 'an object');
  const { message } = choice;
  // OpenRouter puts an error that came midway beside what had been said by then.
  if (isObject(choice['error'])) throw errorInAnswer(choice['error']);
  if (choice['finish_reason'] === 'error') throw endedInError();
  if (!isObject(message)) throw answerMisfit(`${place}.message`, 'an object');
  if (Object.keys(message).length === 0) throw notUnderstood(`\`${place}.message\` is empty`);
  const id = someText(answer['id']);
  const read = readAssistant(message, `${place}.message`, answerMisfit, (call) => madeCallId(call, id));
  const found = readSearchResults(answer);
  const speaks = read.parts.some(({ type }) => type === 'text');
  const parts = found.length === 0 || !speaks ? read.parts : withCitations(read.parts, found);
  const made: Draft<AnswerChoice> = {
    index: typeof choice['index'] === 'number' ? choice['index'] : at,
    parts,
    finish: readFinish(choice['finish_reason'], {
      toolCalls: parts.some(({ type }) => type === 'tool-call'),
      refused: parts.some(({ type }) => type === 'refusal'),
    }),
  };
  putLogprobs(made, choice);
  const rest = choiceRest(choice, read.rest?.fields, made.logprobs !== undefined || made.refusalLogprobs !== undefined);
  if (rest !== undefined) made.rest = rest;
  return made;
}

function putLogprobs(made: Draft<AnswerChoice>, choice: WireObject): void {
  const logprobs = readLogprobs(choice['logprobs']);
  if (logprobs?.content !== undefined) made.logprobs = logprobs.content;
  if (logprobs?.refusal !== undefined) made.refusalLogprobs = logprobs.refusal;
}

/** What of a choice and of its message is not known, the message's under `message`. Probabilities in another form are kept. */
function choiceRest(choice: WireObject, message: WireObject | undefined, probable: boolean): AnswerChoice['rest'] {
  const more: Record<string, unknown> = { ...restOf(choice, CHOICE_NAMES)?.fields };
  if (probable || more['logprobs'] === null) delete more['logprobs'];
  if (message !== undefined) more['message'] = message;
  return Object.keys(more).length === 0 ? undefined : ownRestOf(more);
}
