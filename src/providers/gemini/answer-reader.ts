import type { Draft } from '../../kernel/draft.ts';
import type { AnswerChoice, ChatAnswer } from '../../protocol/chat/answer.ts';
import type { AskedTools } from '../../protocol/chat/codec.ts';
import type { ContentPart, ReasoningPart, Rest, Signature } from '../../protocol/chat/content.ts';
import { type Fields, isFields, textIn } from '../fields.ts';
import { parseExactly } from '../tool-input.ts';
import { endedInError, notUnderstood, refuseAnswer } from './answer-errors.ts';
import { AnswerIds } from './answer-ids.ts';
import { ClientTools } from './asked-tools.ts';
import { blockedFinish, readFinish } from './finish.ts';
import { citationsOf, type GroundedText } from './grounding.ts';
import { errorInAnswer } from './judge.ts';
import { readLogprobs } from './logprobs.ts';
import { readPart } from './part-reader.ts';
import { readGeminiUsage } from './usage.ts';
import { GEMINI, objectsIn, restOf } from './wire.ts';

/** `usageMetadata` is kept whole too, because it counts more than is priced. */
const KNOWN = new Set(['candidates', 'modelVersion', 'responseId', 'createTime']);
const CANDIDATE = new Set(['content', 'finishReason', 'index', 'logprobsResult']);

/**
 * A whole GenerateContentResponse.
 *
 * @throws `upstream_error` that names what was not understood; an error object is thrown as what it says
 */
export function readAnswer(body: Buffer, asked?: AskedTools): ChatAnswer {
  const fields = responseOf(parsed(body));
  const ids = new AnswerIds();
  ids.name(textIn(fields, 'responseId'));
  const answer: Draft<ChatAnswer> = { choices: choicesOf(fields, ids, new ClientTools(asked)) };
  Object.assign(answer, headOf(fields));
  const usage = readGeminiUsage(fields['usageMetadata']);
  if (usage !== undefined) answer.usage = usage;
  const rest = restOf(fields, KNOWN);
  if (rest !== undefined) answer.rest = rest;
  return answer;
}

function parsed(body: Buffer): unknown {
  try {
    return parseExactly(body.toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw notUnderstood('it is not JSON');
    throw error;
  }
}

/** @throws the error that stands there, or `upstream_error` for what is no response */
export function responseOf(value: unknown): Fields {
  const only: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (!isFields(only)) throw notUnderstood('it is no JSON object');
  if (isFields(only['error'])) throw errorInAnswer(only['error']);
  return only;
}

/** Of an answer, whole or as an event of its stream: what names it. */
export function headOf(fields: Fields): Pick<Draft<ChatAnswer>, 'id' | 'model' | 'createdAt' | 'serviceTier'> {
  const head: Pick<Draft<ChatAnswer>, 'id' | 'model' | 'createdAt' | 'serviceTier'> = {};
  const id = textIn(fields, 'responseId');
  if (id !== undefined && id !== '') head.id = id;
  const model = textIn(fields, 'modelVersion');
  if (model !== undefined && model !== '') head.model = model;
  const created = Date.parse(textIn(fields, 'createTime') ?? '');
  if (Number.isFinite(created)) head.createdAt = Math.floor(created / 1_000);
  const usage = fields['usageMetadata'];
  const tier = isFields(usage) ? textIn(usage, 'serviceTier') : undefined;
  if (tier !== undefined) head.serviceTier = tier;
  return head;
}

/** What is said of the prompt when it is refused: a choice that holds nothing. */
export function blockedChoice(fields: Fields): AnswerChoice | undefined {
  const feedback = fields['promptFeedback'];
  const said = isFields(feedback) ? textIn(feedback, 'blockReason') : undefined;
  if (said === undefined || !isFields(feedback)) return undefined;
  const rest: Rest = { dialect: GEMINI, fields: { promptFeedback: feedback } };
  return { index: 0, parts: [], finish: { ...blockedFinish(said), rest } };
}

function choicesOf(fields: Fields, ids: AnswerIds, tools: ClientTools): AnswerChoice[] {
  const candidates = objectsIn(fields['candidates']);
  if (candidates.length > 0) return candidates.map((candidate, at) => choiceOf(candidate, at, ids, tools));
  const blocked = blockedChoice(fields);
  if (blocked === undefined) throw notUnderstood('it has no candidates');
  return [blocked];
}

function choiceOf(candidate: Fields, at: number, ids: AnswerIds, tools: ClientTools): AnswerChoice {
  const index = indexOf(candidate, at);
  const parts = grounded(partsOf(candidate, index, ids), candidate).map((part) => tools.asAsked(part));
  const calls = parts.some(({ type }) => type === 'tool-call');
  const finish = readFinish(textIn(candidate, 'finishReason'), calls);
  if (finish.reason === 'error' && parts.length === 0) throw endedInError(finish.said);
  const choice: Draft<AnswerChoice> = { index, parts, finish };
  const logprobs = readLogprobs(candidate['logprobsResult']);
  if (logprobs !== undefined) choice.logprobs = logprobs;
  const rest = candidateRest(candidate);
  if (rest !== undefined) choice.rest = rest;
  return choice;
}

export function indexOf(candidate: Fields, at: number): number {
  const { index } = candidate;
  return typeof index === 'number' && Number.isSafeInteger(index) && index >= 0 ? index : at;
}

/** Of a candidate, what only this dialect knows: ratings, what a search found, words on why it ended. */
export function candidateRest(candidate: Fields): Rest | undefined {
  return restOf(candidate, CANDIDATE);
}

function partsOf(candidate: Fields, index: number, ids: AnswerIds): ContentPart[] {
  const { content } = candidate;
  if (!isFields(content)) return [];
  const parts: ContentPart[] = [];
  for (const [at, part] of objectsIn(content['parts']).entries()) {
    const read = readPart(part, `candidates[${index}].content.parts[${at}]`, ids, refuseAnswer);
    const last = parts.at(-1);
    if (last !== undefined && endsPart(read, last, part['thought'] === true)) {
      parts[parts.length - 1] = { ...last, signature: read.signature } as ContentPart;
    } else if (!isNothing(read)) parts.push(read);
  }
  return parts;
}

/** Providers send texts, thoughts and whole parts in which there is nothing. */
export function isNothing(part: ContentPart): boolean {
  if (part.type === 'other') return Object.keys(part.source.fields).length === 0;
  const bare = part.type === 'text' || part.type === 'reasoning';
  return bare && (part.text ?? '') === '' && part.signature === undefined && part.rest === undefined;
}

/** The signature of a text, or of a thought, may follow it in a part of its own. */
function endsPart(
  read: ContentPart,
  last: ContentPart,
  thought: boolean,
): read is ReasoningPart & { readonly signature: Signature } {
  if (read.type !== 'reasoning' || read.text !== undefined || read.signature === undefined) return false;
  const kind = last.type === 'reasoning' || (last.type === 'text' && !thought);
  return kind && last.signature === undefined;
}

function grounded(parts: ContentPart[], candidate: Fields): ContentPart[] {
  const places = [...parts.entries()].flatMap(([at, part]) => (part.type === 'text' ? [{ at, text: part.text }] : []));
  const texts = places.map(({ at, text }): GroundedText => ({ text, partIndex: at }));
  const whole = [...parts];
  for (const { textIndex, citation } of citationsOf(candidate, texts)) {
    const at = places[textIndex]?.at ?? -1;
    const part = whole[at];
    if (part?.type === 'text') whole[at] = { ...part, citations: [...(part.citations ?? []), citation] };
  }
  return whole;
}
