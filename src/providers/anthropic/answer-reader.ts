import type { Draft } from '../../kernel/draft.ts';
import type { AnswerChoice, ChatAnswer } from '../../protocol/chat/answer.ts';
import type { AskedTools } from '../../protocol/chat/codec.ts';
import type { ContentPart } from '../../protocol/chat/content.ts';
import { type Fields, isFields, textIn } from '../fields.ts';
import { parseExactly, plainInputOf } from '../tool-input.ts';
import { errorOf, notUnderstood, refuseAnswer } from './answer-errors.ts';
import { readBlocks } from './block-reader.ts';
import { readFinish } from './finish.ts';
import { readAnthropicUsage } from './usage.ts';
import { MESSAGES } from './wire.ts';

/** What of a message has a word of its own; `usage` is kept whole too, because it counts more than is priced. */
const KNOWN = new Set(['type', 'role', 'id', 'model', 'content', 'stop_reason', 'stop_sequence', 'stop_details']);

/**
 * A whole Messages answer.
 *
 * @throws `upstream_error` that names what was not understood; an error object is thrown as what it says
 */
export function readAnswer(body: Buffer, asked?: AskedTools): ChatAnswer {
  const fields = messageOf(body);
  const parts = readBlocks(fields['content'], 'content', refuseAnswer).map((part) => asAsked(part, asked));
  const choice: AnswerChoice = { index: 0, parts, finish: readFinish(fields) };
  const answer: Draft<ChatAnswer> = { choices: [choice] };
  const id = textIn(fields, 'id');
  if (id !== undefined) answer.id = id;
  const model = textIn(fields, 'model');
  if (model !== undefined) answer.model = model;
  const raw = fields['usage'];
  const usage = readAnthropicUsage(raw);
  if (usage !== undefined) answer.usage = usage;
  const tier = isFields(raw) ? textIn(raw, 'service_tier') : undefined;
  if (tier !== undefined) answer.serviceTier = tier;
  answer.rest = { dialect: MESSAGES, fields: messageRest(fields) };
  return answer;
}

function messageOf(body: Buffer): Fields {
  let value: unknown;
  try {
    value = parseExactly(body.toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw notUnderstood('it is not JSON');
    throw error;
  }
  if (!isFields(value)) throw notUnderstood('it is no JSON object');
  if (value['type'] === 'error' || isFields(value['error'])) throw errorOf(value['error']);
  if (!Array.isArray(value['content'])) throw notUnderstood('it is a JSON object without a list `content`');
  return value;
}

/** Of a message, whole or as a stream begins it: what only this dialect knows. */
export function messageRest(fields: Fields): Fields {
  const rest: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (!KNOWN.has(name) && value !== null && value !== undefined) rest[name] = value;
  }
  return rest;
}

/** A function call that is meant for a tool which the client has as a custom one. */
function asAsked(part: ContentPart, asked: AskedTools | undefined): ContentPart {
  if (part.type !== 'tool-call' || asked?.customTools?.has(part.name) !== true) return part;
  return { ...part, kind: 'custom', arguments: plainInputOf(part.arguments) };
}
