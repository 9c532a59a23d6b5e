import { createHash } from 'node:crypto';
import type { ChatMessage } from '../../protocol/chat/call.ts';
import type {
  ContentPart,
  ImagePart,
  ReasoningPart,
  RedactedReasoningPart,
  RefusalPart,
  TextPart,
  ToolCallPart,
} from '../../protocol/chat/content.ts';
import { shortCallId, shortName } from '../openai/short-names.ts';
import type { WireObject } from '../openai/wire.ts';
import { type CallWriting, markCache, unsayable } from './call-losses.ts';
import { itemOf } from './item-reader.ts';
import { partRest } from './part-writer.ts';
import { reasoningJson } from './reasoning.ts';
import { CALL_ID_CHARS_MAX } from './result-writer.ts';
import { ownFields, RESPONSES, withRest } from './wire.ts';

type Said = TextPart | RefusalPart;

/**
 * A turn of the assistant's as the items that it was, or would have been, in
 * their order.
 */
export function assistantItems(
  { parts }: ChatMessage,
  placeOf: (part: number) => string,
  writing: CallWriting,
): WireObject[] {
  const items: WireObject[] = [];
  const thoughts: Thought[] = [];
  let said: Said[] = [];
  const add = (item: WireObject) => {
    thoughts.length = 0;
    items.push(item);
  };
  const flush = () => {
    if (said.length > 0) add(messageJson(said));
    said = [];
  };
  for (const [at, part] of parts.entries()) {
    const place = placeOf(at);
    if (part.cache !== undefined) markCache({}, part.cache, place, writing);
    const text = spoken(part);
    const [before] = said;
    if (text === undefined || (before !== undefined && !sameItem(before, text))) flush();
    if (text !== undefined) {
      said.push(text);
      continue;
    }
    const item = itemJson(part, place, writing);
    if (item?.['type'] === 'reasoning') thoughts.push({ at: items.push(item) - 1, place });
    else if (item !== undefined) add(item);
  }
  flush();
  return withoutTrailing(items, thoughts, writing);
}

/** A thought that nothing has followed yet. */
interface Thought {
  readonly at: number;
  readonly place: string;
}

/** The API refuses a thought without what it led to ("provided without its required following item"). */
function withoutTrailing(items: WireObject[], thoughts: readonly Thought[], { lose }: CallWriting): WireObject[] {
  const [first] = thoughts;
  if (first === undefined) return items;
  for (const { place } of thoughts) lose(place, 'a thought that led to nothing is not taken back');
  return items.slice(0, first.at);
}

/** What a part says in words, and of sound what was said in it. */
function spoken(part: ContentPart): Said | undefined {
  if (part.type === 'text' || part.type === 'refusal') return part;
  if (part.type !== 'audio' || part.transcript === undefined) return undefined;
  return { type: 'text', text: part.transcript };
}

function sameItem(one: Said, other: Said): boolean {
  return JSON.stringify(itemOf(one)) === JSON.stringify(itemOf(other));
}

/** Without anything but text, and not as an item of the provider's own, it is what every server takes: a text. */
function messageJson(said: readonly Said[]): WireObject {
  const [first] = said;
  const item = first === undefined ? undefined : itemOf(first);
  const plain = item === undefined && said.every((part) => part.type === 'text' && part.rest?.dialect !== RESPONSES);
  const content = plain ? said.map(({ text }) => text).join('') : said.map(saidJson);
  return { ...item, type: 'message', role: 'assistant', content };
}

function saidJson(part: Said): WireObject {
  if (part.type === 'refusal') return { ...partRest(part), type: 'refusal', refusal: part.text };
  const own = part.citations?.filter(({ source }) => source.dialect === RESPONSES) ?? [];
  return {
    ...partRest(part),
    type: 'output_text',
    text: part.text,
    annotations: own.map(({ source }) => source.fields),
  };
}

function itemJson(part: ContentPart, place: string, writing: CallWriting): WireObject | undefined {
  switch (part.type) {
    case 'reasoning':
      return thoughtJson(part, place, writing);
    case 'redacted-reasoning':
      return sealedJson(part, place, writing);
    case 'tool-call':
      return callJson(part);
    case 'image':
      return madeImageJson(part, place);
    case 'hosted-call':
    case 'hosted-result':
      if (part.source.dialect === RESPONSES) return part.source.fields;
      throw unsayable(place, 'what a tool of another provider did cannot be told there');
    case 'other':
      if (part.source.dialect === RESPONSES) return part.source.fields;
      if (!part.name.startsWith('reasoning')) throw unsayable(place, 'a part of this type is not known there');
      writing.lose(place, FOREIGN);
      return undefined;
    default:
      throw unsayable(place, `a ${part.type} of the assistant's has no place there`);
  }
}

const FOREIGN = 'a thought that this provider did not seal is not sent to it';

/**
 * A thought goes back with what its maker sealed. OpenAI takes no other one;
 * whoever is known to take thoughts back by their text gets that.
 */
function thoughtJson(part: ReasoningPart, place: string, writing: CallWriting): WireObject | undefined {
  if (part.encrypted?.dialect === RESPONSES) return reasoningJson(part);
  const { text, encrypted, signature } = part;
  if (text !== undefined && writing.traits.reasoningField !== undefined) return reasoningJson(part);
  // Of a thought that was never shown nor sealed, there is only a name, which nobody else knows.
  if (text !== undefined || encrypted !== undefined || signature !== undefined) writing.lose(place, FOREIGN);
  return undefined;
}

function sealedJson({ data }: RedactedReasoningPart, place: string, writing: CallWriting): WireObject | undefined {
  if (data.dialect === RESPONSES) return { type: 'reasoning', summary: [], encrypted_content: data.value };
  writing.lose(place, FOREIGN);
  return undefined;
}

function callJson({ kind, id, name, arguments: given, rest }: ToolCallPart): WireObject {
  const named = { call_id: shortCallId(id, CALL_ID_CHARS_MAX), name: shortName(name) };
  return withRest(
    kind === 'custom'
      ? { type: 'custom_tool_call', ...named, input: given }
      : { type: 'function_call', ...named, arguments: given.trim() === '' ? '{}' : given },
    rest,
  );
}

/** A picture of the assistant's is one that it had made: its own with all that was said of it, another's as one of a made id. */
function madeImageJson({ source, rest }: ImagePart, place: string): WireObject {
  if (source.kind !== 'bytes') throw unsayable(place, 'a picture of the assistant is known there by its bytes alone');
  const own = ownFields(rest);
  const id =
    typeof own['id'] === 'string'
      ? {}
      : { id: `ig_${createHash('sha256').update(source.base64).digest('hex').slice(0, 48)}` };
  return { status: 'completed', ...own, ...id, type: 'image_generation_call', result: source.base64 };
}
