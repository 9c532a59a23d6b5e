import type { Draft } from '../../kernel/draft.ts';
import type { ContentPart, ImagePart, OtherPart, ToolCallPart } from '../../protocol/chat/content.ts';
import { argumentsText } from '../openai/tool-calls.ts';
import { isObject, type Misfit, someText, type WireObject } from '../openai/wire.ts';
import { readContent } from './content-reader.ts';
import { hostedArguments, hostedId, hostedItem, hostedName } from './hosted-items.ts';
import { readReasoning } from './reasoning.ts';
import { ownFields, ownRestOf, restOf } from './wire.ts';

/**
 * An item of the assistant's, of an answer as of a history: what it says, what
 * it thought, what it calls. A message has several parts, each with what is
 * known of its item in `rest` (`itemOf`). An item that is not known is a part
 * `other`; of a hosted tool's, the whole item is its `source`.
 *
 * @throws what `misfit` makes
 */
export function readItem(item: unknown, place: string, misfit: Misfit): ContentPart[] {
  if (!isObject(item)) throw misfit(place, 'an object');
  const type = someText(item['type']) ?? 'message';
  switch (type) {
    case 'message':
      return readMessage(item, place, misfit);
    case 'reasoning':
      return [readReasoning(item)];
    case 'function_call':
    case 'custom_tool_call':
      return [readCall(item, place, misfit)];
    case 'image_generation_call':
      return [readMadeImage(item) ?? readOther(type, item)];
    default:
      return [readOther(type, item)];
  }
}

const MESSAGE = new Set(['type', 'role', 'content']);

function readMessage(item: WireObject, place: string, misfit: Misfit): ContentPart[] {
  const about = restOf(item, MESSAGE)?.fields;
  const parts = readContent(item['content'], `${place}.content`, misfit);
  return about === undefined ? parts : parts.map((part) => withItem(part, about));
}

/** Under which name a part of a message keeps what is said of the message as a whole. */
export const ITEM = 'item';

function withItem(part: ContentPart, item: WireObject): ContentPart {
  if (part.type === 'other') return part;
  return { ...part, rest: ownRestOf({ ...ownFields(part.rest), [ITEM]: item }) };
}

/** What is said of the message item (`id`, `status`, `phase`) that a part belongs to; parts of one item share it. */
export function itemOf(part: ContentPart): WireObject | undefined {
  const item = 'rest' in part ? ownFields(part.rest)[ITEM] : undefined;
  return isObject(item) ? item : undefined;
}

const CALL = new Set(['type', 'call_id', 'name', 'arguments']);
const CUSTOM_CALL = new Set(['type', 'call_id', 'name', 'input']);

/** A call of one of the client's tools: its id is the `call_id`, that of the item stays beside it. */
function readCall(item: WireObject, place: string, misfit: Misfit): ToolCallPart {
  const custom = item['type'] === 'custom_tool_call';
  const name = someText(item['name']);
  if (name === undefined) throw misfit(`${place}.name`, 'a name');
  const id = someText(item['call_id']) ?? someText(item['id']);
  if (id === undefined) throw misfit(`${place}.call_id`, 'an id');
  const part: Draft<ToolCallPart> = {
    type: 'tool-call',
    kind: custom ? 'custom' : 'function',
    id,
    name,
    arguments: argumentsText(custom ? item['input'] : item['arguments']),
  };
  const rest = callRest(item);
  if (rest !== undefined) part.rest = rest;
  return part;
}

/** What of a call's item is beyond the call. Of a stream's, that it is not complete yet says nothing. */
export function callRest(item: WireObject): ToolCallPart['rest'] {
  const { status, ...more } = item;
  const known = item['type'] === 'custom_tool_call' ? CUSTOM_CALL : CALL;
  return restOf(status === 'in_progress' ? more : item, known);
}

const MADE_IMAGE = new Set(['type', 'result']);

/** A picture that the model had made. `undefined` for one that failed. */
function readMadeImage(item: WireObject): ImagePart | undefined {
  const base64 = someText(item['result']);
  if (base64 === undefined) return undefined;
  const format = someText(item['output_format']) ?? 'png';
  const mediaType = format === 'svg' ? 'image/svg+xml' : `image/${format}`;
  const part: Draft<ImagePart> = { type: 'image', source: { kind: 'bytes', mediaType, base64 } };
  const rest = restOf(item, MADE_IMAGE);
  if (rest !== undefined) part.rest = rest;
  return part;
}

/** What a tool of the provider's was asked or answered, or an item that is not known: all of it as it came. */
function readOther(type: string, item: WireObject): ContentPart {
  const source = ownRestOf(item);
  const hosted = hostedItem(type);
  if (hosted === undefined) return { type: 'other', name: type, source } satisfies OtherPart;
  const id = hostedId(item);
  if (hosted.tells === 'result') return { type: 'hosted-result', tool: hosted.tool, callId: id, source };
  const name = hostedName(type, item);
  return { type: 'hosted-call', tool: hosted.tool, id, name, arguments: hostedArguments(item), source };
}
