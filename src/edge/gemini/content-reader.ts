import type { Draft } from '../../kernel/draft.ts';
import type { ChatMessage } from '../../protocol/chat/call.ts';
import type { ContentPart, ToolResultPart } from '../../protocol/chat/content.ts';
import { standsAt } from '../../protocol/chat/places.ts';
import { type Fields, isFields, textIn } from '../../providers/fields.ts';
import { readPart } from '../../providers/gemini/part-reader.ts';
import { GEMINI, restOf } from '../../providers/gemini/wire.ts';
import { ConversationIds } from './conversation-ids.ts';
import { listIn, objectIn, refuseCall, wordIn } from './field-reader.ts';
import { joinedParts, type Piece } from './part-joiner.ts';
import { unsealed } from './seals.ts';

const CONTENT = new Set(['role', 'parts']);
const ROLES = new Map<string, ChatMessage['role']>([
  ['', 'user'],
  ['user', 'user'],
  // What answered functions, before that was the user's.
  ['function', 'user'],
  ['tool', 'user'],
  ['model', 'assistant'],
]);

interface Turn {
  readonly role: ChatMessage['role'];
  readonly pieces: Piece[];
  readonly rest: ChatMessage['rest'];
}

/** The system's instruction, as the first message where there is one, and a message for each turn. */
export function readContents(fields: Fields): ChatMessage[] {
  const contents = listIn(fields, 'contents');
  if (contents === undefined) return refuseCall('contents', 'contents is not specified');
  const ids = new ConversationIds();
  const turns: Turn[] = [];
  const instruction = objectIn(fields, 'systemInstruction');
  const pieces = instruction === undefined ? [] : readPieces(instruction, 'systemInstruction', ids);
  if (pieces.length > 0) turns.push({ role: 'system', pieces, rest: undefined });
  for (const [at, content] of contents.entries()) addContent(turns, content, `contents[${at}]`, ids);
  return turns.map(messageOf);
}

function messageOf({ role, pieces, rest }: Turn): ChatMessage {
  const parts = role === 'assistant' ? joinedParts(pieces) : pieces.map(({ part }) => part);
  return rest === undefined ? { role, parts } : { role, parts, rest };
}

function addContent(turns: Turn[], content: unknown, place: string, ids: ConversationIds): void {
  if (!isFields(content)) return refuseCall(place, 'must be an object');
  const role = ROLES.get(wordIn(content, 'role', `${place}.`) ?? '');
  if (role === undefined) return refuseCall(`${place}.role`, 'Please use a valid role: user, model.');
  const pieces = readPieces(content, place, ids);
  const rest = restOf(content, CONTENT);
  const last = turns.at(-1);
  // Google's own client keeps each event of a stream as a turn of its own.
  const goesOn = role === 'assistant' && last?.role === role && last.rest === undefined && rest === undefined;
  if (goesOn) last.pieces.push(...pieces);
  else turns.push({ role, pieces, rest });
}

function readPieces(content: Fields, place: string, ids: ConversationIds): Piece[] {
  const read: Piece[] = [];
  for (const [at, part] of (listIn(content, 'parts', `${place}.`) ?? []).entries()) {
    const here = `${place}.parts[${at}]`;
    if (!isFields(part)) return refuseCall(here, 'must be an object');
    addPart(read, part, here, ids);
  }
  return read;
}

function addPart(read: Piece[], part: Fields, place: string, ids: ConversationIds): void {
  if (isFields(part['functionResponse'])) {
    read.push({ part: standsAt(readResult(part, part['functionResponse'], place, ids), place), seal: 'none' });
    return;
  }
  const piece = unsealed(readPart(part, place, ids, refuseCall));
  const one = standsAt(piece.part, place);
  if (one.type === 'tool-call') ids.asked(one);
  const last = read.at(-1)?.part;
  // The signature of a text may follow it in a part of its own.
  const trails = one.type === 'reasoning' && one.text === undefined && part['thought'] !== true;
  if (trails && last?.type === 'text' && last.signature === undefined && one.signature !== undefined) {
    read[read.length - 1] = { part: standsAt({ ...last, signature: one.signature }, place), seal: piece.seal };
  } else read.push(piece);
}

const RESULT = new Set(['functionResponse']);
const RESPONSE = new Set(['id', 'name', 'response', 'parts']);

function readResult(part: Fields, response: Fields, place: string, ids: ConversationIds): ToolResultPart {
  const here = `${place}.functionResponse`;
  const call = ids.answered(someText(response, 'id'), someText(response, 'name'));
  const said = objectIn(response, 'response', `${here}.`);
  const isError = said !== undefined && onlyMember(said, 'error') !== undefined;
  const result: Draft<ToolResultPart> = {
    type: 'tool-result',
    callId: call.id,
    parts: [...saidParts(said), ...mediaParts(response, here, ids)],
  };
  if (call.name !== undefined) result.name = call.name;
  if (isError) result.isError = true;
  const inside = restOf(response, RESPONSE)?.fields;
  const rest = { ...restOf(part, RESULT)?.fields, ...(inside === undefined ? {} : { functionResponse: inside }) };
  if (Object.keys(rest).length > 0) result.rest = { dialect: GEMINI, fields: rest };
  return result;
}

/** A text that stands in `output` or `error` alone is that text; any other object is told as its JSON. */
function saidParts(said: Fields | undefined): ContentPart[] {
  if (said === undefined) return [];
  const text = onlyMember(said, 'output') ?? onlyMember(said, 'error') ?? JSON.stringify(said);
  return [{ type: 'text', text }];
}

function onlyMember(fields: Fields, name: string): string | undefined {
  return Object.keys(fields).length === 1 ? textIn(fields, name) : undefined;
}

function mediaParts(response: Fields, place: string, ids: ConversationIds): ContentPart[] {
  return (listIn(response, 'parts', `${place}.`) ?? []).map((each, at) => {
    const here = `${place}.parts[${at}]`;
    return isFields(each)
      ? standsAt(readPart(each, here, ids, refuseCall), here)
      : refuseCall(here, 'must be an object');
  });
}

function someText(fields: Fields, name: string): string | undefined {
  const text = textIn(fields, name);
  return text === '' ? undefined : text;
}
